"""Every two agents are set against each other on every task."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.statistics.differences import (
    COLUMNS,
    against,
    difference_frame,
    pair_counts,
    reference_agent,
)
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


def test_all_are_set_against_mage_or_else_the_first_that_learns() -> None:
    def reference(*agents: str) -> str:
        return reference_agent(run_frame([completed(UMAZE, name, 0, 1.0) for name in agents]))

    assert reference("dt", "bc", "mage") == "mage"
    assert reference("random", "flowq", "bc") == "bc"
    # A yardstick that learns nothing is nobody's reference unless it is alone.
    assert reference("random", "flowq") == "flowq"
    assert reference("random") == "random"
    assert reference_agent(run_frame([])) == ""


def test_what_has_a_score_comes_before_what_failed() -> None:
    lost, random = failed(UMAZE, "mage", 0), completed(UMAZE, "random", 0, 1.0)
    assert reference_agent(run_frame([lost, random, completed(UMAZE, "bc", 0, 1.0)])) == "bc"
    assert reference_agent(run_frame([lost])) == "mage"


def test_the_reference_that_is_asked_for_must_be_there() -> None:
    runs = run_frame([completed(UMAZE, "mage", 0, 1.0), failed(UMAZE, "flowq", 0)])
    assert reference_agent(runs, "flowq") == "flowq"
    with pytest.raises(UserError, match="unknown agent in --reference 'flow'; valid: flowq, mage;"):
        reference_agent(runs, "flow")


def test_an_agent_is_set_against_all_others_from_its_own_side(frame: pd.DataFrame) -> None:
    rows = against(frame, "dt")
    assert rows[["task", "agent", "other", "verdict"]].to_numpy().tolist() == [
        [UMAZE, "dt", "mage", "lower"],
        [MEDIUM, "dt", "mage", "higher"],
        ["average", "dt", "mage", "cannot tell"],
        [UMAZE, "dt", "bc", "lower"],
    ]
    first, whole = rows.iloc[0], frame.iloc[0]
    assert first["difference"] == -whole["difference"]
    assert (first["low"], first["high"]) == (-whole["high"], -whole["low"])
    assert first["p_value"] == whole["p_value"] < 0.05
    assert list(rows.columns) == list(COLUMNS)
    assert against(frame, "nobody").empty


def test_pairs_are_counted_task_by_task(frame: pd.DataFrame) -> None:
    counts = pair_counts(frame)
    assert list(counts.columns) == ["higher", "lower", "cannot tell"]
    assert counts.loc[("mage", "dt")].tolist() == [1, 1, 0]
    assert counts.loc[("dt", "bc")].tolist() == [0, 1, 0]
    assert counts.loc[("bc", "dt")].tolist() == [1, 0, 0]
    assert counts.loc[("bc", "mage")].tolist() == [0, 0, 1]


def test_rates_of_success_are_compared_like_scores() -> None:
    solved = {"mage": [True, True], "bc": [False, False]}
    runs = [
        completed(UMAZE, agent, seed, 5.0, successes=each, episode_seeds=[1, 2])
        for agent, each in solved.items()
        for seed in (0, 1)
    ]
    (row,) = difference_frame(run_frame(runs), "success_rate").to_dict("records")
    assert (row["difference"], row["verdict"], row["p_value"]) == (100.0, "higher", 0.0)
    # A task that defines no success has none to compare.
    lost = [completed("own-task", a, s, 1.0, successes=[]) for a in solved for s in (0, 1)]
    assert difference_frame(run_frame(lost), "success_rate").empty


def test_a_single_agent_has_no_rows() -> None:
    assert difference_frame(run_frame(seeds(UMAZE, "mage", 1, 2))).empty
