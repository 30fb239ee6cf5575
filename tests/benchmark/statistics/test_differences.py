"""Every two agents are set against each other on every task."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.statistics.differences import COLUMNS, difference_frame, reference
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def seeds(task: str, agent: str, *means: float, luck: float = 1.0) -> list[Record]:
    """Runs with two episodes a seed, which score `luck` above and below the mean."""
    return [
        completed(
            *(task, agent, seed, mean),
            scores=[mean - luck, mean + luck],
            episode_seeds=[1_000_000 + 10_000 * seed, 1_000_001 + 10_000 * seed],
        )
        for seed, mean in enumerate(means)
    ]


@pytest.fixture
def frame() -> pd.DataFrame:
    records = [
        *seeds(UMAZE, "mage", 90, 91, 92),
        *seeds(MEDIUM, "mage", 50, 51, 52),
        *seeds(UMAZE, "dt", 60, 61, 62.5),
        *seeds(MEDIUM, "dt", 80, 81, 82.5),
        *seeds(UMAZE, "bc", 90, 92, 91),
    ]
    return difference_frame(run_frame([*records, failed(MEDIUM, "bc", 0)]))


def test_every_pair_has_a_row_for_each_task_where_both_have_a_score(frame: pd.DataFrame) -> None:
    cells = frame[["task", "agent", "other", "verdict"]].to_numpy().tolist()
    assert cells == [
        [UMAZE, "mage", "dt", "higher"],
        [MEDIUM, "mage", "dt", "lower"],
        ["average", "mage", "dt", "cannot tell"],
        [UMAZE, "mage", "bc", "cannot tell"],
        [UMAZE, "dt", "bc", "lower"],
    ]
    assert list(frame.columns) == list(COLUMNS)
    assert set(frame["basis"]) == {"paired"} and set(frame["seeds"]) == {3}


def test_differences_are_of_the_first_agent_less_the_other(frame: pd.DataFrame) -> None:
    first, second, mean, *_ = frame["difference"]
    # Means of the differences 30, 30, 29.5, and of their counterparts; and of both tasks.
    assert (first, second) == pytest.approx((179 / 6, -181 / 6))
    assert mean == pytest.approx((179 - 181) / 12)
    assert ((frame["low"] < frame["difference"]) & (frame["difference"] < frame["high"])).all()


def test_one_seed_tells_nothing(frame: pd.DataFrame) -> None:
    records = [*seeds(UMAZE, "mage", 99), *seeds(UMAZE, "bc", 0, 1)]
    (row,) = difference_frame(run_frame(records)).to_dict("records")
    assert (row["difference"], row["verdict"], row["basis"]) == (98.5, "cannot tell", "one seed")
    assert (row["seeds"], row["seeds_other"]) == (1, 2) and math.isnan(row["low"])


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zero_is_a_score(zero: float) -> None:
    records = [*seeds(UMAZE, "mage", zero, zero, luck=0), *seeds(UMAZE, "bc", 3, 3, luck=0)]
    (row,) = difference_frame(run_frame(records)).to_dict("records")
    assert (row["difference"], row["verdict"], row["seeds"]) == (-3, "lower", 2)


@pytest.mark.parametrize("none", [None, math.nan])
def test_a_run_without_a_score_does_not_count(none: float | None) -> None:
    lost = completed(UMAZE, "mage", 2, none, scores=[5.0, 5.0], episode_seeds=[1, 2])
    records = [*seeds(UMAZE, "mage", 1, 2), lost, *seeds(UMAZE, "bc", 3, 4)]
    (row,) = difference_frame(run_frame(records)).to_dict("records")
    assert (row["difference"], row["seeds"]) == (-2, 2)


def test_all_are_set_against_mage_or_else_the_first(frame: pd.DataFrame) -> None:
    assert reference(frame) == "mage"
    assert reference(frame[frame["agent"] == "dt"]) == "dt"


def test_a_single_agent_has_no_rows() -> None:
    assert difference_frame(run_frame(seeds(UMAZE, "mage", 1, 2))).empty
