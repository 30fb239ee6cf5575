"""One row per agent over all tasks, with known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.statistics.frames import collate
from benchmark.statistics.leaderboard import leaderboard_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"


def board(*records: Record) -> pd.DataFrame:
    frames = collate(records).plain
    return leaderboard_frame(
        *(frames.scores, frames.groups[-1], frames.aggregates, frames.latency, frames.costs)
    ).set_index("agent")


def grid(scores: dict[str, dict[str, tuple[float, ...]]], **changes: object) -> list[Record]:
    return [
        completed(task, agent, seed, score, **changes)
        for agent, by_task in scores.items()
        for task, each in by_task.items()
        for seed, score in enumerate(each)
    ]


def test_ranks_wins_and_shortfall_over_two_benchmarks() -> None:
    found = board(
        *grid(
            {
                "mage": {UMAZE: (120, 80), MEDIUM: (50, 50), PEN: (10, 10)},
                "dt": {UMAZE: (60, 60), MEDIUM: (50, 50), PEN: (30, 30)},
                "bc": {UMAZE: (0, 0), MEDIUM: (20, 20), PEN: (30, 30)},
            }
        )
    )
    # Ranks of mage 1, 1.5 (shared), 3; of dt 2, 1.5, 1.5; of bc 3, 3, 1.5.
    assert found["mean_rank"].to_dict() == pytest.approx(
        {"dt": 5 / 3, "mage": 5.5 / 3, "bc": 7.5 / 3}
    )
    assert list(found.index) == ["dt", "mage", "bc"]
    assert found["highest"].to_dict() == {"dt": 2, "mage": 2, "bc": 1}
    # Of mage (0 + 20) / 2, 50 and 90: what is beyond 100 makes up for nothing.
    assert found["optimality_gap"].to_dict() == pytest.approx(
        {"dt": (40 + 50 + 70) / 3, "mage": 150 / 3, "bc": (100 + 80 + 70) / 3}
    )
    # The middle half of 60, 60, 50, 50, 30, 30.
    assert found.loc["dt", "iqm"] == (60 + 50 + 50 + 30) / 4
    assert found.loc["dt", "iqm_low"] <= found.loc["dt", "iqm"] <= found.loc["dt", "iqm_high"]


def test_means_that_are_printed_alike_share_a_rank() -> None:
    found = board(*grid({"mage": {UMAZE: (50.04, 50.04)}, "dt": {UMAZE: (50.0, 50.0)}}))
    assert found["mean_rank"].to_dict() == {"mage": 1.5, "dt": 1.5}


def test_only_complete_tasks_are_ranked_and_an_agent_left_out_comes_last() -> None:
    scores = {"mage": {UMAZE: (1, 2), MEDIUM: (9, 9)}, "dt": {UMAZE: (3, 4), MEDIUM: (1, 1)}}
    lost = [failed(task, "bc", seed) for task in (UMAZE, MEDIUM) for seed in (0, 1)]
    found = board(*grid(scores), *lost)
    assert list(found.index) == ["mage", "dt", "bc"]
    assert found["mean_rank"].tolist()[:2] == [1.5, 1.5]
    assert found.loc["bc", ["mean_rank", "iqm", "optimality_gap", "ms_least"]].isna().all()
    assert found.loc["bc", "highest"] == 0
    one_less = [r for r in grid(scores) if r.run.name != f"{MEDIUM}/dt/seed-1"]
    assert board(*one_less)["mean_rank"].to_dict() == {"dt": 1.0, "mage": 2.0}


def test_who_is_left_alone_has_no_rank() -> None:
    extra = grid({"mage": {UMAZE: (90, 90, 90)}, "bc": {UMAZE: (60, 60)}})
    assert board(*extra)["mean_rank"].isna().all(), "the others lack the third seed"


def test_times_go_from_the_least_to_the_most() -> None:
    slow = {"machine": {"processor": "Chip 2", "device": "cpu"}, "latency_ms": [9.0]}
    found = board(
        *grid({"mage": {UMAZE: (1, 2)}}, seconds={"fit": 90.0}),
        *grid({"mage": {PEN: (1, 2)}}, seconds={"fit": 30.0}, **slow),
        *grid({"bc": {UMAZE: (1, 2), PEN: (1, 2)}}, latency_ms=[]),
    )
    times = found.loc["mage", ["ms_least", "ms_most", "seconds_least", "seconds_most"]]
    assert times.tolist() == [2.0, 9.0, 30.0, 90.0]
    assert np.isnan(found.loc["bc", ["ms_least", "seconds_most"]].astype(float)).all()


def test_without_a_score_there_is_a_board_of_names() -> None:
    found = board(failed(UMAZE, "mage", 0), failed(UMAZE, "bc", 0))
    assert list(found.index) == ["mage", "bc"] and found["mean_rank"].isna().all()


def test_the_time_of_an_action_is_the_mean_of_all() -> None:
    scores = {"mage": {UMAZE: (1, 2)}, "bc": {UMAZE: (3, 4)}}
    found = board(*grid(scores, latency_ms=[1.0, 2.0, 9.0]))
    assert found.loc["mage", ["ms_least", "ms_most"]].tolist() == [4.0, 4.0]
