"""Intervals from runs and episodes that are drawn anew."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.statistics.aggregates import improvement, interquartile_mean
from benchmark.statistics.bootstrap import RESAMPLES, Resamples, interval, share_interval
from benchmark.statistics.differences import Compared
from benchmark.statistics.uncertainty import TaskRuns, average

EPISODES = [[0, 1]] * 6


def compared(scores: np.ndarray, episodes: list[list[int]]) -> Compared:
    """Runs of `mage` in the first half of the rows, of `bc` in the second; (runs, episodes)."""
    seeds = len(scores) // 2
    runs = TaskRuns([*range(seeds)] * 2, scores.mean(1), list(scores), episodes)
    return Compared(runs, {"mage": np.arange(seeds), "bc": np.arange(seeds, 2 * seeds)})


def plain(*scores: float) -> Compared:
    """Runs of one agent of which nothing but the scores is known."""
    runs = TaskRuns(range(len(scores)), scores, [[]] * len(scores), [[]] * len(scores))
    return Compared(runs, {"mage": np.arange(len(scores))})


def test_the_interval_of_a_mean_of_seeds_is_students() -> None:
    task = plain(0, 0, 0, 6, 6, 6)
    (drawn,) = Resamples([task])("mage")
    assert drawn.shape == (RESAMPLES, 6) and set(drawn.ravel()) == {0.0, 6.0}
    low, high = interval(np.float64(3), drawn.mean(1), task.mean("mage").degrees, [6])
    # The sample's standard deviation is sqrt(54 / 5), t with five degrees of freedom 2.5706.
    assert (low + high) / 2 == pytest.approx(3)
    assert (high - low) / 2 == pytest.approx(2.5706 * math.sqrt(54 / 5 / 6), rel=0.05)


def test_tasks_and_agents_are_drawn_by_themselves() -> None:
    tasks = [compared(np.arange(12.0).reshape(6, 2) ** 2, [[row] * 2 for row in range(6)])] * 2
    resamples = Resamples(tasks)
    (first, second), other = resamples("mage"), resamples("bc")[0]
    assert abs(np.corrcoef(first.mean(1), second.mean(1))[0, 1]) < 0.1
    assert abs(np.corrcoef(first.mean(1), other.mean(1))[0, 1]) < 0.1
    again = Resamples(tasks)("mage")
    assert all(np.array_equal(*pair) for pair in zip((first, second), again, strict=True))


def test_episodes_that_all_seeds_play_are_drawn_for_both_agents_together() -> None:
    luck = np.array([0.0, 4.0])
    task = compared(np.tile(luck, (6, 1)), EPISODES)
    mage, bc = (Resamples([task])(agent)[0] for agent in ("mage", "bc"))
    # Of two draws from (0, 4), all seeds are moved alike: to 0, 2 or 4.
    assert set(mage.ravel()) == {0.0, 2.0, 4.0}
    assert np.array_equal(mage, bc) and (mage == mage[:, :1]).all()


def test_episodes_of_a_seeds_own_are_drawn_along_with_it() -> None:
    own = [[0, 1], [10, 11], [20, 21]] * 2
    scores = np.array([[0.0, 4.0], [1.0, 5.0], [2.0, 6.0]] * 2)
    (drawn,) = Resamples([compared(scores, own)])("mage")
    assert set(drawn.ravel()) == {2.0, 3.0, 4.0}


def test_one_seed_has_no_interval() -> None:
    drawn = np.zeros(RESAMPLES)
    assert np.isnan(interval(np.float64(1), drawn, math.nan, [3, 1])).all()
    assert np.isnan(share_interval(np.float64(1), drawn, math.nan, [1])).all()


@pytest.mark.parametrize(
    ("seeds", "low"),
    [
        ([2], 0.342),
        ([3], 0.438),
        ([4], 0.510),
        ([3] * 4, 0.757),
        ([4] * 20, 0.954),
        ([2, 4], 0.582),
    ],
)
def test_where_all_runs_agree_a_probability_is_not_certain(seeds: list[int], low: float) -> None:
    drawn = np.ones(RESAMPLES)
    # Wilson's interval, n / (n + 1.96^2); of (2, 4) seeds n is 4 / (1 / 2 + 1 / 4).
    ends = share_interval(np.float64(1), drawn, math.inf, seeds)
    assert ends == pytest.approx((low, 1.0), abs=1e-3)
    ends = share_interval(np.float64(0), drawn * 0, math.inf, seeds)
    assert ends == pytest.approx((0.0, 1 - low), abs=1e-3)


def test_a_probability_stays_between_0_and_1() -> None:
    drawn = np.random.default_rng(0).normal(0.9, 0.3, RESAMPLES)
    low, high = share_interval(np.float64(0.9), drawn, 2.0, [3])
    assert (low, high) == (0.0, 1.0)
    narrow = np.random.default_rng(0).normal(0.5, 0.1, RESAMPLES)
    low, high = share_interval(np.float64(0.5), narrow, 20.0, [200])
    assert (low, high) == pytest.approx((0.29, 0.71), abs=0.01)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("shared", [True, False])
def test_nominal_95_percent_are_about_95(
    seeds: int, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.statistics.bootstrap.RESAMPLES", 300)
    rng, worlds, episodes, tasks = np.random.default_rng(0), 150, 50, 2
    played = [np.arange(episodes) + (0 if shared else 1000 * seed) for seed in range(seeds)] * 2
    middle = share = 0
    for _ in range(worlds):
        world = []
        for _ in range(tasks):
            common = rng.normal(0, 20, (1 if shared else seeds, episodes))
            blocks = np.tile(common, (2 * seeds if shared else 2, 1))
            training = rng.normal(0, 20, (2 * seeds, 1))
            noise = rng.normal(0, 20, (2 * seeds, episodes))
            world.append(compared(training + blocks + noise, played))
        resamples, counts = Resamples(world), [seeds] * tasks
        drawn, others = resamples("mage"), resamples("bc")
        ours, theirs = ([task.scores(agent) for task in world] for agent in ("mage", "bc"))
        degrees = average([task.mean("mage") for task in world]).degrees
        low, high = interval(interquartile_mean(*ours), interquartile_mean(*drawn), degrees, counts)
        middle += low <= 0 <= high
        degrees = average([task.difference("mage", "bc") for task in world]).degrees
        low, high = share_interval(
            improvement(*ours, *theirs), improvement(*drawn, *others), degrees, counts
        )
        share += low <= 0.5 <= high
    assert middle / worlds >= 0.93 and share / worlds >= 0.93
