"""Small made-up problems with known answers, for the tests of the baselines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmark.interface import Dataset, FloatArray, TaskInfo


def no_progress(step: int, metrics: Mapping[str, Any]) -> None:
    """Ignores what `fit` reports."""


def task_for(dataset: Dataset, **changes: Any) -> TaskInfo:
    """A task with actions in [-1, 1] that a dataset belongs to."""
    bound = np.ones(dataset.actions.shape[1], np.float32)
    values = {
        "name": "made-up",
        "observation_size": dataset.observations.shape[1],
        "action_low": -bound,
        "action_high": bound,
        "max_steps": 10,
        **changes,
    }
    return TaskInfo(**values)


def mean_action(agent_class: type[Any], dataset: Dataset, steps: int, **settings: Any) -> float:
    """What a small agent does on average in the recorded states, once it is trained."""
    small = {"hidden_sizes": (32, 32), "batch_size": 64}
    agent = agent_class(task_for(dataset), {**small, **settings}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return float(agent.act(dataset.observations, np.zeros(len(dataset), np.float32)).mean())


def dataset_of(
    observations: FloatArray, actions: FloatArray, rewards: FloatArray, ends: Mapping[int, str]
) -> Dataset:
    """A dataset whose episodes end after the given rows, with a `terminal` or a `timeout`."""
    flags = {kind: np.zeros(len(rewards), bool) for kind in ("terminal", "timeout")}
    for row, kind in ends.items():
        flags[kind][row] = True
    return Dataset(
        np.asarray(observations, np.float32),
        np.asarray(actions, np.float32),
        np.asarray(rewards, np.float32),
        flags["terminal"],
        flags["timeout"],
    )


def numbered_steps() -> Dataset:
    """Episodes of 4, 3 and 2 steps; the observation of row k is (k, -k), its action k / 10.

    The first ends with a terminal, the others with timeouts.
    """
    rows = np.arange(9)
    return dataset_of(
        np.stack([rows, -rows], axis=1),
        rows[:, None] / 10,
        rows,
        {3: "terminal", 6: "timeout", 8: "timeout"},
    )


def two_armed_bandit(n_rows: int = 400) -> Dataset:
    """Episodes of one step: action near -0.5 for no reward (two thirds), near 0.5 for 1."""
    rng = np.random.default_rng(0)
    is_rewarded = rng.random(n_rows) < 1 / 3
    actions = np.where(is_rewarded, 0.5, -0.5) + 0.05 * rng.standard_normal(n_rows)
    observations = rng.standard_normal((n_rows, 2))
    ends = dict.fromkeys(range(n_rows), "terminal")
    return dataset_of(observations, actions[:, None], is_rewarded, ends)


def walks(n_episodes: int = 20, length: int = 12) -> Dataset:
    """Walks along a line, one way per episode; observed are the place and a goal, (x, goal).

    The action is the step; who walks upwards is rewarded at each step.
    """
    rng = np.random.default_rng(0)
    steps = np.where(rng.random(n_episodes) < 0.5, 0.1, -0.1)[:, None] * np.ones(length)
    places = rng.uniform(-1, 1, (n_episodes, 1)) + np.cumsum(steps, axis=1) - steps
    goals = np.repeat(places[:, -1:], length, axis=1)
    ends = dict.fromkeys(range(length - 1, n_episodes * length, length), "timeout")
    observations = np.stack([places, goals], axis=2).reshape(-1, 2)
    return dataset_of(observations, steps.reshape(-1, 1), steps.ravel() > 0, ends)
