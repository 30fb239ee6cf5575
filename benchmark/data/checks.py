"""What recorded data has to be before an agent may learn from it, and a hash to know it by."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.action_bounds import far_outside

# Rewards that can be recorded for each relabelling; others may be any number.
_REWARDS: dict[str, tuple[int, ...]] = {
    "kitchen": (0, 1, 2, 3, 4),
    "antmaze": (0, 1),
    "maze2d": (0, 1),
    "multi2d": (0, 1),
}


CONTENT_HASH = "content_sha256"
"""Field of a dataset's metadata: `ContentHash` over its episodes in their order."""


class StoredEpisode(Protocol):
    """What Minari's episodes have in common, written or read."""

    observations: Any
    actions: Any
    rewards: Any
    terminations: Any
    truncations: Any


class ContentHash:
    """SHA-256 over names, types, shapes and bytes of the arrays of episodes."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, episode: StoredEpisode) -> None:
        """Takes in the next episode."""
        for name in ("observations", "actions", "rewards", "terminations", "truncations"):
            self._add(name, getattr(episode, name))

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
    """Recorded data is not what it should be; the message goes on after the dataset's name."""


def check_episode(
    index: int, episode: StoredEpisode, observations: NDArray[Any], task: Task, info: TaskInfo
) -> None:
    """Checks one recorded episode of T steps.

    Args:
        index: its number, for the message.
        episode: as it was recorded.
        observations: (T + 1, O) its observations as agents see them, before relabelling.
        task: the task that it is to be learned from.
        info: sizes and bounds.

    Raises:
        BadDataError: for the first thing that is wrong.
    """
    actions, rewards = np.asarray(episode.actions), np.asarray(episode.rewards)
    problem = (
        _wrong_shapes(episode, observations, actions, rewards, info)
        or _wrong_numbers(observations, actions, rewards, info)
        or _wrong_ends(episode)
        or _wrong_rewards(rewards, task.relabel)
    )
    if problem:
        raise BadDataError(f"is not what it should be: episode {index} has {problem}")


def _wrong_shapes(
    episode: StoredEpisode,
    observations: NDArray[Any],
    actions: NDArray[Any],
    rewards: NDArray[Any],
    info: TaskInfo,
) -> str | None:
    steps = len(rewards)
    shapes = {
        # A goal that relabelling puts in is not recorded.
        "observations": (observations, (steps + 1, *observations.shape[1:])),
        "actions": (actions, (steps, info.action_size)),
        "rewards": (rewards, (steps,)),
        "terminations": (np.asarray(episode.terminations), (steps,)),
        "truncations": (np.asarray(episode.truncations), (steps,)),
    }
    if steps == 0:
        return "no steps"
    for name, (array, expected) in shapes.items():
        if array.shape != expected:
            return f"{name} of shape {array.shape}, not {expected}"
    for name in ("observations", "actions", "rewards"):
        kind = shapes[name][0].dtype
        if not np.issubdtype(kind, np.number) or np.issubdtype(kind, np.complexfloating):
            return f"{name} of type {kind}, not numbers"
    return None


def _wrong_numbers(
    observations: NDArray[Any], actions: NDArray[Any], rewards: NDArray[Any], info: TaskInfo
) -> str | None:
    for name, array in (
        ("observations", observations),
        ("actions", actions),
        ("rewards", rewards),
    ):
        if not np.isfinite(array).all():
            return f"{name} that are not finite"
    return far_outside(actions, info.action_low, info.action_high)


def _wrong_ends(episode: StoredEpisode) -> str | None:
    for name in ("terminations", "truncations"):
        early = np.flatnonzero(np.asarray(getattr(episode, name))[:-1])
        if len(early):
            return f"an end before its last step ({name}, step {early[0]})"
    return None


def _wrong_rewards(rewards: NDArray[Any], relabel: str) -> str | None:
    expected = _REWARDS.get(relabel)
    if expected is not None and not np.isin(rewards, expected).all():
        strange = rewards[~np.isin(rewards, expected)][0]
        return f"a reward of {strange:g}; expected one of {', '.join(map(str, expected))}"
    return None


def reference_scores(metadata: Mapping[str, Any]) -> tuple[float, float] | None:
    """The returns that score 0 and 100 as a dataset itself has them, if it does.

    Raises:
        BadDataError: if they cannot be used.
    """
    scores = metadata.get("ref_min_score"), metadata.get("ref_max_score")
    if None in scores:
        return None
    low, high = (float(value) for value in scores)  # type: ignore[arg-type]
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise BadDataError(
            f"has reference scores {low:g} and {high:g}; expected the first to be less"
        )
    return low, high
