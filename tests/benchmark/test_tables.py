from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest

from benchmark import tables
from benchmark.aggregates import aggregate_frame, groups
from benchmark.costs import cost_frame, latency_frame
from benchmark.markup import Table, to_csv
from benchmark.provenance import problem_frame, provenance_frame
from benchmark.record import Record
from benchmark.statistics import run_frame, score_frame
from tests.benchmark.made_up import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def score_table(records: list[Record], value: str = "score") -> Table:
    runs = run_frame(records)
    return tables.score_table(score_frame(runs, value), runs, success=value != "score")


@pytest.fixture
def records() -> list[Record]:
    values = {
        (UMAZE, "mage"): (80.0, 90.0),
        (UMAZE, "diffuser"): (10.0, 11.0),
        (MEDIUM, "mage"): (-0.04, 0.0),
        (MEDIUM, "diffuser"): (30.0,),
    }
    goals = {"mage": "hidden", "diffuser": "in-painted"}
    return [
        completed(task, agent, seed, score, goal=goals[agent])
        for (task, agent), scores in values.items()
        for seed, score in enumerate(scores)
    ]


def test_score_table_has_tasks_by_agents_best_in_bold_and_an_average(records: list[Record]) -> None:
    table = score_table(records)
    assert table.header == ["task", "MAGE", "Diffuser"]
    assert table.rows == [
        [UMAZE, "85.0 ± 5.0", "10.5 ± 0.5"],
        [MEDIUM, "0.0 ± 0.0", "30.0 ± - (1 of 2 seeds)"],
        ["average of 2 tasks", "42.5 ± 2.5", "20.2 ± - (1 of 2 seeds)"],
    ]
    assert table.bold == {(0, 1), (1, 2), (2, 1)}
    assert not table.underlined
    assert table.average
    assert table.runs == {
        (row, column): f"{task}/{agent}"
        for row, task in enumerate((UMAZE, MEDIUM))
        for column, agent in enumerate(("mage", "diffuser"), start=1)
    }


def test_caption_tells_preset_budget_data_and_who_knows_the_goal(records: list[Record]) -> None:
    caption = score_table(records).caption
    assert "mean ± standard error over 2 seeds" in caption
    assert "± - where only one seed has a score" in caption
    assert "Preset quick, 100 gradient steps and 2 evaluation episodes a run." in caption
    assert "Data: mage/maze2d/umaze-v0 (local recipe)." in caption
    assert "Goal: hidden from MAGE; fixed into the plans of Diffuser." in caption


def test_caption_names_no_agents_where_all_know_as_much_of_the_goal() -> None:
    records = [completed(UMAZE, agent, 0, 1.0, goal="hidden") for agent in ("mage", "bc")]
    assert "Goal: hidden from all agents." in score_table(records).caption


def test_caption_says_that_one_seed_gives_no_error() -> None:
    table = score_table([completed(UMAZE, "mage", 0, 1.0)])
    assert "one seed, so that no standard error can be given" in table.caption
    assert table.rows == [[UMAZE, "1.0 ± -"]]
    assert not table.average


def test_caption_without_a_completed_run() -> None:
    table = score_table([failed(UMAZE, "mage", 0)])
    assert table.caption.endswith("Preset quick. Data: none, no run was completed.")
    assert table.rows == [[UMAZE, "failed"]]


def test_a_capped_run_counts_and_says_so() -> None:
    short = replace(completed(UMAZE, "mage", 1, 3.0), status="capped", steps=40)
    table = score_table([completed(UMAZE, "mage", 0, 1.0), short])
    assert table.rows == [[UMAZE, "2.0 ± 1.0 (1 capped)"]]
    assert "40 to 100 gradient steps" in table.caption


def test_a_run_that_diverged_has_no_score() -> None:
    table = score_table([failed(UMAZE, "mage", 0, status="diverged")])
    assert table.rows == [[UMAZE, "diverged"]]


def test_long_lists_of_datasets_are_counted() -> None:
    many = [
        completed(f"maze2d-{n}", "mage", 0, 1.0, dataset={"id": f"d{n}", "source": "Minari"})
        for n in range(tables.MAX_LISTED + 1)
    ]
    assert (
        "Data: 13 datasets, listed in the provenance table (Minari)." in score_table(many).caption
    )


def test_success_table_is_in_percent(records: list[Record]) -> None:
    table = score_table(records, "success_rate")
    assert table.name == "success-maze2d"
    assert "share of solved episodes in percent" in table.caption
    assert table.rows[0] == [UMAZE, "50.0 ± 0.0", "50.0 ± 0.0"]


def test_csv_is_tidy_and_numeric(records: list[Record]) -> None:
    runs = run_frame([*records, failed(UMAZE, "bc", 0)])
    text = to_csv(
        tables.score_csv_frame(
            score_frame(runs), score_frame(runs, "success_rate"), provenance_frame(runs)
        )
    )
    frame = pd.read_csv(io.StringIO(text))
    assert len(frame) == 9
    for column in ("score", "standard_error", "success_rate", "seeds"):
        assert pd.api.types.is_numeric_dtype(frame[column])
    mage = frame[(frame["task"] == UMAZE) & (frame["agent"] == "mage")].iloc[0]
    assert (mage["score"], mage["standard_error"], mage["dataset"]) == (
        85.0,
        5.0,
        "mage/maze2d/umaze-v0",
    )
    bc = frame[(frame["task"] == UMAZE) & (frame["agent"] == "bc")].iloc[0]
    assert bc["status"] == "failed"
    assert pd.isna(bc["score"])
    assert set(frame["preset"]) == {"quick"}


def test_latency_and_problem_tables() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), failed(UMAZE, "bc", 0)]
    runs = run_frame(records)
    latency = tables.latency_table(latency_frame(records), runs)
    assert latency.rows == [["MAGE", "Chip 1, cpu", "2.00", "2.00", "2.90", "2.98", "3"]]
    assert "Preset quick" in latency.caption
    problems = tables.problem_table(problem_frame(runs), runs)
    assert problems.rows == [[UMAZE, "BC", "0", "failed", "RuntimeError: diverged", "see its log"]]


def test_cost_table() -> None:
    told = {"seconds": {"fit": 50.0}, "steps_taken": 12_345, "peak_memory_mb": 1234.5}
    records = [
        completed(task, "mage", 0, 1.0, parameters=weights, **told)
        for task, weights in ((UMAZE, 1000), (MEDIUM, 2000))
    ]
    records.append(completed(UMAZE, "bc", 0, 1.0))
    table = tables.cost_table(cost_frame(records), run_frame(records))
    assert table.rows == [
        ["maze2d", "MAGE", "Chip 1, cpu", "50", "12,345", "246.9", "1,000 to 2,000", "1,234", "2"],
        ["maze2d", "BC", "Chip 1, cpu", "-", "-", "-", "-", "-", "1"],
    ]


def test_aggregate_table() -> None:
    scores = {"mage": (10.0, 10.0), "bc": (0.0, 0.0)}
    records = [
        completed(UMAZE, agent, seed, score)
        for agent, each in scores.items()
        for seed, score in enumerate(each)
    ]
    runs = run_frame(records)
    table = tables.aggregate_table(aggregate_frame(groups(runs, score_frame(runs))), runs)
    assert table.rows == [
        ["maze2d", "MAGE", "10.0 [10.0, 10.0]", "-", "1", "2"],
        ["maze2d", "BC", "0.0 [0.0, 0.0]", "1.00 [1.00, 1.00]", "1", "2"],
    ]


def test_one_of_a_thing_is_singular() -> None:
    runs = run_frame([completed(UMAZE, "mage", 0, 1.0, steps=1, episodes=1)])
    assert "1 gradient step and 1 evaluation episode a run" in tables.conditions(runs)
