"""Recordings without a goal become ways to goals in hindsight."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmark.data.episode import Episode
from benchmark.data.relabel import arrays_of
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task

NAVIGATE, STITCH = (TASKS[f"ogbench-pointmaze-medium-{kind}"] for kind in ("navigate", "stitch"))


def walk(steps: int, start: float = 0.0) -> Episode:
    """Half a metre to the right at each step; the second coordinate tells recordings apart."""
    states = np.stack([start + 0.5 * np.arange(steps + 1), np.full(steps + 1, start)], 1)
    return Episode(
        states.astype(np.float32),
        np.tile(np.float32([0.5, 0]), (steps, 1)),
        np.zeros(steps, np.float32),
        False,
    )


def arrays(task: Task, *episodes: Episode) -> Dataset:
    return arrays_of(task, episodes, sum(len(one.actions) for one in episodes))


def test_states_actions_and_order_of_a_recording_stay_in_four_copies() -> None:
    dataset, episode = arrays(NAVIGATE, walk(30)), walk(30)
    assert len(dataset) == 4 * 30 and dataset.timeouts.sum() == 4
    for copy in range(4):
        rows = slice(30 * copy, 30 * copy + 30)
        assert np.array_equal(dataset.observations[rows, :2], episode.observations[:-1])
        assert np.array_equal(dataset.actions[rows], episode.actions)
        assert dataset.timeouts[rows].tolist() == [False] * 29 + [True]


def test_a_reward_is_what_the_environment_gives_for_the_next_state() -> None:
    dataset = arrays(NAVIGATE, walk(40), walk(25, start=100.0))
    states, goals = dataset.observations[:, :2], dataset.observations[:, 2:]
    last = dataset.timeouts
    inside = ~last
    near = np.linalg.norm(states[1:][inside[:-1]] - goals[:-1][inside[:-1]], axis=1) <= 1.0
    assert np.array_equal(dataset.rewards[:-1][inside[:-1]], near.astype(np.float32))
    # The task ends where it is reached, except that a recording's end is a timeout.
    assert np.array_equal(dataset.terminals, (dataset.rewards == 1) & ~last)
    # The goal of a segment is one, and far enough to need steps.
    for begin, end in zip(dataset.starts, dataset.ends, strict=True):
        assert len(np.unique(goals[begin:end], axis=0)) == 1
        assert np.linalg.norm(states[begin] - goals[begin]) > 1.0


def test_goals_are_later_states_of_the_recording_or_a_share_of_them_from_anywhere() -> None:
    far = [walk(60, start=100.0 * number) for number in range(20)]
    shares = {}
    for task in (NAVIGATE, STITCH):
        dataset = arrays(task, *far)
        # Where states that are far enough lie ahead; near the end there are none.
        begins = [row for row in dataset.starts if row % 60 < 50]
        first = dataset.observations[begins]
        own = first[:, 1] == first[:, 3]
        assert (first[own, 2] > first[own, 0] + 1.0).all() or task is STITCH
        shares[task.name] = 1 - own.mean()
    assert shares[NAVIGATE.name] == 0.0
    assert 0.35 < shares[STITCH.name] < 0.65


def test_all_states_ahead_that_are_far_enough_are_alike_likely_goals() -> None:
    dataset = arrays(NAVIGATE, *[walk(60)] * 100)
    begins = [row for row in dataset.starts if row % 60 == 0]
    first = dataset.observations[begins]
    ahead = first[:, 2] - first[:, 0]
    # From 1.5 to 30 metres, in halves.
    assert len(begins) == 400 and ahead.min() == 1.5 and ahead.max() == 30
    assert abs(ahead.mean() - 15.75) < 2


def test_the_same_seed_gives_the_same_goals() -> None:
    assert np.array_equal(
        arrays(STITCH, walk(50)).observations, arrays(STITCH, walk(50)).observations
    )


def test_a_goal_can_be_a_whole_state_of_which_the_position_counts() -> None:
    task = TASKS["ogbench-antmaze-medium-navigate"]
    rng = np.random.default_rng(0)
    states = rng.normal(size=(41, 29)).astype(np.float32)
    states[:, 0] = np.arange(41)
    recording = Episode(states, np.zeros((40, 8), np.float32), np.zeros(40, np.float32), False)
    dataset = arrays(task, recording)
    assert dataset.observations.shape == (40, 58)  # One copy of what is so wide.
    for begin, end in zip(dataset.starts, dataset.ends, strict=True):
        goal = dataset.observations[begin, 29:]
        assert (states == goal).all(axis=1).any()
        if dataset.terminals[end - 1]:
            assert np.linalg.norm(states[end, :2] - goal[:2]) <= 0.5


def test_a_recording_that_never_leaves_its_place_still_has_goals() -> None:
    still = replace(walk(5), observations=np.zeros((6, 2), np.float32))
    dataset = arrays(NAVIGATE, still)
    assert dataset.timeouts.sum() == 4 and (dataset.rewards == 1).all()


def test_an_observation_that_shows_a_goal_already_gets_another() -> None:
    shown: Any = np.concatenate([walk(20).observations, np.full((21, 2), 77.0)], axis=1)
    dataset = arrays(NAVIGATE, replace(walk(20), observations=shown))
    assert dataset.observations.shape[1] == 4
    assert (dataset.observations[:, 2:] < 77.0).all()
