"""Settings of an agent, as its class declares and takes them; `interface` hands all of it on."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from benchmark.errors import nearest_names

Settings = Mapping[str, Any]
Config = TypeVar("Config")

NO_SETTINGS: Settings = {}
"""Those of an agent that is made with the defaults of its class."""


@dataclass(frozen=True)
class TaskSettings:
    """Settings of an agent on some tasks: a row of its class attribute `task_settings`.

    Attributes:
        tasks: name of a benchmark (`adroit`), or a glob of names of tasks (`adroit-*-human`).
        values: setting -> value; `steps` is the number of gradient steps.
        source: where the values come from: a paper, its authors' code, or trials of one's own.
        preset: the one that they belong to; None for all.
    """

    tasks: str
    values: Settings
    source: str
    preset: str | None = None


def build_config(config_class: type[Config], settings: Settings) -> Config:
    """Makes a config dataclass of its defaults and `settings`; refuses unknown settings.

    A field that is annotated as a bool, int, float or str, as a tuple of these, or as one of them
    or None takes nothing else; a list, as JSON has it, becomes a tuple. Other annotations are the
    class's own business, as are ranges.

    Raises:
        ValueError: for an unknown setting, naming the known ones, or a value of another type.
    """
    known = {field.name for field in fields(config_class)}  # type: ignore[arg-type]
    kinds = _annotations(config_class)  # type: ignore[arg-type]
    values = {}
    for name, value in settings.items():
        if name not in known:
            near = " or ".join(map(repr, nearest_names(name, known)))
            raise ValueError(
                f"unknown setting {name!r} for {config_class.__name__}; "
                f"known: {', '.join(sorted(known)) or 'none'}"
                f"{f'; did you mean {near}?' if near else ''}"
            )
        kind = kinds.get(name)
        if not _fits(value, kind):
            raise ValueError(
                f"setting {name}={value!r} of {config_class.__name__} is of the wrong type; valid: "
                f"{_in_words(kind)}"
            )
        values[name] = tuple(value) if isinstance(value, list) and _is_tuple(kind) else value
    return config_class(**values)


_WORDS = {
    bool: "True or False",
    int: "a whole number",
    float: "a finite number",
    str: "a text",
    NoneType: "None",
}
_LARGEST = 2**63 - 1  # What torch and numpy count with.


@functools.cache  # To resolve them takes longer than all else that is checked.
def _annotations(config_class: type[Any]) -> dict[str, Any]:
    try:
        return get_type_hints(config_class)
    except (NameError, TypeError, AttributeError):  # Names that only a type checker sees.
        return {}


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple or any(map(_is_tuple, _choices(kind)))


def _choices(kind: Any) -> tuple[Any, ...]:
    """A and B, for an annotation `A | B`."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else ()


def _fits(value: Any, kind: Any) -> bool:
    if choices := _choices(kind):
        return any(_fits(value, choice) for choice in choices)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        inner = get_args(kind)[0]
        return isinstance(value, (list, tuple)) and all(_fits(part, inner) for part in value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is float:
        return is_number and abs(value) <= sys.float_info.max  # Which is wrong for NaN, too.
    if kind is int:
        return is_number and isinstance(value, int) and abs(value) <= _LARGEST
    return isinstance(value, kind) if kind in _WORDS else True


def _in_words(kind: Any) -> str:
    if choices := _choices(kind):
        return " or ".join(map(_in_words, choices))
    if get_origin(kind) is tuple:
        return f"a list, each part {_in_words(get_args(kind)[0])}"
    return _WORDS[kind]
