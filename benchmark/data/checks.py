"""What recorded data has to be before an agent may learn from it, and a hash to know it by."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.action_bounds import far_outside
from benchmark.tasks.task import flatten, named_parts

# Rewards that can be recorded for each relabelling; others, and a user's, may be any number.
_REWARDS: dict[str, tuple[int, ...]] = {
    "kitchen": (0, 1, 2, 3, 4),
    "antmaze": (0, 1),
}


CONTENT_HASH = "content_sha256"
"""Field of a dataset's metadata: `ContentHash` over its episodes in their order."""

HASHED_INFOS = "hashed_infos"
"""Field of a dataset's metadata: names of the arrays of `infos` that are part of that hash."""


class StoredEpisode(Protocol):
    """What Minari's episodes have in common, written or read."""

    observations: Any
    actions: Any
    rewards: Any
    terminations: Any
    truncations: Any
    infos: Any


class ContentHash:
    """SHA-256 over names, types, shapes and bytes of the arrays of episodes.

    Args:
        infos: names of those arrays of `infos` that are hashed too; most datasets have none.
    """

    def __init__(self, infos: Iterable[str] = ()) -> None:
        self._digest = hashlib.sha256()
        self._infos = sorted(infos)

    def add(self, episode: StoredEpisode) -> None:
        """Takes in the next episode."""
        for name in ("observations", "actions", "rewards", "terminations", "truncations"):
            self._add(name, getattr(episode, name))
        for name in self._infos:
            self._add(f"infos/{name}", episode.infos[name])

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key in sorted(value):
                self._add(f"{name}/{key}", value[key])
            return
        array = np.ascontiguousarray(value)
        self._digest.update(f"{name} {array.dtype.str} {array.shape};".encode())
        self._digest.update(array.data)

    def hexdigest(self) -> str:
        """The hash of what was added so far."""
        return self._digest.hexdigest()


class BadDataError(Exception):
    """Recorded data is not what it should be; the message goes on after the dataset's name.

    Attributes:
        remedy: what the user can do, in one line; None where it depends on where the data is from.
    """

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.remedy = remedy


def may_be_recorded(size: int | None, task: Task, info: TaskInfo) -> bool:
    """Whether a recorded observation of a task may have this many numbers."""
    if callable(task.relabel):  # It makes of them what agents see.
        return size is not None
    # A goal that relabelling puts in need not be recorded.
    goal = len(info.goal_columns) if task.relabel == "multi2d" else 0
    if task.relabel == "hindsight" and info.hindsight is not None:
        goal = len(info.hindsight.goal_columns)
    return size in (info.observation_size, info.observation_size - goal)


def checked_observations(
    index: int, episode: StoredEpisode, task: Task, info: TaskInfo
) -> NDArray[Any]:
    """Checks one recorded episode of T steps.

    Args:
        index: its number, for the message.
        episode: as it was recorded.
        task: the task that it is to be learned from.
        info: sizes and bounds.

    Returns:
        (T + 1, O) its observations as agents see them, before relabelling.

    Raises:
        BadDataError: for the first thing that is wrong.
    """
    actions, rewards = np.asarray(episode.actions), np.asarray(episode.rewards)
    # What is wrong cannot be put together.
    _refuse(index, _wrong_parts(episode.observations, task.observation_parts, rewards.size + 1))
    observations = flatten(episode.observations, task.observation_parts, leading=1)
    problem = (
        _wrong_shapes(episode, observations, actions, rewards, task, info)
        or _wrong_numbers(observations, actions, rewards, info)
        or _wrong_ends(episode)
        or _wrong_rewards(rewards, task.relabel)
    )
    _refuse(index, problem)
    return observations


def _refuse(index: int, problem: str | None) -> None:
    if problem:
        raise BadDataError(f"is not what it should be: episode {index} has {problem}")


def _wrong_parts(observations: Any, sizes: Mapping[str, int], rows: int) -> str | None:
    """Of a dict observation; together they may be as long as they should, and be others."""
    if not isinstance(observations, Mapping):
        return None
    parts = named_parts(observations)
    if not parts:
        return "a dict of nothing for its observations"
    for name in sizes or parts:
        if name not in parts:
            return f"no {name} in its observations, but {', '.join(parts)}"
        shape = np.shape(parts[name])
        size = sizes.get(name, math.prod(shape[1:]))
        if shape[:1] != (rows,) or math.prod(shape[1:]) != size:
            return f"{name} of shape {shape} in its observations, not {(rows, size)}"
    return None


def _wrong_shapes(
    episode: StoredEpisode,
    observations: NDArray[Any],
    actions: NDArray[Any],
    rewards: NDArray[Any],
    task: Task,
    info: TaskInfo,
) -> str | None:
    steps = rewards.size
    width = observations.shape[-1] if observations.ndim else 0
    if not may_be_recorded(width, task, info):
        width = info.observation_size
    shapes = {
        "observations": (observations, (steps + 1, width)),
        "actions": (actions, (steps, info.action_size)),
        "rewards": (rewards, (steps,)),
        "terminations": (np.asarray(episode.terminations), (steps,)),
        "truncations": (np.asarray(episode.truncations), (steps,)),
    }
    if steps == 0:
        return "no steps"
    for name, (array, expected) in shapes.items():
        if array.shape != expected:
            recorded = getattr(episode, name)
            shape = array.shape if isinstance(recorded, Mapping) else np.shape(recorded)
            return f"{name} of shape {shape}, not {expected}"
    for name, (array, _) in shapes.items():
        flags = name in ("terminations", "truncations") and array.dtype == np.bool_
        real = np.issubdtype(array.dtype, np.number) and not np.iscomplexobj(array)
        if not (flags or real):
            return f"{name} of type {array.dtype}, not numbers"
    return None


def _wrong_numbers(
    observations: NDArray[Any], actions: NDArray[Any], rewards: NDArray[Any], info: TaskInfo
) -> str | None:
    for name, array in (
        ("observations", observations),
        ("actions", actions),
        ("rewards", rewards),
    ):
        # As agents see them: a number that float32 cannot hold becomes infinite.
        with np.errstate(over="ignore"):
            if not np.isfinite(array.astype(np.float32)).all():
                return f"{name} that are not finite, or too large for float32"
    return far_outside(actions, info.action_low, info.action_high)


def _wrong_ends(episode: StoredEpisode) -> str | None:
    for name in ("terminations", "truncations"):
        flags = np.asarray(getattr(episode, name))
        if not np.isin(flags, (0, 1)).all():
            return f"{name} that are neither 0 nor 1"
        early = np.flatnonzero(flags[:-1])
        if len(early):
            return f"an end before its last step ({name}, step {early[0]})"
    return None


def _wrong_rewards(rewards: NDArray[Any], relabel: object) -> str | None:
    expected = _REWARDS.get(relabel) if isinstance(relabel, str) else None
    if expected is not None and not np.isin(rewards, expected).all():
        strange = rewards[~np.isin(rewards, expected)][0]
        return f"a reward of {strange:g}; expected one of {', '.join(map(str, expected))}"
    return None
