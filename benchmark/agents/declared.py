"""What an agent's class declares in its attributes: somebody else's work, checked as it is read."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from benchmark.errors import LISTING, UserError, shown, unknown_name
from benchmark.interface import TaskSettings
from benchmark.tasks import known_tasks

_VALUES = "numbers (integers of 64 bits), texts, True, False, None, and lists or dicts of these"


def declared_settings(agent: type[Any], attribute: str, names: Collection[str]) -> dict[str, Any]:
    """What a class has in `presets` or `variants`.

    Args:
        agent: the class.
        attribute: of these.
        names: which may stand there; none for any.

    Returns:
        name -> settings, not checked themselves.

    Raises:
        UserError: if it is no dict, or holds another name.
    """
    declared = getattr(agent, attribute, {})
    if not isinstance(declared, Mapping):
        raise UserError(
            f"{attribute} of {agent.__name__} is {shown(declared)}; valid: a dict from names to "
            "settings"
        )
    for name in declared:
        if names and name not in names:
            raise unknown_name(f"name in {attribute} of {agent.__name__}", str(name), names)
    return dict(declared)


def declared_rows(agent: type[Any], presets: Collection[str]) -> tuple[TaskSettings, ...]:
    """What a class itself, not one that it inherits from, does differently on some tasks.

    Args:
        agent: the class.
        presets: names of all there are.

    Raises:
        UserError: for a row that is none, or that speaks of no task or no preset that there is.
    """
    rows = vars(agent).get("task_settings", ())
    if not isinstance(rows, (list, tuple)):
        rows = (rows,)
    names = tuple((task.name, task.benchmark) for task in known_tasks().values())
    for row in rows:
        if not isinstance(row, TaskSettings) or row.preset not in (None, *presets):
            raise UserError(
                f"task_settings of {agent.__name__} hold {shown(row)}; expected rows of "
                f"benchmark.interface.TaskSettings, with a preset of None or {' or '.join(presets)}"
            )
        if not _speaks_of_any(str(row.tasks), names):
            kind = f"task, benchmark or glob of tasks in task_settings of {agent.__name__}"
            known = {part for pair in names for part in pair}
            raise unknown_name(kind, str(row.tasks), known, listing=LISTING)
    return tuple(rows)


def rows_of_task(
    rows: Collection[TaskSettings], task: str, benchmark: str, *presets: str
) -> list[TaskSettings]:
    """The rows that speak of a task: those of all presets, then those of each of these."""
    fitting = [row for row in rows if _speaks_of(row.tasks, task, benchmark)]
    return [row for wanted in (None, *presets) for row in fitting if row.preset == wanted]


def _speaks_of(pattern: str, task: str, benchmark: str) -> bool:
    return pattern == benchmark or fnmatch.fnmatchcase(task, pattern)


@functools.cache  # Settings of a whole suite ask this for the same rows thousands of times.
def _speaks_of_any(pattern: str, names: tuple[tuple[str, str], ...]) -> bool:
    return any(_speaks_of(pattern, *pair) for pair in names)


def plain_settings(settings: Any, place: str) -> dict[str, Any]:
    """Settings as a record can hold them: numpy's numbers and arrays become Python's.

    Args:
        settings: setting -> value.
        place: where they come from, for people.

    Raises:
        UserError: if they are no dict from texts, or if JSON cannot hold a value.
    """
    if not isinstance(settings, Mapping) or not all(isinstance(name, str) for name in settings):
        raise UserError(
            f"{place}: {shown(settings)} is no dict from names of settings to their values"
        )
    plain = {}
    for name, value in settings.items():
        try:
            plain[name] = _plain(value)
        except (TypeError, RecursionError) as error:
            raise UserError(
                f"{place}: setting {name!r} is {shown(value)}, which no record can hold; valid: "
                f"{_VALUES}"
            ) from error
    return plain


def _plain(value: Any) -> Any:
    match value:
        case np.generic() | np.ndarray():
            return _plain(value.tolist())
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return (list if isinstance(value, list) else tuple)(map(_plain, value))
        case float() if value != value:  # As no two are equal, no run could be resumed with it.
            raise TypeError("not a number")
        case int() if abs(value) >= 2**63:  # Few that read JSON know longer ones.
            raise TypeError("an integer of more than 64 bits")
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(type(value).__name__)
