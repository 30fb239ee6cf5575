from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.statistics import aggregates
from benchmark.statistics.aggregates import (
    ALL_TASKS,
    Group,
    aggregate_frame,
    groups,
    improvement,
    interquartile_mean,
    largest_complete_part,
    left_out,
    profile_frame,
    share_above,
)
from benchmark.statistics.frames import collate
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


def test_intervals_of_few_seeds_are_as_wide_as_students() -> None:
    row = collate(grid({"mage": {UMAZE: (0, 3, 6)}})).aggregates.iloc[0]
    # The standard error of 0, 3 and 6 is the root of 3; two degrees of freedom.
    assert row["iqm_low"] == pytest.approx(3 - 4.303 * 3**0.5, abs=0.4)


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


# Scores of five seeds on four tasks, with a draw in the first; both in rows of seeds.
FIRST = [
    [63.1, 56.7, 76.0, 62.6],
    [46.6, 69.0, 92.6, 83.7],
    [42.4, 28.4, 44.4, 61.0],
    [1.9, 54.5, 28.9, 41.7],
    [46.4, 52.1, 70.3, 86.1],
]
SECOND = [
    [46.6, 84.2, 33.4, 58.8],
    [72.6, 52.4, 31.4, 27.0],
    [38.6, 55.5, 24.8, 44.8],
    [46.0, 63.5, 55.4, 58.9],
    [33.7, 46.8, 69.6, 87.3],
]


def test_estimates_are_those_of_rliable() -> None:
    """What rliable 1.2.0, the library of Agarwal et al., gives for the same scores."""
    first, second = np.array(FIRST).T, np.array(SECOND).T
    assert interquartile_mean(*first) == pytest.approx(55.64)
    assert interquartile_mean(*second) == pytest.approx(50.38)
    assert improvement(*first, *second) == pytest.approx(0.585)
    thresholds = np.linspace(0, 100, 51)
    places = [10, 20, 30, 40]  # Thresholds 20, 40, 60 and 80.
    for scores, shares in ((first, [0.95, 0.85, 0.45, 0.15]), (second, [1.0, 0.7, 0.25, 0.1])):
        above = share_above(*(np.searchsorted(thresholds, task) for task in scores))
        assert above[places].tolist() == pytest.approx(shares)


def test_frame_has_estimates_and_intervals_of_every_group() -> None:
    records = grid(
        {
            "mage": {UMAZE: (10, 10), MEDIUM: (20, 20), PEN: (60, 60)},
            "bc": {UMAZE: (0, 0), MEDIUM: (30, 30), PEN: (0, 0)},
        }
    )
    frame = aggregate_frame(found(records), "mage").set_index(["group", "agent"])
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
    # All draws are alike, which of six runs tells as little as Wilson's interval for them.
    assert (bc["improvement_low"], bc["improvement_high"]) == pytest.approx(
        (0.300, 0.903), abs=1e-3
    )


def test_profile_is_the_share_of_runs_above_each_score() -> None:
    records = grid({"mage": {UMAZE: (0, 100), MEDIUM: (50, 100)}})
    frame = profile_frame(found(records))
    share = dict(zip(frame["threshold"], frame["share"], strict=True))
    assert (share[0.0], share[2.0], share[50.0], share[52.0], share[100.0]) == (75, 75, 50, 50, 0)
    assert (frame["low"] <= frame["share"]).all() and (frame["share"] <= frame["high"]).all()


def test_profile_counts_tasks_alike_however_many_seeds_they_have() -> None:
    # Of 51 thresholds the runs of the first task are above 51 and 0, that of the second above 25.
    shares = share_above(np.array([51, 0, 0, 0]), np.array([25]))
    assert shares[:25].tolist() == [(0.25 + 1) / 2] * 25
    assert shares[25:].tolist() == [0.25 / 2] * 26
    # Two resamples at once: (thresholds, resamples).
    assert share_above(np.array([[51, 51], [51, 0]]))[0].tolist() == [1.0, 0.5]


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
    assert aggregate_frame([adroit], "mage").empty and profile_frame([adroit]).empty


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
    frame = aggregate_frame(found(grid({"bc": {UMAZE: (1, 2)}})), "mage")
    assert frame["improvement"].isna().all()


def test_any_agent_can_be_the_reference() -> None:
    records = grid({"mage": {UMAZE: (1, 2)}, "bc": {UMAZE: (0, 0)}, "dt": {UMAZE: (5, 5)}})
    frame = aggregate_frame(found(records), "dt").set_index("agent")
    assert frame["improvement"].drop("dt").to_dict() == {"mage": 1.0, "bc": 1.0}
    assert np.isnan(frame.loc["dt", "improvement"])


def degrees_seen(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The degrees of freedom that intervals of shares are worked out with."""
    seen: list[float] = []

    def note(share: Any, drawn: Any, degrees: float, seeds: Any) -> Any:
        seen.append(degrees)
        return share, share

    monkeypatch.setattr(aggregates, "share_interval", note)
    return seen


def test_a_probability_has_the_degrees_of_freedom_of_its_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = degrees_seen(monkeypatch)
    aggregate_frame(found(grid({"mage": {UMAZE: (1, 2, 3)}, "bc": {UMAZE: (0, 1, 2)}})), "mage")
    assert seen == pytest.approx([4.0])  # Welch: two samples of three, of equal variance.


def test_bands_of_a_profile_have_the_degrees_of_freedom_of_the_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = degrees_seen(monkeypatch)
    profile_frame(found(grid({"mage": {UMAZE: (1, 2, 3)}})))
    assert seen == pytest.approx([2.0])
