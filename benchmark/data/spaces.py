"""Whether recorded data has the form that a task wants, told before its arrays are read."""

from __future__ import annotations

import math
from typing import Any

from benchmark.data.checks import BadDataError, may_be_recorded
from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.task import named_parts


def check_spaces(observations: Any, actions: Any, task: Task, info: TaskInfo) -> None:
    """Compares the spaces of a dataset with what a task wants.

    Args:
        observations: the dataset's `gymnasium.Space` of observations.
        actions: that of its actions.
        task: that is to be learned from it.
        info: the task's sizes.

    Raises:
        BadDataError: if the data has another form; it is not damaged, and nothing is deleted.
    """
    wanted = f"a vector of {info.observation_size}"
    if task.observation_parts:
        parts = (f"{name} ({size})" for name, size in task.observation_parts.items())
        wanted = f"a dict with {', '.join(parts)}, together {wanted}"
    if not _observations_fit(observations, task, info):
        raise _misfit("observations", observations, task, wanted)
    if _vector_size(actions) != info.action_size:
        raise _misfit("actions", actions, task, f"a vector of {info.action_size}")


def _misfit(name: str, space: Any, task: Task, wanted: str) -> BadDataError:
    return BadDataError(
        f"does not fit: its {name} are {_space_text(space)}, and the task wants {wanted}",
        f"choose a dataset of this form: --dataset {task.name}=ID",
    )


def _observations_fit(space: Any, task: Task, info: TaskInfo) -> bool:
    inner = getattr(space, "spaces", None)
    if not isinstance(inner, dict):
        return may_be_recorded(_box_size(space), task, info)
    sizes = {name: _box_size(part) for name, part in named_parts(inner).items()}
    if task.observation_parts:
        return all(sizes.get(name) == size for name, size in task.observation_parts.items())
    known = [size for size in sizes.values() if size is not None]
    return len(known) == len(sizes) and may_be_recorded(sum(known), task, info)


def _box_size(space: Any) -> int | None:
    """How many numbers an element of a box has; None for another space."""
    shape = _box_shape(space)
    return None if shape is None else math.prod(shape)


def _vector_size(space: Any) -> int | None:
    """How long the vectors of a space are; None if they are none."""
    shape = _box_shape(space)
    return shape[0] if shape is not None and len(shape) == 1 else None


def _box_shape(space: Any) -> tuple[int, ...] | None:
    import gymnasium as gym  # A command that answers at once does without it.

    return space.shape if isinstance(space, gym.spaces.Box) else None


def _space_text(space: Any) -> str:
    parts = getattr(space, "spaces", None)
    if isinstance(parts, dict):
        named = named_parts(parts).items()
        inner = ", ".join(f"{name} ({_size_text(part)})" for name, part in named)
        return f"a dict of {inner or 'nothing'}"
    shape = _box_shape(space)
    if shape is None:
        return f"of the space {' '.join(str(space).split())[:60]}"
    return f"a vector of {shape[0]}" if len(shape) == 1 else f"arrays of shape {shape}"


def _size_text(space: Any) -> str:
    shape = _box_shape(space)
    if shape is None:
        return type(space).__name__
    return str(shape[0]) if len(shape) == 1 else str(shape)
