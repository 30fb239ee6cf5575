"""Frames of what agents follow, from numbers that are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from benchmark.records.calibration_record import AskedLevel, CalibrationRecord
from benchmark.statistics.calibration_frames import (
    asked_frame,
    exchange_frame,
    followed_frame,
    perturbed_frame,
    rank_correlations,
)

EPISODES = [600_000, 600_001, 600_002, 600_003]


def levels_of(asked: Any, reached: Any) -> list[AskedLevel]:
    """Levels 0, 1, 2 and so on: (levels, episodes) of both."""
    pairs = enumerate(zip(np.asarray(asked, float), np.asarray(reached, float), strict=True))
    return [
        AskedLevel(float(level), before.tolist(), after.tolist(), (10 * after).tolist())
        for level, (before, after) in pairs
    ]


def run_of(
    agent: str, seed: int = 0, task: str = "maze2d-umaze", **parts: Any
) -> CalibrationRecord:
    return CalibrationRecord(f"{task}/{agent}/seed-{seed}", "a", "b", EPISODES, **parts)


ASKED = np.array([[1.0, 5, 9, 2], [2, 6, 10, 3], [3, 7, 11, 4]])


def test_whoever_brings_what_is_asked_has_a_correlation_of_one() -> None:
    assert rank_correlations(levels_of(ASKED, ASKED)).tolist() == pytest.approx([1, 1, 1, 1])
    assert rank_correlations(levels_of(ASKED, -ASKED)).tolist() == pytest.approx([-1] * 4)


def test_a_better_start_is_not_taken_for_listening() -> None:
    # The same is reached whatever is asked, and more of it where more is asked.
    reached = np.broadcast_to(ASKED[:1], ASKED.shape)
    assert rank_correlations(levels_of(ASKED, reached)).tolist() == [0, 0, 0, 0]


def test_it_is_spearmans() -> None:
    rng = np.random.default_rng(0)
    asked, reached = rng.integers(0, 4, (6, 4)), rng.integers(0, 4, (6, 4))
    expected = [stats.spearmanr(asked[:, e], reached[:, e]).statistic for e in range(4)]
    assert rank_correlations(levels_of(asked, reached)).tolist() == pytest.approx(expected)


def test_where_all_levels_ask_for_the_same_nothing_is_known() -> None:
    asked = ASKED.copy()
    asked[:, 2] = 9
    found = rank_correlations(levels_of(asked, ASKED))
    assert np.isnan(found).tolist() == [False, False, True, False]
    (row,) = followed_frame([run_of("mage", levels=levels_of(asked, ASKED))]).itertuples()
    assert row.rank_correlation == pytest.approx(1), "by the other episodes"
    everywhere = levels_of(np.ones((3, 4)), ASKED)
    (row,) = followed_frame([run_of("mage", levels=everywhere)]).itertuples()
    assert math.isnan(row.rank_correlation) and math.isnan(row.low)


def test_a_row_for_every_level_of_every_run_in_table_order() -> None:
    runs = [
        run_of("dt", levels=levels_of(ASKED, ASKED), asking_unit="share"),
        run_of(
            "mage", 1, levels=levels_of(ASKED, ASKED + 1), asking_unit="advantage", discount=0.9
        ),
        run_of("mage", 0, levels=levels_of(ASKED, ASKED)),
        run_of("bc", exchange_scores={}),
    ]
    frame = asked_frame(runs)
    assert frame["agent"].tolist() == ["mage"] * 6 + ["dt"] * 3
    assert frame["seed"].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    row = frame.iloc[4]
    assert (row.level, row.asked, row.reached, row.score) == (1, 5.25, 6.25, 62.5)
    assert (row.unit, row.discount, row.episodes, row.benchmark) == ("advantage", 0.9, 4, "maze2d")
    assert row.rank_correlation == pytest.approx(1)


def test_the_interval_is_over_training_seeds() -> None:
    flat = np.broadcast_to(ASKED[:1], ASKED.shape)
    runs = [run_of("mage", seed, levels=levels_of(ASKED, ASKED)) for seed in (0, 1, 2)]
    (row,) = followed_frame(runs).itertuples()
    assert (row.rank_correlation, row.low, row.high, row.seeds) == pytest.approx((1, 1, 1, 3))
    runs[1] = run_of("mage", 1, levels=levels_of(ASKED, flat))
    (row,) = followed_frame(runs).itertuples()
    # Seeds of 1, 0 and 1: a t interval of two degrees of freedom.
    half = stats.t.ppf(0.975, 2) * np.std([1, 0, 1], ddof=1) / math.sqrt(3)
    assert row.rank_correlation == pytest.approx(2 / 3)
    assert (row.low, row.high) == pytest.approx((2 / 3 - half, 2 / 3 + half))
    (row,) = followed_frame(runs[:1]).itertuples()
    assert math.isnan(row.low) and row.seeds == 1


def exchanged(seed: int, **scores: list[float]) -> CalibrationRecord:
    scores = {
        kind: scores.get(kind, scores["own"]) for kind in ("own", "episode", "state", "random")
    }
    return run_of("mage", seed, exchange_scores=scores, plan_share=0.25 * (1 + seed), states=8)


def test_changes_are_of_the_same_agents_in_the_same_episodes() -> None:
    # Trainings differ by 50, episodes by up to 90; somebody else's plan always costs exactly 5.
    own = np.array([0.0, 30.0, 60.0, 90.0])
    runs = [
        exchanged(seed, own=(own + 50 * seed).tolist(), episode=(own + 50 * seed - 5).tolist())
        for seed in (0, 1)
    ]
    frame = exchange_frame(runs).set_index("plan")
    assert frame.index.tolist() == ["own", "episode", "state", "random"]
    other = frame.loc["episode"]
    assert (other.score, other.change, other.low, other.high) == (65, -5, -5, -5)
    assert (other.verdict, other.basis, other.seeds, other.episodes) == ("lower", "paired", 2, 4)
    assert (frame.loc["state"].change, frame.loc["state"].verdict) == (0, "cannot tell")
    assert frame.loc["own"].score == 70
    half = stats.t.ppf(0.975, 1) * 0.25 / 2
    assert frame.loc["own"].plan_share == pytest.approx(0.375)
    assert frame.loc["own"].plan_share_low == pytest.approx(0.375 - half)


def test_what_perturbations_take_is_of_the_same_agents_in_the_same_episodes() -> None:
    runs = [
        run_of(
            "bc",
            seed,
            perturbed_scores={
                "none": [40.0 + seed, 60.0 + seed] * 2,
                "delay=1": [30.0 + seed, 50.0 + seed] * 2,
                # Of one training alone.
                **({"start=5": [1.0] * 4} if seed == 2 else {}),
            },
        )
        for seed in (0, 1, 2)
    ]
    frame = perturbed_frame([*runs, run_of("dt")]).set_index("perturbation")
    assert list(frame.index) == ["none", "delay=1", "start=5"] and set(frame["agent"]) == {"bc"}
    assert frame["score"].tolist() == [51, 41, 1]
    assert frame["change"].tolist() == [0, -10, 1 - 52]
    assert frame.loc["delay=1", ["low", "high"]].tolist() == [-10, -10]
    assert frame["seeds"].tolist() == [3, 3, 1] and set(frame["episodes"]) == {4}
    assert frame.loc["delay=1", "verdict"] == "lower"


def test_one_training_tells_nothing_of_others() -> None:
    frame = exchange_frame([exchanged(0, own=[1.0] * 4, random=[0.0] * 4)]).set_index("plan")
    row = frame.loc["random"]
    assert (row.change, row.verdict, row.basis) == (-1, "cannot tell", "one seed")
    assert math.isnan(row.low) and math.isnan(row.plan_share_low)
    assert row.plan_share == 0.25


def test_without_measurements_frames_are_empty() -> None:
    assert len(asked_frame([])) == len(followed_frame([])) == len(exchange_frame([])) == 0
    assert len(perturbed_frame([])) == 0
    assert "rank_correlation" in asked_frame([])
