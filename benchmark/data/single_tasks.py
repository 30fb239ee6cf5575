"""Data of play, with the rewards of one task as the environment's own package works them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.data.checks import BadDataError
from benchmark.data.episode import Episode
from benchmark.tasks import Task

# What the package reads rewards from, in the infos of a dataset: the state of the simulation.
_STATES = ("qpos", "button_states")


def single_task(
    task: Task, episodes: Iterable[Episode], rng: np.random.Generator
) -> Iterator[Episode]:
    """Each recording as segments that end where the task is solved, as an evaluation does.

    The row of a solved state is the last of its segment, with a reward of 0: the package judges the
    state before the action, in its data and, since its version 1.2.0, in its environments.

    Args:
        task: of OGBench's arm.
        episodes: recordings with the state of the simulation in their infos; all of them are held
            in memory.
        rng: not used.

    Raises:
        BadDataError: for data without that.
    """
    recordings: list[Episode] = []
    states: dict[str, list[Any]] = {name: [] for name in _STATES}
    for episode in episodes:
        recordings.append(replace(episode, infos={}))
        for name in _STATES:
            if name in episode.infos:
                states[name].append(np.asarray(episode.infos[name])[: len(episode.actions)])
    rewards, solved = _rewards(task, recordings, states)
    first = 0
    for recording in recordings:
        rows = slice(first, first + len(recording.actions))
        first = rows.stop
        yield from _segments(replace(recording, rewards=rewards[rows]), solved[rows])


def _rewards(
    task: Task, recordings: list[Episode], states: dict[str, list[Any]]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(N,) the rewards of all rows, and which of them have a solved state."""
    whole = {
        name: np.concatenate(parts)
        for name, parts in states.items()
        if len(parts) == len(recordings)
    }
    if "qpos" not in whole:
        raise _without("qpos", task)
    from ogbench.relabel_utils import relabel_dataset  # An extra, which other tasks do without.

    # Keeps MuJoCo out of what only looks data up.
    from benchmark.tasks.environments import make_environment

    env = make_environment(task)
    try:
        relabel_dataset(str(task.env_id), env, whole)
    except KeyError as error:
        raise _without(str(error.args[0]), task) from error
    finally:
        env.close()
    return whole["rewards"], whole["masks"] == 0


def _without(name: str, task: Task) -> BadDataError:
    return BadDataError(
        f"has no {name} in the infos of its episodes, from which rewards are worked out",
        f"collect it, or choose a dataset that has them: --dataset {task.name}=ID",
    )


def _segments(recording: Episode, solved: NDArray[np.bool_]) -> Iterator[Episode]:
    start, end = 0, len(recording.actions)
    while start < end:
        ahead = np.flatnonzero(solved[start:])
        stop = start + 1 + int(ahead[0]) if len(ahead) else end
        yield replace(recording.segment(start, stop), terminated=len(ahead) > 0)
        start = stop
