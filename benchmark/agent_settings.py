"""Settings of an agent, as its class declares and takes them; `interface` hands all of it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

Settings = Mapping[str, Any]
Config = TypeVar("Config")


@dataclass(frozen=True)
class TaskSettings:
    """What an agent does differently on some tasks: a row of its class attribute `task_settings`.

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
    """Makes a config dataclass of the defaults and `settings`, refusing what it does not know.

    Raises:
        ValueError: for an unknown setting, naming the known ones.
    """
    known = {field.name for field in fields(config_class)}  # type: ignore[arg-type]
    for name in settings:
        if name not in known:
            raise ValueError(
                f"unknown setting {name!r} for {config_class.__name__}; "
                f"known: {', '.join(sorted(known)) or 'none'}"
            )
    return config_class(**settings)
