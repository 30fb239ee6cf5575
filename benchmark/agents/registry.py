"""Which agents exist: a name, and the class behind it, imported only when it is asked for.

Agents come from three places: the table of built-in ones, the entry points of installed packages in
the group `mage_bench.agents`, and files given as `path/to/file.py:ClassName`. An agent's class may
name variants of itself, which are asked for as `agent.variant`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from typing import Any, TypeVar

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.declared import declared_settings, plain_settings
from benchmark.agents.file_classes import import_class, only_class
from benchmark.agents.plug_ins import agent_plug_ins
from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.interface import Agent
from benchmark.plugins.class_files import is_same_in_another_version
from benchmark.plugins.entry_points import PlugIn, loaded
from benchmark.plugins.names import check_name
from benchmark.plugins.source_files import (
    short_hash,
    source_hash,
    split_source,
)
from benchmark.records.record import RunSpec

PROTOCOL = ("fit", "reset", "act", "save", "load")

AgentClass = TypeVar("AgentClass", bound=type[Any])

_registered: dict[str, type[Agent]] = {}


@dataclass(frozen=True)
class AgentChoice:
    """An agent as the user asked for it.

    Attributes:
        name: under which its results are filed.
        source: absolute `path/to/file.py:ClassName`; None for an agent known by name.
        source_hash: of that file with those that it imports from beside it.
    """

    name: str
    source: str | None = None
    source_hash: str | None = None


def register(name: str) -> Callable[[AgentClass], AgentClass]:
    """Class decorator that gives an agent its name.

    Args:
        name: of small letters, digits, `_`, `.` and `-`.

    Raises:
        UserError: for a name that is malformed or taken.
    """

    def add(agent: AgentClass) -> AgentClass:
        check_name(name)
        known = _registered.get(name)
        if known is not None and is_same_in_another_version(known, agent):
            known = None
        taken_by = _builtin_path(name) or (known is not None and _path_of(known))
        if taken_by:
            raise UserError(
                f"agent name {name!r} of {_path_of(agent)} is taken by {taken_by}; "
                "register it under another name"
            )
        _registered[name] = agent
        return agent

    return add


def registered_name(agent: type[Any]) -> str | None:
    """The name under which a class, or an earlier version of it, was registered; None for none."""
    own = [
        name
        for name, known in _registered.items()
        if known is agent or is_same_in_another_version(known, agent)
    ]
    return own[0] if own else None


def classes_of_session(names: Iterable[str]) -> dict[str, type[Agent]]:
    """Those of these agents that other processes do not know: they are registered in this alone."""
    bases = {split_variant(name)[0] for name in names}
    return {name: _registered[name] for name in bases & _own_names()}


def agent_names() -> list[str]:
    """Every name that can be asked for, the benchmark's own first; imports none of them."""
    return list(dict.fromkeys([*BUILTIN, *sorted([*_entry_points(), *_registered])]))


def unusable_plug_ins() -> list[PlugIn]:
    """The installed agents that cannot be used, and why; imports all others to find out."""
    unusable = []
    for plug_in in agent_plug_ins():
        if plug_in.point is not None:
            try:
                agent_class(plug_in.name)
                continue
            except UserError as error:
                plug_in = replace(plug_in, point=None, problem=str(error))
        unusable.append(plug_in)
    return unusable


def usable_names(unusable: Sequence[PlugIn]) -> list[str]:
    """Every name that can be asked for, without those of plug-ins that cannot be used."""
    broken = {plug_in.name for plug_in in unusable} - set(BUILTIN)
    return [name for name in agent_names() if name not in broken]


def find_agent(name_or_path: str) -> AgentChoice:
    """Takes what the user wrote; imports nothing but a file given by its path.

    Args:
        name_or_path: a name, a variant `agent.variant`, `path/to/file.py:ClassName`, or the file
            alone where it has one agent.

    Raises:
        UserError: for an unknown name, or a file that gives no agent.
    """
    if name_or_path.endswith(".py"):
        name_or_path = f"{name_or_path}:{only_class(name_or_path, PROTOCOL)}"
    if ":" not in name_or_path:
        base, variant = split_variant(name_or_path)
        if base not in agent_names() or name_or_path == f"{base}.":
            _refuse_unusable(base)
            raise unknown_name("agent", name_or_path, agent_names(), listing=LISTING)
        if variant:
            variant_settings(name_or_path)
        return AgentChoice(name_or_path)
    agent = agent_class(name_or_path)
    path, class_name = split_source(name_or_path)
    own = registered_name(agent)
    name = own or class_name.lower()
    check_name(name)
    if not own and name in agent_names():
        raise UserError(
            f"agent name {name!r} of {name_or_path} is taken; put @register('another-name') "
            "above the class"
        )
    return AgentChoice(name, f"{path}:{class_name}", source_hash(path))


def _refuse_unusable(name: str) -> None:
    for plug_in in agent_plug_ins():
        if plug_in.name == name and plug_in.problem is not None:
            raise UserError(
                f"agent {name!r} of the package {plug_in.package} cannot be used: {plug_in.problem}"
            )


def split_variant(name: str) -> tuple[str, str]:
    """An agent's name and the name of its variant, which is empty for the agent itself."""
    if name in BUILTIN or name in agent_names():
        return name, ""
    known, (base, *parts) = {*BUILTIN, *agent_names()}, name.split(".")
    # Names of agents may have points too: the longest that there is counts.
    for count in range(len(parts) - 1, 0, -1):
        longer = ".".join([base, *parts[:count]])
        if longer in known:
            return longer, ".".join(parts[count:])
    return base, ".".join(parts)


def variant_settings(name: str) -> dict[str, Any]:
    """The settings in which a variant differs from its agent; none for the agent itself.

    Raises:
        UserError: if the agent has no such variant.
    """
    base, variant = split_variant(name)
    if not variant:
        return {}
    known = declared_settings(agent_class(base), "variants", ())
    if not known:
        raise UserError(f"agent {base!r} has no variants, and no {variant!r}; ask for {base}")
    if variant not in known:
        raise unknown_name(f"variant of {base}", variant, known)
    return plain_settings(known[variant], f"variant {name}")


def agent_class(name_or_path: str) -> type[Agent]:
    """The class behind a name or a `path/to/file.py:ClassName`, imported if need be.

    Raises:
        UserError: if there is none, or it lacks a method of the protocol.
    """
    if ":" in name_or_path:
        chosen = import_class(name_or_path)
    elif name_or_path in BUILTIN:
        module, _, attribute = BUILTIN[name_or_path].path.partition(":")
        chosen = getattr(importlib.import_module(module), attribute)
    elif name_or_path in _entry_points():
        chosen = _from_entry_point(_entry_points()[name_or_path])
    elif name_or_path in _registered:
        chosen = _registered[name_or_path]
    elif (base := split_variant(name_or_path)[0]) in agent_names():
        chosen = agent_class(base)
    else:
        raise unknown_name("agent", name_or_path, agent_names(), listing=LISTING)
    missing = [verb for verb in PROTOCOL if not callable(getattr(chosen, verb, None))]
    if missing or not isinstance(chosen, type):
        problem = f"lacks {', '.join(missing)}" if missing else "is no class"
        raise UserError(
            f"agent {name_or_path!r} {problem}; an agent is a class with the methods "
            f"{', '.join(PROTOCOL)} (see benchmark.interface.Agent)"
        )
    return chosen


def class_of_run(run: RunSpec) -> type[Agent]:
    """The class that a run asks for.

    Raises:
        UserError: if there is none, or if its file is no longer what it was as the run was planned.
    """
    agent = agent_class(run.source or run.agent)
    if run.source is not None and run.source_hash is not None:
        path, class_name = split_source(run.source)
        if (now := source_hash(path)) != run.source_hash:
            raise UserError(
                f"agent file {path} of {class_name} has changed since the command began (its hash "
                f"was {short_hash(run.source_hash)}, now {short_hash(now)}); run it again"
            )
    return agent


def _builtin_path(name: str) -> str | None:
    return BUILTIN[name].path if name in BUILTIN else None


def _path_of(agent: type[Any]) -> str:
    return f"{agent.__module__}:{agent.__qualname__}"


def _own_names() -> set[str]:
    """Of the agents that are known by a decorator in this process, and by nothing else."""
    return set(_registered) - set(BUILTIN) - set(_entry_points())


def _entry_points() -> dict[str, EntryPoint]:
    """The plug-ins that may be asked for."""
    return {
        plug_in.name: plug_in.point for plug_in in agent_plug_ins() if plug_in.point is not None
    }


def _from_entry_point(point: EntryPoint) -> Any:
    agent = loaded(point, "agent")
    if _registered.get(point.name, agent) is not agent:
        raise UserError(
            f"agent name {point.name!r} of the entry point {point.value} is taken by "
            f"{_path_of(_registered[point.name])}; uninstall one of the packages"
        )
    return agent
