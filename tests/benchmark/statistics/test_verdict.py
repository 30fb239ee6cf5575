"""What may be said over many tasks, with known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.records.record import Record
from benchmark.statistics.aggregates import groups
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.marks import with_marks
from benchmark.statistics.score_frames import run_frame, score_frame
from benchmark.statistics.verdict import (
    AHEAD,
    BEHIND,
    HIGHEST,
    NEAR,
    NO_SCORE,
    Standing,
    holm,
    lead,
    standings,
)
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM, LARGE = "maze2d-umaze", "maze2d-medium", "maze2d-large"


def flat(task: str, agent: str, *scores: float) -> list[Record]:
    return [
        completed(*(task, agent, seed, score), episode_seeds=[1, 2])
        for seed, score in enumerate(scores)
    ]


def stand(agents: list[str], *records: Record) -> list[Standing]:
    runs = run_frame(records)
    differences = difference_frame(runs)
    return standings(agents, with_marks(score_frame(runs), differences), differences)


def test_holm_corrects_the_smallest_for_all_and_the_largest_for_itself() -> None:
    # By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04, which may not fall below that before it.
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_what_could_not_be_tested_does_not_count() -> None:
    corrected = holm([math.nan, 0.02, math.nan])
    assert corrected[1] == 0.02 and np.isnan(corrected[[0, 2]]).all()


def test_places_task_by_task() -> None:
    mage, bc = stand(
        ["mage", "bc"],
        *(*flat(UMAZE, "mage", 90, 91), *flat(UMAZE, "bc", 10, 11)),
        *(*flat(MEDIUM, "mage", 50, 54), *flat(MEDIUM, "bc", 50, 52)),
        *(*flat(LARGE, "mage", 9, 9), *flat(LARGE, "dt", 1, 1), failed(LARGE, "bc", 0)),
    )
    assert mage.places == {UMAZE: AHEAD, MEDIUM: HIGHEST, LARGE: AHEAD}
    assert bc.places == {UMAZE: BEHIND, MEDIUM: NEAR, LARGE: NO_SCORE}
    assert (mage.count(AHEAD, HIGHEST), bc.count(AHEAD, HIGHEST), bc.count(NEAR)) == (3, 0, 1)


def test_behind_is_behind_the_best_and_no_other() -> None:
    (mage,) = stand(
        ["mage"],
        *(*flat(UMAZE, "mage", 60, 60.1), *flat(UMAZE, "dt", 90, 90.1)),
        *flat(UMAZE, "bc", 0, 0.1),
    )
    assert mage.places == {UMAZE: BEHIND}


def test_ahead_is_ahead_of_every_other_agent() -> None:
    # Far above the next best, whose seeds agree, but not above a third whose seeds do not.
    records = [*flat(UMAZE, "mage", 50, 50.1), *flat(UMAZE, "bc", 40, 40.1)]
    (alone,) = stand(["mage"], *records)
    assert alone.places[UMAZE] == AHEAD
    (among,) = stand(["mage"], *records, *flat(UMAZE, "dt", 0, 70))
    assert among.places[UMAZE] == HIGHEST


def test_many_tasks_need_larger_differences() -> None:
    def task(name: str, *gap: float) -> list[Record]:
        return [*flat(name, "mage", *gap), *flat(name, "bc", 0, 1)]

    # The difference of 5 has the standard error 0.707, two degrees of freedom and p = 0.019.
    (alone,) = stand(["mage"], *task(UMAZE, 5, 6))
    assert alone.count(AHEAD) == 1
    (many,) = stand(["mage"], *(r for name in (UMAZE, MEDIUM, LARGE) for r in task(name, 5, 6)))
    assert (many.count(AHEAD), many.count(HIGHEST)) == (0, 3)


def test_one_seed_and_equal_means_tell_nothing() -> None:
    (one,) = stand(["mage"], *flat(UMAZE, "mage", 90), *flat(UMAZE, "bc", 1, 2))
    assert one.places == {UMAZE: HIGHEST}
    equal = [*flat(UMAZE, "mage", 0, 0), *flat(UMAZE, "bc", 0, 0)]
    assert [it.places for it in stand(["mage", "bc"], *equal)] == [{UMAZE: NEAR}] * 2


def test_the_lead_is_over_the_best_of_the_others_on_average() -> None:
    scores = {"mage": (90, 10), "bc": (40, 40), "dt": (0, 90)}  # 50, 40 and 45 on average.
    runs = run_frame(
        record
        for agent, means in scores.items()
        for task, mean in zip((UMAZE, MEDIUM), means, strict=True)
        for record in flat(task, agent, mean, mean)
    )
    group = groups(runs, score_frame(runs))[-1]
    other, difference = lead("mage", group) or pytest.fail("there is one")
    assert (other, difference.value, difference.verdict) == ("dt", 5.0, "higher")
    assert lead("iql", group) is None
    alone = run_frame(flat(UMAZE, "mage", 1, 2))
    assert lead("mage", groups(alone, score_frame(alone))[-1]) is None
