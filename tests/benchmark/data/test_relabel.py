"""What each benchmark makes of a recorded episode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.relabel import (
    GOALS_IN_HINDSIGHT,
    Episode,
    arrays_of,
    counts_of_done,
    multi2d,
)
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task


def _episode(
    rewards: Sequence[float],
    positions: Sequence[tuple[float, float]] | None = None,
    *,
    terminated: bool = False,
    first: int = 0,
) -> Episode:
    """Observation i is 10 times (first + i), i also in each column; action i is first + i."""
    steps = len(rewards)
    rows = first + np.arange(steps + 1.0)
    observations = 10 * rows[:, None] + np.arange(6)
    if positions is not None:
        observations[:, :2] = positions
    return Episode(observations, np.stack([rows, -rows], 1)[:-1], np.array(rewards), terminated)


def _arrays(task: Task, *episodes: Episode) -> Dataset:
    return arrays_of(task, episodes, sum(len(each.actions) for each in episodes))


def test_a_piece_has_one_observation_more_than_steps_and_ends_as_its_last_step_did() -> None:
    episode = _episode([0.5, 1.5, 2.5, 3.5], terminated=True)
    segment = episode.segment(1, 3)
    assert segment.observations[:, 0].tolist() == [10, 20, 30]
    assert segment.actions[:, 0].tolist() == [1, 2]
    assert segment.rewards.tolist() == [1.5, 2.5]
    assert not segment.terminated
    assert episode.segment(2, 4).terminated
    assert not replace(episode, terminated=False).segment(2, 4).terminated


def test_recorded_episodes_are_joined_in_their_order() -> None:
    first, second = _episode([1, 2], terminated=True), _episode([3, 4, 5], first=50)
    dataset = _arrays(TASKS["hopper-medium"], first, second)
    # Each episode's last observation follows its last action, and is left out.
    assert dataset.observations[:, 0].tolist() == [0, 10, 500, 510, 520]
    assert dataset.observations[3].tolist() == [510, 511, 512, 513, 514, 515]
    assert dataset.actions.tolist() == [[0, 0], [1, -1], [50, -50], [51, -51], [52, -52]]
    assert dataset.rewards.tolist() == [1, 2, 3, 4, 5]
    assert dataset.terminals.tolist() == [False, True, False, False, False]
    assert dataset.timeouts.tolist() == [False, False, False, False, True]
    for array in (dataset.observations, dataset.actions, dataset.rewards):
        assert array.dtype == np.float32


def test_kitchen_rewards_each_sub_task_once_and_ends_when_all_are_done() -> None:
    task = TASKS["kitchen-complete"]
    dataset = _arrays(task, _episode([0, 1, 1, 3, 2, 4]), _episode([1, 1, 3, 2, 3]))
    assert dataset.rewards.tolist() == [0, 1, 0, 2, 0, 1, *[1, 0, 2, 0, 0]]
    assert np.flatnonzero(dataset.terminals).tolist() == [5]
    assert np.flatnonzero(dataset.timeouts).tolist() == [10]
    assert dataset.actions[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4]
    assert dataset.observations[:, 0].tolist() == [*range(0, 60, 10), *range(0, 50, 10)]
    assert _arrays(task, _episode([0, 3], terminated=True)).terminals.tolist() == [False, True]


def test_rewards_that_were_given_once_become_counts_of_what_is_done() -> None:
    task = TASKS["kitchen-complete"]
    assert counts_of_done(np.array([0, 1, 0, 1, 0, 2]), task).tolist() == [0, 1, 1, 2, 2, 4]
    already = np.array([0, 1, 1, 1, 2])  # They add up to more than four sub-tasks.
    assert counts_of_done(already, task).tolist() == already.tolist()


def test_antmaze_ends_at_the_goal() -> None:
    there, never = _episode([0, 0, 1, 0, 1]), _episode([0, 0], first=5)
    dataset = _arrays(TASKS["antmaze-umaze"], there, never, _episode([1, 1], first=7))
    assert dataset.rewards.tolist() == [0, 0, 1, 0, 0, 1]
    assert np.flatnonzero(dataset.terminals).tolist() == [2, 5]
    assert np.flatnonzero(dataset.timeouts).tolist() == [4]
    assert dataset.observations[:, 0].tolist() == [0, 10, 20, 50, 60, 70]
    assert dataset.actions[:, 0].tolist() == [0, 1, 2, 5, 6, 7]


def test_maze2d_rewards_the_hidden_goal_after_the_step() -> None:
    # The goal is at (-1, 1). Off it by 0 and 2; 0.46; 0.44; 0.424 and 0.461 slantwise.
    path = [(-1.0, 3.0), (-0.54, 1.0), (-1.0, 0.56), (-0.7, 1.3), (-0.65, 1.3), (-1.0, 1.0)]
    dataset = _arrays(TASKS["maze2d-umaze"], _episode([9] * 5, path, terminated=True))
    assert dataset.rewards.tolist() == [0, 1, 1, 0, 1]
    assert np.allclose(dataset.observations[:, :2], path[:-1])
    assert dataset.observations[:, 3].tolist() == [3, 13, 23, 33, 43], "as recorded"
    assert dataset.actions[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert dataset.timeouts.tolist() == [False] * 4 + [True], "the task goes on at the goal"
    assert not dataset.terminals.any()


# Seven steps, each to a place of its own; segments are as long as an evaluation of three steps.
SHORT = replace(TASKS["multi2d-umaze"], max_steps=3)
STRIDES = [(float(step), 10.0 * step) for step in range(8)]


def _told(seed: int) -> list[Episode]:
    episode = _episode([9] * 7, STRIDES, terminated=True)
    return list(multi2d(SHORT, episode, np.random.default_rng(seed)))


def test_multi2d_tells_pieces_as_long_as_an_evaluation_four_times_each() -> None:
    told = _told(0)
    assert GOALS_IN_HINDSIGHT == 4
    assert [each.actions[:, 0].tolist() for each in told] == [
        *[[0, 1, 2]] * 4,
        *[[3, 4, 5]] * 4,
        *[[6]] * 4,
    ]
    assert not any(each.terminated for each in told)
    starts = [0] * 4 + [3] * 4 + [6] * 4
    for start, each in zip(starts, told, strict=True):
        steps = range(start, start + len(each.actions) + 1)
        # Where it is and how fast, as recorded; a goal that was recorded is no longer shown.
        state = [[step, 10 * step, 10 * step + 2, 10 * step + 3] for step in steps]
        assert each.observations[:, :4].tolist() == state


def test_multi2d_rewards_the_goal_that_it_shows_which_is_where_the_piece_was_at_some_step() -> None:
    found: list[list[int]] = [[], [], []]
    for seed in range(10):
        for index, each in enumerate(_told(seed)):
            segment = index // 4
            goals = each.observations[:, 4:].tolist()
            assert goals == [goals[0]] * len(goals), "one goal at all steps"
            step = int(goals[0][0])
            assert goals[0] == [step, 10 * step]
            # The step that leads to the goal; none does where it was there from the start.
            rewards = [0.0] * len(each.actions)
            if step > 3 * segment:
                rewards[step - 3 * segment - 1] = 1.0
            assert each.rewards.tolist() == rewards
            found[segment].append(step)
    assert [sorted(set(steps)) for steps in found] == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7]]


@pytest.mark.parametrize(("distance", "least"), [(0.45, 1), (0.4501, 0)])
def test_a_goal_is_reached_from_a_distance_of_0_45(distance: float, least: int) -> None:
    # One step of that length, told for where it began and where it ended.
    episode = _episode([0], [(0.0, 0.0), (0.0, distance)])
    rng = np.random.default_rng(0)
    rewards = {each.rewards.item() for _ in range(5) for each in multi2d(SHORT, episode, rng)}
    assert min(rewards) == least and max(rewards) == 1


def test_goals_are_drawn_once_and_for_all_from_seed_0() -> None:
    episode = _episode([0] * 3, STRIDES[:4])
    first, again = (_arrays(SHORT, episode, episode) for _ in range(2))
    assert len(first) == 2 * 4 * 3
    assert np.array_equal(first.observations, again.observations)
    drawn = np.random.default_rng(0).integers(4, size=8)
    assert first.observations[::3, 4].tolist() == drawn.tolist()
    assert np.array_equal(np.flatnonzero(first.timeouts), np.arange(2, 24, 3))


def test_a_function_makes_what_it_wants_of_the_episodes() -> None:
    def view(task: Task, episode: Episode, rng: np.random.Generator) -> list[Episode]:
        doubled = replace(episode, rewards=2 * episode.rewards)
        return [doubled] * 9 if episode.rewards[0] == 1 else []

    task = replace(TASKS["hopper-medium"], relabel=view)
    dataset = _arrays(task, _episode([3, 4]), _episode([1, 2]))
    assert dataset.rewards.tolist() == [2, 4] * 9, "more copies than there was room for"
    assert dataset.ends.tolist() == list(range(2, 20, 2))


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (lambda task, episode, rng: 1 / 0, "cannot be relabelled \\(ZeroDivisionError"),
        (lambda task, episode, rng: [], "has no episodes that relabelling leaves"),
        (lambda task, episode, rng: [3], "what is no episode: 3; expected benchmark.data.relabel"),
        (lambda task, episode, rng: [episode.segment(1, 1)], "what is no episode: no steps"),
        (
            lambda task, episode, rng: [replace(episode, rewards=np.ones(3))],
            "rewards of shape \\(3,\\), not \\(2,\\)",
        ),
        (
            lambda task, episode, rng: [replace(episode, rewards=np.full(2, np.nan))],
            "rewards that are not finite",
        ),
    ],
)
def test_what_a_function_makes_is_checked(view: Callable[..., Any], words: str) -> None:
    task = replace(TASKS["hopper-medium"], relabel=view)
    with pytest.raises(BadDataError, match=words) as refused:
        _arrays(task, _episode([1, 2]))
    assert refused.value.remedy == "repair the function relabel=... of the task"
