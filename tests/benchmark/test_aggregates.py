from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark import aggregates
from benchmark.aggregates import (
    ALL_TASKS,
    Group,
    aggregate_frame,
    groups,
    improvement,
    interquartile_mean,
    interval,
    largest_complete_part,
    left_out,
    profile_frame,
)
from benchmark.record import Record
from benchmark.statistics import run_frame, score_frame
from tests.benchmark.made_up import completed, failed, without_data

UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"


def found(records: list[Record]) -> list[Group]:
    runs = run_frame(records)
    return groups(runs, score_frame(runs))


def grid(scores: dict[str, dict[str, tuple[float, ...]]]) -> list[Record]:
    """Completed runs from agent -> task -> scores of the seeds."""
    return [
        completed(task, agent, seed, score)
        for agent, by_task in scores.items()
        for task, each in by_task.items()
        for seed, score in enumerate(each)
    ]


def array(*values: float) -> np.ndarray:
    return np.array(values, float)


def test_interquartile_mean_is_that_of_the_middle_half() -> None:
    # Of 8 runs the two least and the two most are left out: (2 + 3 + 4 + 5) / 4.
    assert interquartile_mean(array(100, 0, 1, 2), array(3, 4, 5, -50)) == 2.5
    batch = np.stack([array(0, 1, 2, 3), array(10, 11, 12, 13)])
    assert interquartile_mean(batch).tolist() == [1.5, 11.5]


def test_improvement_counts_pairs_task_by_task() -> None:
    # First task: of (1, 2) against (1, 0) three pairs are won and one is drawn. Second: all lost.
    tasks = (array(1, 2), array(0, 0), array(1, 0), array(5, 5))
    assert improvement(*tasks) == pytest.approx((3.5 / 4 + 0) / 2)
    assert improvement(array(1, 2), array(1, 2)) == 0.5


def test_interval_of_a_mean_is_that_of_its_resamples() -> None:
    def mean(*tasks: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.mean([each.mean(axis) for each in tasks], axis=0)

    # The mean of two draws from (0, 8) is 0, 4 or 8 with odds 1:2:1: 2.5 % lies within the ends.
    assert interval([array(0, 8)], mean) == (0.0, 8.0)
    # Seeds are drawn within a task: tasks without noise add none, however far apart they are.
    assert interval([array(1, 1), array(99, 99)], mean) == (50.0, 50.0)


def test_interval_is_the_same_in_every_call() -> None:
    samples = [np.random.default_rng(1).normal(size=5) for _ in range(3)]
    first, second = (interval(samples, interquartile_mean) for _ in range(2))
    assert first == second
    low, high = first
    assert low < interquartile_mean(*samples) < high


def test_one_seed_has_no_interval() -> None:
    assert np.isnan(interval([array(1), array(2)], interquartile_mean)).all()


def test_frame_has_estimates_and_intervals_of_every_group() -> None:
    records = grid(
        {
            "mage": {UMAZE: (10, 10), MEDIUM: (20, 20), PEN: (60, 60)},
            "bc": {UMAZE: (0, 0), MEDIUM: (30, 30), PEN: (0, 0)},
        }
    )
    frame = aggregate_frame(found(records)).set_index(["group", "agent"])
    assert list(frame.index.unique("group")) == ["adroit", "maze2d", ALL_TASKS]
    mage = frame.loc["maze2d", "mage"]
    assert (mage["iqm"], mage["tasks"], mage["runs"]) == (15.0, 2, 4)
    assert np.isnan(mage["improvement"])
    bc = frame.loc[ALL_TASKS, "bc"]
    assert bc["improvement"] == pytest.approx(2 / 3)  # Better on two of three tasks.
    assert bc["improvement_low"] == bc["improvement_high"] == bc["improvement"]


def test_profile_is_the_share_of_runs_above_each_score() -> None:
    records = grid({"mage": {UMAZE: (0, 100), MEDIUM: (50, 100)}})
    frame = profile_frame(found(records))
    share = dict(zip(frame["threshold"], frame["share"], strict=True))
    assert (share[0.0], share[2.0], share[50.0], share[52.0], share[100.0]) == (75, 75, 50, 50, 0)
    assert (frame["low"] <= frame["share"]).all() and (frame["share"] <= frame["high"]).all()


def test_profile_bands_come_from_seeds_drawn_anew() -> None:
    frame = profile_frame(found(grid({"mage": {UMAZE: (0, 100)}})))
    inner = frame[frame["threshold"].between(1, 99)]
    assert set(inner["low"]) == {0.0} and set(inner["high"]) == {100.0}


def test_only_complete_tasks_and_agents_enter_and_the_others_are_named() -> None:
    records = [
        *grid({agent: {UMAZE: (1, 2), MEDIUM: (1, 2)} for agent in ("mage", "dt", "bc")}),
        *grid({"mage": {"maze2d-large": (1, 2)}, "dt": {"maze2d-large": (1, 2)}}),
        completed("maze2d-large", "bc", 0, 5.0),
        failed("maze2d-large", "bc", 1),
        *(failed(task, "iql", seed) for task in (UMAZE, MEDIUM) for seed in (0, 1)),
        *(without_data(PEN, agent, 0) for agent in ("mage", "bc")),
    ]
    adroit, maze2d, _ = found(records)
    assert (maze2d.tasks, list(maze2d.scores)) == ([UMAZE, MEDIUM], ["mage", "dt", "bc"])
    told = left_out([maze2d])
    assert told[0] == ("maze2d: task maze2d-large is left out: no complete score of IQL, BC.")
    assert told[1].startswith("maze2d: agent IQL is left out: no complete score on maze2d-umaze")
    assert adroit.tasks == [] or adroit.scores == {}
    assert aggregate_frame([adroit]).empty and profile_frame([adroit]).empty


@pytest.mark.parametrize(
    ("complete", "tasks", "agents"),
    [
        ([[1, 1], [1, 1]], [0, 1], [0, 1]),
        ([[1, 1], [1, 0]], [0], [0, 1]),  # A tie costs the task.
        ([[1, 0], [1, 0], [1, 1]], [0, 1, 2], [0]),
        ([[1, 1, 1], [1, 0, 0], [1, 0, 0]], [0], [0, 1, 2]),
        ([[0, 0], [0, 0]], [], [0, 1]),
    ],
)
def test_what_lacks_most_goes_first(
    complete: list[list[int]], tasks: list[int], agents: list[int]
) -> None:
    part = largest_complete_part(pd.DataFrame(complete).astype(bool))
    assert (list(part.index), list(part.columns)) == (tasks, agents)


def test_without_the_reference_nothing_is_compared_with_it() -> None:
    frame = aggregate_frame(found(grid({"bc": {UMAZE: (1, 2)}})))
    assert frame["improvement"].isna().all()
    assert aggregates.REFERENCE == "mage"
