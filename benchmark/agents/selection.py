"""The agents that are asked for: a comma list of a command, or a list of names and classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmark.agents.class_choice import choose_class
from benchmark.agents.registry import (
    AgentChoice,
    agent_names,
    find_agent,
    unusable_plug_ins,
    usable_names,
)
from benchmark.errors import UserError
from benchmark.plugins.names import EVERY_AGENT
from benchmark.plugins.source_files import is_file


def select_agents(
    asked: str | Sequence[str | type[Any]], report: Callable[[str], None]
) -> list[AgentChoice]:
    """The agents of a comma list, or of a list of what would stand there, and of classes.

    `all` stands for every registered agent, those of installed packages among them if they can be
    used; an agent that is named beside it counts once.

    Args:
        asked: names, variants, `path/to/file.py:ClassName`, and classes.
        report: gets, in one line each, which installed agents are left out, and why.

    Raises:
        UserError: for an unknown one, for none at all, or for two that share a name.
    """
    parts = list(_parts(asked)) if isinstance(asked, str) else list(dict.fromkeys(asked))
    every = _usable_agents(report) if EVERY_AGENT in parts else []
    named = dict.fromkeys([*every, *(part for part in parts if part != EVERY_AGENT)])
    agents = [choose_agent(part) for part in named]
    if not agents:
        raise UserError(f"--agents {asked!r} names no agent; valid: a comma list such as mage,bc")
    names = [agent.name for agent in agents]
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"two agents in --agents {asked!r} are called {name!r}; put "
                "@register('another-name') above one of the classes"
            )
    return agents


def choose_agent(asked: str | type[Any]) -> AgentChoice:
    """One agent, by its name or its class; see `registry.find_agent` and `choose_class`."""
    return find_agent(asked) if isinstance(asked, str) else choose_class(asked)


def _parts(text: str) -> list[str]:
    """The parts of a comma list of agents; a comma may also belong to the path of a file."""
    pieces, parts = text.split(","), []
    while pieces:
        ends = range(1, len(pieces) + 1)
        joined = [",".join(pieces[:end]).strip() for end in ends]
        files = [part if part.endswith(".py") else part.rpartition(":")[0] for part in joined]
        are_files = [is_file(Path(file)) for file in files]
        # The first one is a part of its own unless only with more of them it is a file.
        end = are_files.index(True) if True in are_files and joined[0] not in agent_names() else 0
        parts.append(joined[end])
        pieces = pieces[end + 1 :]
    return list(dict.fromkeys(filter(None, parts)))


def _usable_agents(report: Callable[[str], None]) -> list[str]:
    """Every registered agent; says which installed ones are left out, and why."""
    left_out = unusable_plug_ins()
    for plug_in in left_out:
        report(
            f"left out: agent {plug_in.name!r} of {plug_in.package}: {plug_in.problem}",
        )
    return usable_names(left_out)
