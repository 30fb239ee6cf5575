"""How the recorded episodes of each benchmark become the arrays that agents learn from.

A recorded episode has T actions and rewards but T + 1 observations. Every view takes one episode
and returns pieces of it, each of which ends with a terminal or a timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import Dataset
from benchmark.tasks import Task
from benchmark.tasks.mazes import Cell, cell_xy

# Distance, in cells, from which gymnasium-robotics counts a point-maze goal as reached.
GOAL_RADIUS = 0.45
# Times that a piece of a maze is told, each with another goal.
GOALS_IN_HINDSIGHT = 4


@dataclass(frozen=True)
class Episode:
    """One recorded episode or a piece of one.

    Attributes:
        observations: (T + 1, O).
        actions: (T, A).
        rewards: (T,).
        terminated: whether the task ended at the last step, rather than the recording.
    """

    observations: NDArray[np.floating]
    actions: NDArray[np.floating]
    rewards: NDArray[np.floating]
    terminated: bool

    def piece(self, start: int, stop: int) -> Episode:
        """The steps from `start` up to, not including, `stop`."""
        return Episode(
            self.observations[start : stop + 1],
            self.actions[start:stop],
            self.rewards[start:stop],
            self.terminated and stop >= len(self.actions),
        )


View = Callable[[Task, Episode, np.random.Generator], Iterable[Episode]]


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


def antmaze(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Ends the episode at the goal, as the evaluation does; the recording went on."""
    reached = np.flatnonzero(episode.rewards > 0)
    if len(reached):
        stop = int(reached[0]) + 1
        end = episode.piece(0, stop)
        yield Episode(end.observations, end.actions, end.rewards, terminated=True)
    else:
        yield episode


def maze2d(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Rewards closeness to the one hidden goal, whatever the recorded agent was after."""
    assert task.goal_cell is not None
    goal = cell_centre(task, task.goal_cell)
    yield Episode(
        episode.observations, episode.actions, _closeness(episode.observations, goal), False
    )


def multi2d(task: Task, episode: Episode, rng: np.random.Generator) -> Iterator[Episode]:
    """Cuts pieces as long as an evaluation, each told again for a few goals that it did reach.

    The goals are where the agent was at random steps of the piece, put into the observation. As
    many for each as in hindsight experience replay (Andrychowicz et al. 2017).
    """
    for start in range(0, len(episode.actions), task.max_steps):
        piece = episode.piece(start, min(start + task.max_steps, len(episode.actions)))
        state = piece.observations[:, :4]
        for step in rng.integers(len(state), size=GOALS_IN_HINDSIGHT):
            goal = state[step, :2]
            shown = np.concatenate([state, np.broadcast_to(goal, (len(state), 2))], axis=1)
            yield Episode(shown, piece.actions, _closeness(state, goal), False)


VIEWS: dict[str, View] = {
    "plain": plain,
    "kitchen": kitchen,
    "antmaze": antmaze,
    "maze2d": maze2d,
    "multi2d": multi2d,
}


def cell_centre(task: Task, cell: Cell) -> NDArray[np.float64]:
    """(2,) the x and y of the centre of a point maze's (row, column) cell, of side 1."""
    return np.array(cell_xy(task.env_kwargs["maze_map"], cell))


def arrays_of(task: Task, episodes: Iterable[Episode], most_steps: int) -> Dataset:
    """Applies the task's view to recorded episodes and joins the pieces, one at a time.

    The random choices of a view come from a fixed seed, so every agent sees the same data.

    Args:
        task: the task.
        episodes: at least one.
        most_steps: of all episodes together; a view may leave some out, or tell all of them
            `GOALS_IN_HINDSIGHT` times.
    """
    rng = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {}
    steps = 0
    for piece in (piece for each in episodes for piece in VIEWS[task.view](task, each, rng)):
        parts = _columns(piece)
        if not arrays:
            # Memory that is never written to is never taken.
            arrays = {
                name: np.empty((GOALS_IN_HINDSIGHT * most_steps, *part.shape[1:]), part.dtype)
                for name, part in parts.items()
            }
        for name, part in parts.items():
            arrays[name][steps : steps + len(part)] = part
        steps += len(piece.actions)
    return Dataset(**{name: array[:steps] for name, array in arrays.items()})


def _columns(piece: Episode) -> dict[str, NDArray[Any]]:
    """The arrays of `Dataset` for one piece."""
    last = np.arange(1, len(piece.actions) + 1) == len(piece.actions)
    return {
        "observations": piece.observations[:-1].astype(np.float32),
        "actions": piece.actions.astype(np.float32),
        "rewards": piece.rewards.astype(np.float32),
        "terminals": last & piece.terminated,
        "timeouts": last & (not piece.terminated),
    }


def _closeness(
    observations: NDArray[np.floating], goal: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(T,) 1 where the step led to within the goal's radius, else 0."""
    distance = np.linalg.norm(observations[1:, :2] - goal, axis=1)
    return np.asarray(distance <= GOAL_RADIUS, np.float32)
