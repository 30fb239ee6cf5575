"""An agent is made; where its class refuses a setting, the message says who had set it."""

from __future__ import annotations

import re

from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import AgentSettings
from benchmark.agents.settings_file import FILE, SET_OPTION
from benchmark.errors import UnsuitableTaskError, UserError, with_type
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
    except UnsuitableTaskError as error:
        raise UserError(f"agent {choice.name!r} cannot be made for {task.name}: {error}") from error
    except (Exception, SystemExit) as error:  # Other people's class may raise anything.
        words = " ".join(str(error).split())
        # An agent's own refusal is a ValueError; of all others the type says more.
        reason = words if isinstance(error, ValueError) and words else with_type(error)
        raise UserError(
            f"agent {choice.name!r} cannot be made for {task.name}: {reason}; "
            f"{_origins(words, settings)}"
        ) from error


def _origins(words: str, settings: AgentSettings) -> str:
    """Where the settings come from that a message speaks of, or else all of them; the way out."""
    sources, values = settings.sources, settings.values
    # What follows a semicolon names what would be valid.
    for part in (words.partition(";")[0], words):
        named = [name for name in values if re.search(rf"\b{re.escape(name)}\b", part)]
        if named:
            said = "; ".join(f"{name} = {values[name]!r} is from {sources[name]}" for name in named)
            return f"{said}; {_way_out([sources[name] for name in named])}"
    origins = list(dict.fromkeys(sources.values()))
    return f"its settings are from {', '.join(origins)}; {_way_out(origins)}"


def _way_out(origins: list[str]) -> str:
    """What suits a task may not suit what the user has set, who has the last word."""
    if any(origin.startswith((FILE, SET_OPTION)) for origin in origins):
        return "correct it there"
    return f"correct it there, or set it otherwise with {SET_OPTION} or in a {FILE} (--config)"
