"""How the recorded episodes of each benchmark become the arrays that agents learn from.

A recorded episode has T actions and rewards but T + 1 observations. A relabelling takes one
episode, or all of them where a segment depends on others, and returns segments, each of which ends
with a terminal or a timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.data.checks import BadDataError
from benchmark.data.episode import Episode as Episode
from benchmark.data.goal_segments import hindsight
from benchmark.data.single_tasks import single_task
from benchmark.errors import shown, with_type
from benchmark.interface import Dataset
from benchmark.tasks import Task
from benchmark.tasks.mazes import cell_centre
from benchmark.tasks.point_maze import GOAL_RADIUS

# Copies of a segment of a maze, each with another goal.
GOALS_IN_HINDSIGHT = 4

_OWN = "repair the function relabel=... of the task"


Relabelling = Callable[[Task, Episode, np.random.Generator], Iterable[Episode]]
OfAllEpisodes = Callable[[Task, Iterable[Episode], np.random.Generator], Iterable[Episode]]


def plain(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """The episode as it was recorded."""
    yield episode


def kitchen(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Rewards each sub-task once, as the evaluation does.

    The published data rewards at every step the number of sub-tasks that are done then. What
    counts here is when that number first rises.
    """
    done = np.maximum.accumulate(episode.rewards)
    yield Episode(
        episode.observations,
        episode.actions,
        np.diff(done, prepend=0.0),
        episode.terminated or bool(done[-1] >= task.max_score),
    )


def counts_of_done(rewards: NDArray[Any], task: Task) -> NDArray[Any]:
    """Rewards (T,) of sub-tasks that were given once each, as `kitchen` wants them: counts.

    If they add up to more than there are sub-tasks, they are such counts already.
    """
    counts: NDArray[Any] = rewards if rewards.sum() > task.max_score else np.cumsum(rewards)
    return counts


def antmaze(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Ends the episode at the goal, as the evaluation does; the recording went on."""
    reached = np.flatnonzero(episode.rewards > 0)
    if len(reached):
        stop = int(reached[0]) + 1
        end = episode.segment(0, stop)
        yield Episode(end.observations, end.actions, end.rewards, terminated=True)
    else:
        yield episode


def maze2d(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Rewards closeness to the one hidden goal, whatever the recorded agent was after."""
    assert task.goal_cell is not None
    goal = np.array(cell_centre(task.env_kwargs["maze_map"], task.goal_cell))
    yield Episode(
        episode.observations, episode.actions, _goal_reward(episode.observations, goal), False
    )


def multi2d(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Cuts segments as long as an evaluation, each relabelled with a few goals that it did reach.

    The goals are where the agent was at random steps of the segment, put into the observation. As
    many for each as in hindsight experience replay (Andrychowicz et al. 2017).
    """
    for start in range(0, len(episode.actions), task.max_steps):
        segment = episode.segment(start, min(start + task.max_steps, len(episode.actions)))
        state = segment.observations[:, :4]
        for step in rng.integers(len(state), size=GOALS_IN_HINDSIGHT):
            goal = state[step, :2]
            shown = np.concatenate([state, np.broadcast_to(goal, (len(state), 2))], axis=1)
            yield Episode(shown, segment.actions, _goal_reward(state, goal), False)


RELABELLINGS: dict[str, Relabelling] = {
    "plain": plain,
    "kitchen": kitchen,
    "antmaze": antmaze,
    "maze2d": maze2d,
    "multi2d": multi2d,
}
RELABELLINGS_OF_ALL: dict[str, OfAllEpisodes] = {
    "hindsight": hindsight,
    "single-task": single_task,
}


def arrays_of(task: Task, episodes: Iterable[Episode], most_steps: int) -> Dataset:
    """Relabels recorded episodes as the task says and joins the segments, one at a time.

    The random choices come from a fixed seed, so every agent sees the same data.

    Args:
        task: the task.
        episodes: at least one.
        most_steps: of all episodes together; relabelling may leave some out, or copy all of them
            `GOALS_IN_HINDSIGHT` times, or a user's as often as it likes.

    Raises:
        BadDataError: if a user's relabelling gives what is no episode, or none.
    """
    rng = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {}
    steps = 0
    for segment in _segments(task, episodes, rng):
        parts = _columns(segment)
        if not arrays:
            # Memory that is never written to is never taken.
            arrays = {
                name: np.empty((GOALS_IN_HINDSIGHT * most_steps, *part.shape[1:]), part.dtype)
                for name, part in parts.items()
            }
        if steps + len(segment.actions) > len(arrays["rewards"]):
            # Only a user's own relabelling gives more copies than ours.
            arrays = {
                name: np.concatenate([array[:steps], np.empty_like(array), parts[name]])
                for name, array in arrays.items()
            }
        for name, part in parts.items():
            arrays[name][steps : steps + len(part)] = part
        steps += len(segment.actions)
    if not steps:
        raise BadDataError("has no episodes that relabelling leaves", _OWN)
    return Dataset(**{name: array[:steps] for name, array in arrays.items()})


def _segments(
    task: Task, episodes: Iterable[Episode], rng: np.random.Generator
) -> Iterable[Episode]:
    if isinstance(task.relabel, str) and task.relabel in RELABELLINGS_OF_ALL:
        return RELABELLINGS_OF_ALL[task.relabel](task, episodes, rng)
    return (part for episode in episodes for part in _relabelled(task, episode, rng))


def _relabelled(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """The segments of one episode, of which those of a user's function are checked."""
    if isinstance(task.relabel, str):
        yield from RELABELLINGS[task.relabel](task, episode, rng)
        return
    try:
        segments = list(task.relabel(task, episode, rng))
    except Exception as error:  # Other people's function may raise anything.
        raise BadDataError(f"cannot be relabelled ({with_type(error)})", _OWN) from error
    for segment in segments:
        if problem := _problem(segment, episode):
            raise BadDataError(f"is relabelled to what is no episode: {problem}", _OWN)
        yield segment


def _problem(segment: Any, episode: Episode) -> str | None:
    """What is wrong with a segment that a user's function has made of an episode."""
    if not isinstance(segment, Episode):
        return f"{shown(segment)}; expected benchmark.data.relabel.Episode"
    steps = len(segment.actions)
    expected = {
        "observations": (steps + 1, *np.shape(segment.observations)[1:2]),
        "actions": (steps, *episode.actions.shape[1:]),
        "rewards": (steps,),
    }
    for name, shape in expected.items():
        array = getattr(segment, name)
        if np.shape(array) != shape:
            return f"{name} of shape {np.shape(array)}, not {shape}"
        if not np.isfinite(array).all():
            return f"{name} that are not finite"
    return None if steps else "no steps"


def _columns(segment: Episode) -> dict[str, NDArray[Any]]:
    """The arrays of `Dataset` for one segment."""
    last = np.arange(1, len(segment.actions) + 1) == len(segment.actions)
    return {
        "observations": segment.observations[:-1].astype(np.float32),
        "actions": segment.actions.astype(np.float32),
        "rewards": segment.rewards.astype(np.float32),
        # Bool, whatever type the flag was stored as.
        "terminals": last & bool(segment.terminated),
        "timeouts": last & (not segment.terminated),
    }


def _goal_reward(
    observations: NDArray[np.floating], goal: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(T,) 1 where the step led to within the goal's radius, else 0."""
    distance = np.linalg.norm(observations[1:, :2] - goal, axis=1)
    return np.asarray(distance <= GOAL_RADIUS, np.float32)
