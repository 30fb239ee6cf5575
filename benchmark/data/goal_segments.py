"""Recordings without a goal, cut into ways to goals that are chosen in hindsight.

::

    recording     s0  s1  s2  s3  s4  s5  s6  s7     s8 is the last state, and no action is taken
    goal          s3' s3' s3' s7' s7' s7' s7' s8'    in it; s3' is what s3 shows of a goal
    rewards        0   0   1   0   0   0   1   1
    terminals      .   .   1   .   .   .   1   .
    timeouts       .   .   .   .   .   .   .   1     the recording ends, goal or not
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.data.episode import Episode
from benchmark.interface import HindsightGoals
from benchmark.tasks import Task

# Copies of a recording, each cut at other goals; as many as Multi2D has. Where states are long,
# more than one would take gigabytes.
_COPIES, _LONG_STATE = 4, 16
_TRIES = 20  # To draw a state from anywhere that is not near already.


def hindsight(
    task: Task, episodes: Iterable[Episode], rng: np.random.Generator
) -> Iterator[Episode]:
    """Each recording in a few copies, as segments that lie back to back.

    A segment goes on until the next state is within the goal's radius, as an evaluation does; then
    the next begins with another goal. Its goal is a later state of the same recording, or, with the
    share that the task says, one of any recording: drawn uniformly from those that are not near
    already. Where no later state is far enough, it is one of any recording.

    Args:
        task: with `hindsight`, `position_columns` and `goal_columns`.
        episodes: recordings; all of them are held in memory.
        rng: for the choice of goals.
    """
    assert task.hindsight is not None
    goals = task.hindsight
    first_goal_column = min(goals.goal_columns)
    recordings = [
        Episode(one.observations[:, :first_goal_column], one.actions, one.rewards, False)
        for one in episodes
    ]
    anywhere = np.concatenate([one.observations for one in recordings])
    copies = _COPIES if first_goal_column < _LONG_STATE else 1
    for recording in recordings:
        places = recording.observations[:, list(task.position_columns)]
        for _ in range(copies):
            yield from _segments(_Cutter(recording, places, anywhere, task, goals, rng))


@dataclass(frozen=True)
class _Cutter:
    """What the segments of one copy of a recording are cut from.

    Attributes:
        recording: its states, without goals.
        places: (T + 1, P) the positions in these.
        anywhere: (M, S) states of all recordings.
        task: whose goals they get.
        goals: its `hindsight`.
        rng: for the choice of goals.
    """

    recording: Episode
    places: NDArray[np.floating]
    anywhere: NDArray[np.floating]
    task: Task
    goals: HindsightGoals
    rng: np.random.Generator

    def near(self, places: NDArray[np.floating], state: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(...) whether positions are so near the one of a state that it is reached there."""
        gap = places - state[list(self.task.position_columns)]
        return np.asarray(np.linalg.norm(gap, axis=-1) <= self.goals.radius)

    def target(self, start: int) -> NDArray[np.floating]:
        """(S,) the state whose goal a segment gets that starts at a row."""
        states, here = self.recording.observations, self.places[start]
        if self.rng.random() >= self.goals.random_goals:
            far = np.flatnonzero(~self.near(self.places[start + 1 :], states[start]))
            if len(far):
                return np.asarray(states[start + 1 + self.rng.choice(far)])
        for _ in range(_TRIES):
            state = np.asarray(self.anywhere[self.rng.integers(len(self.anywhere))])
            if not self.near(here, state):
                break
        return state


def _segments(cutter: _Cutter) -> Iterator[Episode]:
    start, end = 0, len(cutter.recording.actions)
    while start < end:
        target = cutter.target(start)
        reached = np.flatnonzero(cutter.near(cutter.places[start + 1 :], target))
        stop = start + 1 + int(reached[0]) if len(reached) else end
        part = cutter.recording.segment(start, stop)
        goal = target[list(cutter.goals.state_columns)]
        goals = np.broadcast_to(goal, (len(part.observations), len(goal)))
        rewards = np.zeros(len(part.actions), np.float32)
        rewards[-1] = float(len(reached) > 0)
        # Only a timeout tells that the recording ends.
        yield Episode(
            np.concatenate([part.observations, goals], axis=1), part.actions, rewards, stop < end
        )
        start = stop
