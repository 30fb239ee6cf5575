"""What agents are told of a dataset's observations and actions, by its own spaces.

Observations are one `Box`, or a `Dict` of such, which may be nested; actions are one `Box`. All
else is refused, and named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmark.data.checks import BadDataError
from benchmark.data.minari_folder import is_there
from benchmark.data.remedies import bad_dataset
from benchmark.data.sources import stored_id
from benchmark.data.stored import check_spaces_readable, check_version, open_stored, read_metadata
from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.task import RecordedSpaces, named_parts

_IMAGE_AXES = 2  # From so many on, whole numbers of 8 bits are a picture.
_OTHER_VIEW = (
    "agents learn from vectors of numbers: leave out or convert what is none, or register a task "
    "that sees only the other parts (docs/your-own-task.md)"
)
_OTHER_ACTIONS = (
    "agents act by a vector of numbers between two bounds: record the data, and evaluate, with an "
    "environment whose wrapper makes one of its actions (gymnasium.wrappers.RescaleAction has "
    "bounds)"
)


def recorded_spaces(
    observations: Any, actions: Any, seen: Mapping[str, int] | None = None
) -> tuple[dict[str, int], RecordedSpaces]:
    """The parts of an observation with the size of each, and what agents are told of spaces.

    Args:
        observations: the `gymnasium.Space` of observations.
        actions: that of actions.
        seen: the parts of a dict that agents see, by their names; None or empty for all.

    Returns:
        The parts in gymnasium's order, by the names of `named_parts` (none where observations are
        one array); the spaces.

    Raises:
        BadDataError: for a space that no agent here learns from, by its name.
    """
    parts = getattr(observations, "spaces", None)
    is_dict = isinstance(parts, Mapping)
    named = named_parts(parts) if is_dict else {"": observations}  # type: ignore[arg-type]
    if not named:
        raise BadDataError("has observations of no parts", _OTHER_VIEW)
    if is_dict and seen:
        if missing := [name for name in seen if name not in named]:
            raise BadDataError(
                f"has no part {missing[0]} in its observations, but {', '.join(named)}", _OTHER_VIEW
            )
        named = {name: named[name] for name in seen}
    for name, space in named.items():
        if problem := _no_numbers(space):
            where = f"the part {name} of its observations is" if name else "its observations are"
            raise BadDataError(f"cannot be learned from: {where} {problem}", _OTHER_VIEW)
    if problem := _no_action(actions):
        raise BadDataError(f"cannot be learned from: its actions {problem}", _OTHER_ACTIONS)
    sizes = {name: math.prod(space.shape) for name, space in named.items()}
    low, high = (tuple(map(float, bounds)) for bounds in (actions.low, actions.high))
    return (sizes if is_dict else {}), RecordedSpaces(sum(sizes.values()), low, high)


def spaces_of_dataset(
    dataset_id: str, seen: Mapping[str, int] | None = None
) -> tuple[dict[str, int], RecordedSpaces]:
    """`recorded_spaces` of a dataset in Minari's folder, with those parts that agents see.

    Raises:
        BadDataError: if no agent here learns from it.
        Exception: whatever reading raises.
    """
    metadata = read_metadata(dataset_id)
    check_version(metadata)
    check_spaces_readable(metadata)
    stored = open_stored(dataset_id, metadata)
    return recorded_spaces(stored.observation_space, stored.action_space, seen)


def info_of(task: Task, data: str = "auto", *, evaluated: bool = True) -> TaskInfo:
    """What agents are told of a task; takes seconds the first time.

    Args:
        task: the task.
        data: see `dataset_state`.
        evaluated: whether its environment is needed anyway. If not, sizes and bounds are those of
            its data, where that is there and agents see it as it was recorded.

    Raises:
        BadDatasetError: if its data is asked and cannot be used.
        UserError: if its environment is asked and cannot be made.
    """
    if not evaluated and task.spaces is None and task.relabel == "plain":
        dataset_id = stored_id(task, data)
        if dataset_id is not None and is_there(dataset_id):
            with bad_dataset(task, dataset_id):
                _, spaces = spaces_of_dataset(dataset_id, task.observation_parts)
            return task.info(spaces)
    if task.spaces is not None:
        return task.info(task.spaces)
    from benchmark.tasks.environments import task_info  # Keeps MuJoCo out of --help and list.

    return task_info(task)


def parts_text(parts: Mapping[str, int], spaces: RecordedSpaces) -> str:
    """How an observation is put together: `goal (2), observation (4) -> 6 numbers`."""
    size = spaces.observation_size
    if not parts:
        return f"an array of {size} numbers"
    return (
        f"{', '.join(f'{name} ({of_part})' for name, of_part in parts.items())} -> {size} numbers"
    )


def differing_spaces(
    recorded: tuple[Mapping[str, int], RecordedSpaces],
    played: tuple[Mapping[str, int], RecordedSpaces],
) -> Iterator[str]:
    """In what the spaces of a dataset and of its environment differ, in words."""
    (parts, data), (env_parts, env) = recorded, played
    if parts != env_parts or data.observation_size != env.observation_size:
        texts = [parts_text(*one) for one in ((parts, data), (env_parts, env))]
        yield f"observations are {texts[0]} in the data, {texts[1]} in the environment"
    here, there = (np.array([one.action_low, one.action_high]) for one in (data, env))
    if here.shape != there.shape:
        sizes = here.shape[1], there.shape[1]
        yield f"actions have {sizes[0]} numbers in the data, {sizes[1]} in the environment"
    elif not np.allclose(here, there):
        column = int(np.abs(here - there).max(axis=0).argmax())
        bounds = (f"{low:g} to {high:g}" for low, high in (here[:, column], there[:, column]))
        yield f"action {column} goes from {' in the data, from '.join(bounds)} in the environment"


def _no_numbers(space: Any) -> str | None:
    """What a part of an observation is that is no vector of numbers; None if it is one."""
    import gymnasium as gym  # A command that answers at once does without it.

    if not isinstance(space, gym.spaces.Box):
        return f"of the space {_short(space)}"
    if space.dtype == np.uint8 and len(space.shape) >= _IMAGE_AXES:
        return f"an image of shape {space.shape}"
    return None


def _no_action(space: Any) -> str | None:
    import gymnasium as gym

    if not isinstance(space, gym.spaces.Box):
        return f"are of the space {_short(space)}"
    if len(space.shape) != 1:
        return f"have the shape {space.shape}"
    if not np.issubdtype(space.dtype, np.floating):
        return f"are whole numbers ({space.dtype})"
    if not (np.isfinite(space.low) & np.isfinite(space.high)).all():
        return "have no bounds, within which what an agent wants is clipped"
    if not (space.low < space.high).all():
        return f"have a column that is always {space.low[space.low >= space.high][0]:g}"
    return None


def _short(space: Any) -> str:
    return " ".join(str(space).split())[:60]
