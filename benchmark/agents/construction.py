"""An agent is made; where its class refuses a setting, the message says who had set it."""

from __future__ import annotations

import re

from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import AgentSettings
from benchmark.errors import UserError, with_type
from benchmark.interface import Agent, TaskInfo


def make_agent(choice: AgentChoice, task: TaskInfo, settings: AgentSettings, device: str) -> Agent:
    """Makes an agent with its settings on a task.

    Args:
        choice: as the user asked for it.
        task: what the agent is told about its task.
        settings: what it is made with.
        device: name of a torch device.

    Raises:
        UserError: if it cannot be made; the message has the agent's own words, which name what is
            valid, and where the setting came from.
    """
    agent = agent_class(choice.source or choice.name)
    try:
        return agent(task, settings.values, device)
    except (Exception, SystemExit) as error:  # Other people's class may raise anything.
        words = " ".join(str(error).split())
        # An agent's own refusal is a ValueError; of all others the type says more.
        reason = words if isinstance(error, ValueError) and words else with_type(error)
        raise UserError(
            f"agent {choice.name!r} cannot be made for {task.name}: {reason}; "
            f"{_origins(words, settings)}; correct it there"
        ) from error


def _origins(words: str, settings: AgentSettings) -> str:
    """Where the settings come from that a message speaks of, or else all of them."""
    # What follows a semicolon names what would be valid.
    for part in (words.partition(";")[0], words):
        named = [name for name in settings.values if re.search(rf"\b{re.escape(name)}\b", part)]
        if named:
            return "; ".join(
                f"{name} = {settings.values[name]!r} is from {settings.sources[name]}"
                for name in named
            )
    return f"its settings are from {', '.join(dict.fromkeys(settings.sources.values()))}"
