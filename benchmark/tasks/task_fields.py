"""What is wrong with a task that a user registers, told before any work starts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from benchmark.errors import UserError, shown, unknown_name
from benchmark.interface import HindsightGoals
from benchmark.plugins.names import check_name
from benchmark.tasks.task import Task

RELABEL_NAMES = (
    *("plain", "kitchen", "antmaze", "maze2d", "multi2d"),
    *("hindsight", "single-task"),
)
"""Names in `data.relabel`; a task of one's own is `plain`, or has a function."""

# What relabellings of this project's own tasks cannot do without.
_NEEDED = {
    "kitchen": ("max_score",),
    "maze2d": ("goal_cell",),
    "hindsight": ("hindsight", "position_columns"),
}

_DATASET = r"([-\w]+/)*[-\w]+-v\d+"  # As Minari has it.


def check_fields(task: Task) -> None:
    """Refuses a task that no run could use.

    Raises:
        UserError: for the first field that is wrong: what it is, and what would be valid.
    """
    if not isinstance(task, Task):
        raise UserError(f"{shown(task)} is no task; register_task takes a benchmark.Task(...)")
    check_name(task.name if isinstance(task.name, str) else "", "task", "choose Task(name=...)")
    check_name(
        task.benchmark if isinstance(task.benchmark, str) else "",
        "benchmark",
        f"choose another for Task(benchmark=...) of {task.name}",
    )
    for field, (is_valid, valid) in _FIELDS.items():
        if not is_valid(value := getattr(task, field)):
            raise UserError(f"task {task.name!r} has {field}={shown(value)}; valid: {valid}")
    if isinstance(task.relabel, str) and task.relabel not in RELABEL_NAMES:
        raise unknown_name(f"relabel of task {task.name!r}", task.relabel, RELABEL_NAMES)
    for field in _NEEDED.get(str(task.relabel), ()):
        if not getattr(task, field) and getattr(task, field) != 0:
            raise UserError(
                f"task {task.name!r} has relabel={task.relabel!r}, which needs {field}; valid: "
                f"Task({field}=...), or 'plain', or a function of (task, episode, rng)"
            )
    if task.score_is_success and not task.defines_success:
        raise UserError(
            f"task {task.name!r} has score_is_success=True, and defines no success; valid: "
            "tells_success=True or success_return=NUMBER"
        )
    low, high = task.min_score, task.max_score
    if task.score_is_success and (low, high) != (None, None):
        raise UserError(
            f"task {task.name!r} has score_is_success=True and reference returns; leave out one"
        )
    if (low is None) != (high is None) or (low is not None and high is not None and not low < high):
        raise UserError(
            f"task {task.name!r} has min_score={shown(low)} and max_score={shown(high)}; valid: "
            "the return that scores 0 and a larger one that scores 100"
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_finite(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _are_columns(value: Any) -> bool:
    return isinstance(value, tuple) and all(_is_whole(column, 0) for column in value)


def _are_parts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        _is_text(name) and _is_whole(size, 1) for name, size in value.items()
    )


_NUMBER = (_is_finite, "a finite number")
_COLUMNS = (_are_columns, "a tuple of columns of the observation, such as (0, 1)")
_YES_OR_NO = (lambda value: isinstance(value, bool), "True or False")

_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "dataset": (
        lambda value: isinstance(value, str) and bool(re.fullmatch(_DATASET, value)),
        "the id of a Minari dataset, such as 'reach/random-v0'",
    ),
    "env_id": (
        lambda value: _is_text(value) or callable(value),
        "an id of gymnasium's, such as 'Pendulum-v1' or 'my_package:Reach-v0', or a class or "
        "function that makes the environment",
    ),
    "env_kwargs": (
        lambda value: isinstance(value, Mapping) and all(isinstance(name, str) for name in value),
        "a dict of the arguments of the environment",
    ),
    "max_steps": (lambda value: _is_whole(value, 1), "a whole number of steps, 1 or more"),
    "min_score": (lambda value: value is None or _is_finite(value), "a finite number"),
    "max_score": (lambda value: value is None or _is_finite(value), "a finite number"),
    "relabel": (
        lambda value: _is_text(value) or callable(value),
        "'plain', or a function of (task, episode, rng) that gives episodes",
    ),
    "observation_parts": (_are_parts, "a dict of sizes by name, such as {'arm/position': 3}"),
    "tells_success": _YES_OR_NO,
    "success": (
        lambda value: value is None or _is_text(value) or callable(value),
        "a key of the environment's info, or a function of (observation, reward, terminated, info)",
    ),
    "success_return": (lambda value: value is None or _is_finite(value), "a finite number or None"),
    "score_is_success": _YES_OR_NO,
    "discount": (
        lambda value: _is_finite(value) and 0 < value <= 1,
        "a number above 0, and 1 at the most",
    ),
    "return_scale": (lambda value: _is_finite(value) and value > 0, "a number above 0"),
    "target_return": _NUMBER,
    "position_columns": _COLUMNS,
    "goal_columns": _COLUMNS,
    "hindsight": (
        lambda value: value is None or isinstance(value, HindsightGoals),
        "None, or a benchmark.interface.HindsightGoals",
    ),
}
