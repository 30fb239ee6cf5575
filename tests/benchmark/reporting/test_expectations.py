"""What is expected, and the verdicts on made-up scores."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.reporting.expectations import (
    FAILS,
    HIDDEN_GOAL,
    HOLDS,
    INCOMPARABLE,
    UNKNOWN,
    UNTESTED,
    Expectation,
    all_hold,
    evaluate_expectations,
    expectation_table,
    explanations,
    published_scores,
)
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, failed, without_data

DOOR, PEN, UMAZE = "adroit-door-expert", "adroit-pen-expert", "maze2d-umaze"
PUBLISHED_DATA = {"id": "D4RL/door/expert-v2", "kind": "published", "hash": "bbbb"}


def found_in(*records: Record) -> pd.DataFrame:
    return evaluate_expectations(run_frame(records), {"mage", "diffuser"}).set_index(
        ["task", "agent"]
    )


@pytest.mark.parametrize("agent", ["bc", "iql", "dt"])
@pytest.mark.parametrize(("task", "floor"), [(DOOR, 95.0), (PEN, 85.0)])
def test_an_imitator_must_come_near_the_expert(agent: str, task: str, floor: float) -> None:
    for score, verdict in ((floor, HOLDS), (floor - 0.1, FAILS)):
        found = found_in(completed(task, agent, 0, score))
        assert found.loc[(task, agent), "verdict"] == verdict
        assert found.loc[(task, agent), "expected"] == f"at least {floor}"
    assert "published: " in found.loc[(task, agent), "source"]
    assert "CORL README" in found.loc[(task, agent), "source"]


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        *((kind, HOLDS) for kind in ("published", "re-creation", "unknown")),
        *((kind, INCOMPARABLE) for kind in ("altered", "own data")),
    ],
)
def test_an_imitator_is_held_to_an_expert_only_where_the_data_is_one_s(
    kind: str, verdict: str
) -> None:
    found = found_in(completed(DOOR, "bc", 0, 99.0, dataset={"kind": kind})).loc[(DOOR, "bc")]
    assert found["verdict"] == verdict
    if kind != "published":
        assert found["source"].endswith("); different data; preset quick")
    runs = run_frame([completed(DOOR, "bc", 0, 99.0, dataset={"kind": kind})])
    title = expectation_table(evaluate_expectations(runs, set()), runs).rows[0][0]
    assert title.startswith(DOOR) and (title == DOOR) == (kind == "published")


def test_the_mean_over_seeds_counts() -> None:
    found = found_in(completed(DOOR, "bc", 0, 85.0), completed(DOOR, "bc", 1, 107.0))
    assert found.loc[(DOOR, "bc"), ["score", "seeds", "verdict"]].tolist() == [96.0, 2, HOLDS]


def test_a_planner_must_beat_every_cloner_where_the_goal_is_hidden() -> None:
    cloners = completed(UMAZE, "bc", 0, -5.0), completed(UMAZE, "bc10", 0, 20.0)
    found = found_in(
        *cloners, completed(UMAZE, "mage", 0, 20.1), completed(UMAZE, "diffuser", 0, 20.0)
    )
    assert found.loc[(UMAZE, "mage"), "verdict"] == HOLDS
    assert found.loc[(UMAZE, "diffuser"), "verdict"] == FAILS
    assert found.loc[(UMAZE, "mage"), "expected"] == "above 20.0"
    assert set(found.loc[[(UMAZE, "bc"), (UMAZE, "bc10")], "verdict"]) == {UNKNOWN}
    assert set(HIDDEN_GOAL) == {f"maze2d-{size}" for size in ("umaze", "medium", "large")}


def test_without_a_cloner_beside_it_nothing_is_expected_of_a_planner() -> None:
    assert found_in(completed(UMAZE, "mage", 0, 0.0)).loc[(UMAZE, "mage"), "verdict"] == UNKNOWN


@pytest.mark.parametrize("lost", [failed, without_data])
def test_what_has_no_score_was_not_tested(lost: object) -> None:
    found = found_in(lost(UMAZE, "bc", 0), completed(UMAZE, "mage", 0, 50.0), lost(DOOR, "bc", 0))  # type: ignore[operator]
    assert found.loc[(UMAZE, "mage"), "verdict"] == UNTESTED
    assert found.loc[(DOOR, "bc"), "verdict"] == UNTESTED


@pytest.mark.parametrize(
    ("preset", "data", "score", "verdict"),
    [
        ("quick", PUBLISHED_DATA, 0.0, INCOMPARABLE),
        ("paper", {**PUBLISHED_DATA, "kind": "collected here"}, 0.0, INCOMPARABLE),
        ("paper", PUBLISHED_DATA, 94.5, FAILS),  # 104.57 is published.
        ("paper", PUBLISHED_DATA, 94.6, HOLDS),
    ],
)
def test_published_scores_bind_at_published_sizes_on_published_data(
    preset: str, data: dict[str, str], score: float, verdict: str
) -> None:
    found = found_in(completed(DOOR, "awac", 0, score, preset=preset, steps=10**7, dataset=data))
    assert found.loc[(DOOR, "awac"), "verdict"] == verdict
    assert found.loc[(DOOR, "awac"), "source"].startswith("published: 104.6 (CORL")


def test_a_published_score_that_varies_much_binds_less() -> None:
    # 122.53 ± 21.27 is published: twice that off it is 79.99.
    for score, verdict in ((80.0, HOLDS), (79.9, FAILS)):
        run = completed(PEN, "td3bc", 0, score, preset="paper", steps=10**7, dataset=PUBLISHED_DATA)
        found = found_in(run).loc[(PEN, "td3bc")]
        assert (found["expected"], found["verdict"]) == ("at least 80.0", verdict)


def test_without_a_published_deviation_ten_points_are_allowed() -> None:
    # 147.8 is published of MAGE.
    for score, verdict in ((137.8, HOLDS), (137.7, FAILS)):
        run = completed(PEN, "mage", 0, score, preset="paper", steps=10**7, dataset=PUBLISHED_DATA)
        found = found_in(run).loc[(PEN, "mage")]
        assert (found["expected"], found["verdict"]) == ("at least 137.8", verdict)
        assert found["source"].startswith("published: 147.8 (MAGE (ICLR 2026")


def test_one_run_on_other_data_makes_a_task_incomparable() -> None:
    runs = [
        completed(DOOR, "awac", 0, 0.0, preset="paper", steps=10**7, dataset=PUBLISHED_DATA),
        completed(
            DOOR, "td3bc", 0, 0.0, preset="paper", steps=10**7, dataset={"kind": "re-creation"}
        ),
        completed(PEN, "awac", 0, 0.0, preset="paper", steps=10**7, dataset=PUBLISHED_DATA),
    ]
    found = found_in(*runs)
    assert found.loc[(DOOR, "awac"), "verdict"] == INCOMPARABLE
    assert found.loc[(DOOR, "awac"), "source"].endswith("; different data")
    assert found.loc[(PEN, "awac"), "verdict"] == FAILS
    # A run without a score spoils nothing.
    found = found_in(runs[0], failed(DOOR, "td3bc", 0, preset="paper", steps=10**7))
    assert found.loc[(DOOR, "awac"), "verdict"] == FAILS


def test_the_first_of_two_published_scores_counts() -> None:
    first = published_scores()["hopper-medium", "dt"]
    assert (first.score, first.deviation) == (65.1, 1.61)
    assert first.source == "CORL README, offline, last scores"


@pytest.mark.parametrize(
    ("task", "agent", "cloner"),
    [
        ("multi2d-umaze", "mage", "bc"),  # Its goal is shown, so it need not beat the cloner.
        (UMAZE, "iql", "bc"),  # It does not plan.
        ("antmaze-umaze", "cql", "bc"),
        ("kitchen-complete", "bc-filtered", "bc"),
        ("hopper-medium", "td3bc", "bc"),
        ("ogbench-cube-single-play-task2", "fql", "bc"),
        ("ogbench-pointmaze-medium-navigate", "hiql", "gcbc"),
    ],
)
def test_what_learns_from_rewards_or_goals_is_not_far_below_cloning(
    task: str, agent: str, cloner: str
) -> None:
    for score, verdict in ((35.0, HOLDS), (34.9, FAILS)):
        runs = completed(task, cloner, 0, 50.0), completed(task, agent, 0, score)
        found = found_in(*runs).loc[(task, agent)]
        assert (found["expected"], found["verdict"]) == ("at least 35.0", verdict)
        assert found["source"].endswith(
            ", which only imitates the same data, scores 50.0; 15 points are left to chance"
        )
        assert found_in(*runs).loc[(task, cloner), "verdict"] in (UNKNOWN, INCOMPARABLE)
    alone = found_in(completed(task, agent, 0, -50.0)).loc[(task, agent)]
    assert alone["verdict"] in (UNKNOWN, INCOMPARABLE), "no cloner is beside it"
    lost = found_in(failed(task, cloner, 0), completed(task, agent, 0, 50.0))
    assert lost.loc[(task, agent), "verdict"] == UNTESTED


def test_cloning_that_is_no_better_than_chance_lets_nothing_be_expected() -> None:
    for score, verdict in ((15.0, UNKNOWN), (15.1, FAILS)):
        runs = completed(UMAZE, "bc", 0, score), completed(UMAZE, "iql", 0, 0.0)
        assert found_in(*runs).loc[(UMAZE, "iql"), "verdict"] == verdict


def test_of_who_imitates_less_data_or_learns_nothing_nothing_is_expected() -> None:
    runs = [completed("antmaze-umaze", "bc", 0, 50.0)]
    runs += [completed("antmaze-umaze", agent, 0, 0.0) for agent in ("bc10", "random", "mine")]
    found = found_in(*runs)
    for agent in ("bc10", "random", "mine"):
        assert found.loc[("antmaze-umaze", agent), "verdict"] in (UNKNOWN, INCOMPARABLE)


def test_returns_are_no_points() -> None:
    runs = [
        completed("antmaze-umaze", agent, 0, score, scale="returns")
        for agent, score in (("bc", 900.0), ("iql", 500.0))
    ]
    assert found_in(*runs).loc[("antmaze-umaze", "iql"), "verdict"] != FAILS


@pytest.mark.parametrize(("solved", "verdict"), [(1, HOLDS), (0, FAILS)])
def test_a_planner_that_is_told_the_goal_must_reach_it(solved: int, verdict: str) -> None:
    runs = [
        completed("antmaze-umaze", "bc", 0, 90.0),
        completed(
            *("antmaze-umaze", "diffuser", 0, 50.0), goal="in-painted", successes=[solved, False]
        ),
        failed("antmaze-umaze", "diffuser", 1),
    ]
    found = found_in(*runs).loc[("antmaze-umaze", "diffuser")]
    assert found["expected"] == "reaches the goal in 50 % of the episodes"
    assert found["source"].endswith(f"it reached it in {50.0 * solved} %")
    assert found["verdict"] == verdict


def test_the_one_cloner_that_has_a_score_is_to_be_beaten() -> None:
    runs = [failed(UMAZE, "bc", 0), *(completed(UMAZE, a, 0, 7.0) for a in ("bc10", "mage"))]
    found = found_in(*runs).loc[(UMAZE, "mage")]
    assert (found["expected"], found["verdict"]) == ("above 7.0", FAILS)
    assert found["source"] == "best of what imitates single steps: BC and BC 10 %"


def test_published_scores_have_sources() -> None:
    known = published_scores()
    assert known["door-expert", "bc"].score == 105.35
    assert all(each.source and math.isfinite(each.score) for each in known.values())


def test_a_missing_score_is_never_good_enough() -> None:
    assert Expectation("at least 1", "", 1.0).verdict(math.nan) == UNTESTED
    assert Expectation("above -", "", math.nan).verdict(1.0) == UNTESTED


def test_all_holds_unless_something_fails_or_was_not_tested() -> None:
    for verdict, good in (
        *((HOLDS, True), (UNKNOWN, True), (INCOMPARABLE, True)),
        *((FAILS, False), (UNTESTED, False)),
    ):
        assert all_hold(pd.DataFrame({"verdict": [HOLDS, verdict]})) == good


def test_the_table_says_what_and_why() -> None:
    runs = run_frame([completed(DOOR, "bc", 0, 99.0), failed(DOOR, "iql", 0)])
    table = expectation_table(evaluate_expectations(runs, set()), runs)
    by_agent = {row[1]: row for row in table.rows}
    assert by_agent["BC"][2:4] == ["99.0", "at least 95.0"] and by_agent["BC"][-1] == HOLDS
    assert by_agent["IQL"][2] == "failed" and by_agent["IQL"][-1] == UNTESTED


def test_what_does_not_hold_is_explained_once_for_each_agent() -> None:
    lines = {"agent": ["cql", "iql", "cql", "mine"], "verdict": [FAILS, HOLDS, FAILS, FAILS]}
    assert explanations(pd.DataFrame(lines), {"cql": "It is slow.", "iql": "-"}) == (
        "- CQL: It is slow.\n- mine: its file gives no reason.\n"
    )
    assert not explanations(pd.DataFrame(lines)[1:2], {})
