from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.statistics.aggregates import (
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
    share_above,
)
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed, without_data

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
    # Of 8 runs the two least and the two most are left out, whatever their task: -50, 0 and 5, 100.
    assert interquartile_mean(array(100, 0, 1, 2), array(3, 4, 5, -50)) == (1 + 2 + 3 + 4) / 4
    # Of 20 runs five at each end: 1 + 2 + 4 + ... + 512, over 10, times 2 ** 5.
    assert interquartile_mean(2.0 ** np.arange(20)) == 1023 / 10 * 32
    # Two resamples at once, of two tasks.
    batches = np.stack([array(0, 1), array(10, 11)]), np.stack([array(2, 3), array(12, 13)])
    assert interquartile_mean(*batches).tolist() == [1.5, 11.5]


def test_improvement_counts_pairs_task_by_task() -> None:
    # First task: of (1, 2) against (1, 0) three pairs are won and one is drawn. Second: all lost.
    tasks = (array(1, 2), array(0, 0), array(1, 0), array(5, 5))
    assert improvement(*tasks) == pytest.approx((3.5 / 4 + 0) / 2)
    assert improvement(array(1, 2), array(1, 2)) == 0.5
    # One pair that is won weighs as much as four that are lost: tasks count alike.
    assert improvement(array(1), array(0, 0), array(0), array(1, 1)) == 0.5
    assert improvement(array(3, 4, 5), array(4)) == pytest.approx(1.5 / 3)


def test_improvement_of_many_resamples_at_once() -> None:
    # Two resamples of each agent: in the first all pairs are won, in the second one of two.
    assert improvement(np.array([[1, 2], [3, 0]]), np.array([[0], [1]])).tolist() == [1.0, 0.5]


def mean(*tasks: np.ndarray, axis: int = -1) -> np.ndarray:
    """Over tasks, of the mean over seeds."""
    return np.mean([each.mean(axis) for each in tasks], axis=0)


def test_interval_holds_95_percent_of_the_resamples() -> None:
    # How many of six draws from three 0 and three 6 are a 6 is the mean of a resample. Of 64 equal
    # chances it is 0 in 1, at most 1 in 7, at most 5 in 63: 1.6 % lie below 1 and above 5, so that
    # 95 % end there, and 99 % would at 0 and 6.
    assert interval([array(0, 0, 0, 6, 6, 6)], mean) == (1.0, 5.0)
    # Three draws from (0, 0, 3) give 0, 1, 2, 3 with chances 8, 12, 6, 1 of 27: 3.7 % are a 3, so
    # that 95 % end there, and 90 % would at 2. Its ends are not as far from the mean, which is 1.
    assert interval([array(0, 0, 3)], mean) == (0.0, 3.0)
    assert interval([array(0, 0, -3)], mean) == (-3.0, 0.0)


def test_seeds_are_drawn_for_each_task_by_themselves() -> None:
    # Two draws from a task give a mean of 0, 4 or 8 with odds 1:2:1; both give 8 in one of 16, more
    # than 2.5 %. With the same seeds drawn for both, the one would always be 8 less the other.
    assert interval([array(0, 8), array(8, 0)], mean) == (0.0, 8.0)
    # No task gets scores of another: tasks without noise add none, however far apart they are.
    assert interval([array(1, 1), array(99, 99)], mean) == (50.0, 50.0)


def test_seeds_are_drawn_for_both_agents_by_themselves() -> None:
    records = grid({"mage": {UMAZE: (0, 8)}, "bc": {UMAZE: (1, 9)}})
    bc = aggregate_frame(found(records)).set_index("agent").loc["bc"]
    # Of the pairs only 8 > 1 is won. In one of 16 resamples MAGE has 8, 8 and BC 1, 1: all won;
    # with the same seeds of both it would never be above that quarter.
    estimate = bc[["improvement", "improvement_low", "improvement_high"]]
    assert estimate.tolist() == [0.25, 0.0, 1.0]
    assert bc[["iqm", "iqm_low", "iqm_high"]].tolist() == [5.0, 1.0, 9.0]


def test_interval_is_the_same_in_every_call() -> None:
    samples = [np.random.default_rng(1).normal(size=5) for _ in range(3)]
    first, second = (interval(samples, interquartile_mean) for _ in range(2))
    assert first == second
    low, high = first
    assert low < interquartile_mean(*samples) < high


def test_one_seed_has_no_interval() -> None:
    assert np.isnan(interval([array(1), array(2)], interquartile_mean)).all()
    assert np.isnan(interval([array(1, 2), array(2)], interquartile_mean)).all()
    assert np.isfinite(interval([array(1, 2), array(2, 3)], interquartile_mean)).all()


def test_there_are_2000_resamples() -> None:
    drawn: list[np.ndarray] = []

    def watched(sample: np.ndarray, axis: int = -1) -> np.ndarray:
        drawn.append(sample)
        return sample.mean(axis)

    interval([array(0, 1)], watched)
    assert sum(len(sample) for sample in drawn if sample.ndim == 2) == 2000


def test_frame_has_estimates_and_intervals_of_every_group() -> None:
    records = grid(
        {
            "mage": {UMAZE: (10, 10), MEDIUM: (20, 20), PEN: (60, 60)},
            "bc": {UMAZE: (0, 0), MEDIUM: (30, 30), PEN: (0, 0)},
        }
    )
    frame = aggregate_frame(found(records)).set_index(["group", "agent"])
    assert list(frame.columns) == [
        *("iqm", "iqm_low", "iqm_high", "improvement", "improvement_low", "improvement_high"),
        *("tasks", "runs"),
    ]
    assert list(frame.index.unique("group")) == ["adroit", "maze2d", ALL_TASKS]
    mage = frame.loc["maze2d", "mage"]
    assert (mage["iqm"], mage["tasks"], mage["runs"]) == (15.0, 2, 4)
    assert np.isnan(mage["improvement"])
    bc = frame.loc[ALL_TASKS, "bc"]
    # Of 0, 0, 30, 30, 0, 0 one is left out at each end.
    assert (bc["iqm"], bc["tasks"], bc["runs"]) == ((0 + 0 + 0 + 30) / 4, 3, 6)
    assert bc["improvement"] == pytest.approx(2 / 3)  # Better on two of three tasks.
    assert bc["improvement_low"] == bc["improvement_high"] == bc["improvement"]


def test_profile_is_the_share_of_runs_above_each_score() -> None:
    records = grid({"mage": {UMAZE: (0, 100), MEDIUM: (50, 100)}})
    frame = profile_frame(found(records))
    share = dict(zip(frame["threshold"], frame["share"], strict=True))
    assert (share[0.0], share[2.0], share[50.0], share[52.0], share[100.0]) == (75, 75, 50, 50, 0)
    assert (frame["low"] <= frame["share"]).all() and (frame["share"] <= frame["high"]).all()


def test_profile_counts_tasks_alike_however_many_seeds_they_have() -> None:
    # Of 51 thresholds the runs of the first task are above 51 and 0, that of the second above 25.
    shares = share_above(np.array([51, 0, 0, 0]), np.array([25]))
    assert shares[:25].tolist() == [(25 + 100) / 2] * 25
    assert shares[25:].tolist() == [25 / 2] * 26
    # Two resamples at once: (thresholds, resamples).
    assert share_above(np.array([[51, 51], [51, 0]]))[0].tolist() == [100.0, 50.0]


def test_profile_goes_from_the_lowest_to_the_highest_score_of_all_agents() -> None:
    records = grid({"mage": {UMAZE: (10, 20)}, "bc": {UMAZE: (-30, 0)}})
    frame = profile_frame(found(records)).set_index("agent")
    assert list(frame.loc["bc", "threshold"]) == [float(n) for n in range(-30, 21)]
    # Just below a run's own score it counts, at the score it does not.
    shares = frame.loc["mage"].set_index("threshold")["share"]
    assert shares[[9.0, 10.0, 19.0, 20.0]].tolist() == [100.0, 50.0, 50.0, 0.0]


def test_profile_bands_come_from_seeds_drawn_anew() -> None:
    frame = profile_frame(found(grid({"mage": {UMAZE: (0, 100)}})))
    inner = frame[frame["threshold"].between(1, 99)]
    assert set(inner["low"]) == {0.0} and set(inner["high"]) == {100.0}


def test_a_group_holds_the_scores_of_every_task_and_seed() -> None:
    scores = {"mage": {UMAZE: (1, 2), MEDIUM: (3, 4)}, "bc": {UMAZE: (5, 6), MEDIUM: (7, 8)}}
    (group,) = found(grid(scores))
    assert (group.name, group.tasks, group.left_out) == ("maze2d", [UMAZE, MEDIUM], [])
    held = {agent: [each.tolist() for each in tasks] for agent, tasks in group.scores.items()}
    assert held == {"mage": [[1, 2], [3, 4]], "bc": [[5, 6], [7, 8]]}


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
    assert told[1:] == [
        "maze2d: agent IQL is left out: no complete score on maze2d-umaze, maze2d-medium, "
        "maze2d-large."
    ]
    assert adroit.tasks == [] or adroit.scores == {}
    assert aggregate_frame([adroit]).empty and profile_frame([adroit]).empty


def test_an_agent_that_one_benchmark_never_met_is_not_complete_there() -> None:
    records = grid(
        {
            "mage": {UMAZE: (1, 2), MEDIUM: (1, 2), PEN: (1, 2)},
            "bc": {UMAZE: (1, 2), MEDIUM: (1, 2)},
        }
    )
    *_, every = found(records)
    assert (every.name, every.tasks, list(every.scores)) == (
        *(ALL_TASKS, [UMAZE, MEDIUM]),
        ["mage", "bc"],
    )
    assert every.left_out == [f"task {PEN} is left out: no complete score of BC"]


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
