"""Which agents exist: a name, and the class behind it, imported only when it is asked for.

Agents come from three places: the table of built-in ones, the entry points of installed packages in
the group `mage_bench.agents`, and files given as `path/to/file.py:ClassName`. An agent's class may
name variants of itself, which are asked for as `agent.variant`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from benchmark.agents.builtin import BUILTIN
from benchmark.errors import UserError, unknown_name
from benchmark.interface import Agent

ENTRY_POINT_GROUP = "mage_bench.agents"
EVERY_AGENT = "all"  # What the user writes for every name there is.
PROTOCOL = ("fit", "reset", "act", "save", "load")

AgentClass = TypeVar("AgentClass", bound=type[Any])

_registered: dict[str, type[Agent]] = {}


@dataclass(frozen=True)
class AgentChoice:
    """An agent as the user asked for it.

    Attributes:
        name: under which its results are filed.
        source: absolute `path/to/file.py:ClassName`; None for an agent known by name.
    """

    name: str
    source: str | None = None


def register(name: str) -> Callable[[AgentClass], AgentClass]:
    """Class decorator that gives an agent its name.

    Args:
        name: of small letters, digits, `_`, `.` and `-`.

    Raises:
        UserError: for a name that is malformed or taken.
    """

    def add(agent: AgentClass) -> AgentClass:
        _check_name(name)
        taken_by = _builtin_path(name) or (name in _registered and _path_of(_registered[name]))
        if taken_by:
            raise UserError(
                f"agent name {name!r} of {_path_of(agent)} is taken by {taken_by}; "
                "register it under another name"
            )
        _registered[name] = agent
        return agent

    return add


def agent_names() -> list[str]:
    """Every name that can be asked for, the benchmark's own first."""
    return list(dict.fromkeys([*BUILTIN, *sorted([*_entry_points(), *_registered])]))


def find_agent(name_or_path: str) -> AgentChoice:
    """Takes what the user wrote; imports nothing but a file given by its path.

    Raises:
        UserError: for an unknown name, or a file that gives no agent.
    """
    if ":" not in name_or_path:
        base, variant = split_variant(name_or_path)
        if base not in agent_names():
            raise unknown_name("agent", name_or_path, [*agent_names(), "path/to/file.py:ClassName"])
        if variant:
            variant_settings(name_or_path)
        return AgentChoice(name_or_path)
    agent = agent_class(name_or_path)
    path, _, class_name = name_or_path.rpartition(":")
    own = [name for name, known in _registered.items() if known is agent]
    name = own[0] if own else class_name.lower()
    _check_name(name)
    if not own and name in agent_names():
        raise UserError(
            f"agent name {name!r} of {name_or_path} is taken; put @register('another-name') "
            "above the class"
        )
    return AgentChoice(name, f"{Path(path).resolve()}:{class_name}")


def split_variant(name: str) -> tuple[str, str]:
    """An agent's name and the name of its variant, which is empty for the agent itself."""
    if name in agent_names():
        return name, ""
    base, _, variant = name.partition(".")
    return base, variant


def variant_settings(name: str) -> dict[str, Any]:
    """The settings in which a variant differs from its agent; none for the agent itself.

    Raises:
        UserError: if the agent has no such variant.
    """
    base, variant = split_variant(name)
    if not variant:
        return {}
    known = getattr(agent_class(base), "variants", {})
    if variant not in known:
        raise unknown_name(f"variant of {base}", variant, known or ["none"])
    return dict(known[variant])


def agent_class(name_or_path: str) -> type[Agent]:
    """The class behind a name or a `path/to/file.py:ClassName`, imported if need be.

    Raises:
        UserError: if there is none, or it lacks a method of the protocol.
    """
    if ":" in name_or_path:
        chosen = _from_file(name_or_path)
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
        raise unknown_name("agent", name_or_path, agent_names())
    missing = [verb for verb in PROTOCOL if not callable(getattr(chosen, verb, None))]
    if missing or not isinstance(chosen, type):
        problem = f"lacks {', '.join(missing)}" if missing else "is no class"
        raise UserError(
            f"agent {name_or_path!r} {problem}; an agent is a class with the methods "
            f"{', '.join(PROTOCOL)} (see benchmark.interface.Agent)"
        )
    return chosen


def _check_name(name: str) -> None:
    # Results are filed under the name, so it must not lead out of the output folder.
    if name == EVERY_AGENT:
        raise UserError(
            f"agent name {name!r} stands for every registered agent; register it under another name"
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name):
        raise UserError(
            f"agent name {name!r} is malformed; valid: small letters, digits, '_', '.', '-', the "
            "first a letter or digit; choose one with @register('name')"
        )


def _builtin_path(name: str) -> str | None:
    return BUILTIN[name].path if name in BUILTIN else None


def _path_of(agent: type[Any]) -> str:
    return f"{agent.__module__}:{agent.__qualname__}"


def _entry_points() -> dict[str, EntryPoint]:
    points: dict[str, EntryPoint] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        _check_name(point.name)
        # A package installed for editing can be listed twice; that is no clash.
        taken_by = _builtin_path(point.name) or points.get(point.name, point).value
        if taken_by != point.value:
            raise UserError(
                f"agent name {point.name!r} of the entry point {point.value} is taken by "
                f"{taken_by}; uninstall one of the packages"
            )
        points[point.name] = point
    return points


def _from_entry_point(point: EntryPoint) -> Any:
    try:
        loaded = point.load()
    except Exception as error:  # Other people's module may raise anything.
        raise UserError(
            f"agent {point.name!r} cannot be imported from {point.value} "
            f"({type(error).__name__}: {error}); repair or uninstall its package"
        ) from error
    if _registered.get(point.name, loaded) is not loaded:
        raise UserError(
            f"agent name {point.name!r} of the entry point {point.value} is taken by "
            f"{_path_of(_registered[point.name])}; uninstall one of the packages"
        )
    return loaded


def _from_file(source: str) -> Any:
    path_text, _, class_name = source.rpartition(":")
    path = Path(path_text).resolve()
    if path.suffix != ".py" or not path.is_file():
        raise UserError(
            f"agent {source!r}: no Python file {path}; expected path/to/file.py:ClassName or one "
            f"of {', '.join(agent_names())}"
        )
    module = _module_of(path)
    if not hasattr(module, class_name):
        own = [
            n for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__
        ]
        raise UserError(
            f"agent {source!r}: no class {class_name!r} in {path}; there are: {', '.join(own)}"
        )
    return getattr(module, class_name)


def _module_of(path: Path) -> ModuleType:
    """Imports a file once per process, under a name that no other module can have."""
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = f"mage_bench_agent_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Dataclasses look their module up while it is being imported.
    try:
        spec.loader.exec_module(module)
    except UserError:
        del sys.modules[name]
        raise
    except Exception as error:  # The user's file may raise anything.
        del sys.modules[name]
        raise UserError(
            f"agent file {path} cannot be imported ({type(error).__name__}: {error}); repair it: "
            f"python {path} shows the whole error"
        ) from error
    return module
