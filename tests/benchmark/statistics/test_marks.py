"""Means stand out by tested differences."""

from __future__ import annotations

import pytest

from benchmark.records.record import Record
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.marks import MARKS, compared_tasks, highest_counts, with_marks
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"

Marks = dict[str, set[tuple[str, str]]]


def flat(task: str, agent: str, *scores: float) -> list[Record]:
    """Runs whose episodes all score the same, on the same seeds for every agent."""
    return [
        completed(*(task, agent, seed, score), episode_seeds=[1, 2])
        for seed, score in enumerate(scores)
    ]


def marks(*records: Record) -> Marks:
    """Mark -> (task, agent) of the means that have it."""
    runs = run_frame(records)
    scores = with_marks(score_frame(runs), difference_frame(runs))
    return {
        name: set(scores.loc[scores[name], ["task", "agent"]].itertuples(index=False, name=None))
        for name in MARKS
    }


def test_ahead_is_who_is_higher_than_every_other_by_a_tested_difference() -> None:
    rivals = [*flat(UMAZE, "dt", 40, 42), *flat(UMAZE, "bc", 60, 62)]
    assert marks(*flat(UMAZE, "mage", 90, 92), *rivals) == {
        "highest": {(UMAZE, "mage")},
        "ahead": {(UMAZE, "mage")},
        "level": set(),
    }


def test_level_is_who_cannot_be_told_from_the_largest_mean() -> None:
    records = [*flat(UMAZE, "mage", 90, 92), *flat(UMAZE, "bc", 89, 92), *flat(UMAZE, "dt", 5, 6)]
    assert marks(*records) == {
        "highest": {(UMAZE, "mage")},
        "ahead": set(),
        "level": {(UMAZE, "mage"), (UMAZE, "bc")},
    }


def test_from_one_seed_nothing_stands_out() -> None:
    several = flat(UMAZE, "bc", 1, 2)
    assert marks(*flat(UMAZE, "mage", 99), *several)["level"] == set()
    # One that cannot be told from the largest mean, as it has a single seed, is marked as such.
    assert marks(*flat(UMAZE, "mage", 9, 9.5), *flat(UMAZE, "bc", 1))["level"] == {
        *((UMAZE, "mage"), (UMAZE, "bc"))
    }


def test_averages_are_tested_as_averages() -> None:
    found = marks(
        *(*flat(UMAZE, "mage", 90, 90), *flat(MEDIUM, "mage", 50, 50)),
        *(*flat(UMAZE, "bc", 10, 10), *flat(MEDIUM, "bc", 60, 60)),
    )
    assert found["ahead"] == {(UMAZE, "mage"), (MEDIUM, "bc"), ("average", "mage")}


def test_highest_is_the_largest_as_printed() -> None:
    # Python prints 53.15 as 53.1, since it is a little less.
    scores = {"mage": 50.04, "dt": 50.0, "bc": 49.0}
    records = [*(completed(UMAZE, a, 0, score) for a, score in scores.items())]
    assert marks(*records)["highest"] == {(UMAZE, "mage"), (UMAZE, "dt")}
    close = {"mage": 53.15, "dt": 53.2}
    records = [*(completed(UMAZE, a, 0, score) for a, score in close.items())]
    assert marks(*records)["highest"] == {(UMAZE, "dt")}


@pytest.mark.parametrize("rival", [None, 7.0])
def test_nothing_is_highest_without_a_lower_rival(rival: float | None) -> None:
    found = marks(completed(UMAZE, "mage", 0, 7.0), completed(UMAZE, "bc", 0, rival))
    assert not any(found.values())


def test_tasks_and_their_highest_means_are_counted() -> None:
    records = [
        *(*flat(UMAZE, "mage", 3, 3), *flat(UMAZE, "bc", 1, 1)),
        *(*flat(MEDIUM, "mage", 3, 3), *flat(MEDIUM, "bc", 3, 3)),
        *(*flat(PEN, "mage", 1, 1), failed(PEN, "bc", 0)),
    ]
    runs = run_frame(records)
    scores = with_marks(score_frame(runs), difference_frame(runs))
    assert highest_counts(scores) == {"mage": 1, "bc": 0}
    assert compared_tasks(scores) == [UMAZE, MEDIUM]


def test_without_scores_there_are_no_marks() -> None:
    runs = run_frame([])
    assert with_marks(score_frame(runs), difference_frame(runs)).empty
