"""Settings that are given on the command line: `--set AGENT.SETTING=VALUE`."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmark.agents.registry import AgentChoice, agent_names, split_variant
from benchmark.agents.settings_file import SET_OPTION, SettingsFile
from benchmark.errors import UserError, shown, unknown_name

_FORM = "AGENT.SETTING=VALUE, such as iql.expectile=0.9"


def with_settings(
    user: SettingsFile, texts: Sequence[str], agents: Sequence[AgentChoice]
) -> SettingsFile:
    """The user's settings with those of the command line, which take precedence over the file.

    Whether an agent knows a setting, and its type, is seen when the agent is made.

    Args:
        user: what the user's file says.
        texts: each `AGENT.SETTING=VALUE`. The agent is one of the run, a variant such as `mage.k1`
            too; settings of `mage` are also those of its variants, as in a file. The value is read
            as JSON or as a literal of Python, and is a text where it is neither.
        agents: those of the run.

    Raises:
        UserError: for another form, an agent that is unknown or not of the run, or a setting that
            is there twice.
    """
    settings: dict[str, dict[str, Any]] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        agent, _, setting = key.strip().rpartition(".")
        if not (agent and setting.isidentifier() and sign):
            raise UserError(f"{SET_OPTION} {shown(text)} is no setting; expected {_FORM}")
        _check_agent(agent, text, agents)
        of_agent = settings.setdefault(agent, {})
        if setting in of_agent:
            raise UserError(f"{SET_OPTION} gives {agent}.{setting} twice; leave out one of the two")
        of_agent[setting] = read_value(value.strip())
    return replace(user, command=settings)


def setting_of(text: str) -> str:
    """The name of the setting in `AGENT.SETTING=VALUE`."""
    return text.partition("=")[0].strip().rpartition(".")[2]


def read_value(text: str) -> Any:
    """A value as JSON or Python write it; the text itself where it is neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return text


def _check_agent(name: str, text: str, agents: Sequence[AgentChoice]) -> None:
    bases = [agent.name if agent.source else split_variant(agent.name)[0] for agent in agents]
    in_run = list(dict.fromkeys([*(agent.name for agent in agents), *bases]))
    if name in in_run:
        return
    if split_variant(name)[0] not in agent_names():
        raise unknown_name(f"agent in {SET_OPTION} {text}:", name, in_run)
    raise UserError(
        f"{SET_OPTION} {text}: agent {name!r} is not in this run; valid: {', '.join(in_run)}; name "
        "it in --agents too, or leave the setting out"
    )
