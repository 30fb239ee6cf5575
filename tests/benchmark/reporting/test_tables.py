from __future__ import annotations

import io
import math
from dataclasses import replace

import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.reporting import tables
from benchmark.reporting.formats import Table, to_csv
from benchmark.statistics.aggregates import aggregate_frame, groups
from benchmark.statistics.costs import cost_frame, latency_frame
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.marks import with_marks
from benchmark.statistics.provenance import problem_frame, provenance_frame
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed, in_two_mazes

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def score_table(records: list[Record], value: str = "score") -> Table:
    runs = run_frame(records)
    scores = with_marks(score_frame(runs, value), difference_frame(runs, value))
    return tables.score_table(scores, runs, success=value != "score")


@pytest.fixture
def records() -> list[Record]:
    return in_two_mazes()


def test_score_table_has_tasks_by_agents_marks_and_an_average(records: list[Record]) -> None:
    table = score_table(records)
    assert table.header == ["task", "MAGE", "Diffuser"]
    assert table.rows == [
        [UMAZE, "85.0 ± 5.0", "10.5 ± 0.5"],
        [MEDIUM, "0.0 ± 0.0", "30.0 ± - (1 of 2 seeds)"],
        ["average of 2 tasks", "42.5 ± 2.5", "20.2 ± - (1 of 2 seeds)"],
    ]
    # The largest mean of the second row is of a single seed, which tells nothing.
    assert table.bold == {(0, 1)}
    assert table.underlined == {(2, 1), (2, 2)}
    assert table.average
    assert table.runs == {
        (row, column): f"{task}/{agent}"
        for row, task in enumerate((UMAZE, MEDIUM))
        for column, agent in enumerate(("mage", "diffuser"), start=1)
    }


def test_the_last_column_has_the_scores_of_the_data_where_they_are_known() -> None:
    data = {"id": "D4RL/pointmaze/umaze-v2", "recorded_scores": {"mean": 34.06, "best": 120.0}}
    known = [completed(UMAZE, "mage", seed, 50.0, dataset=data) for seed in range(2)]
    table = score_table([*known, completed(MEDIUM, "mage", 0, 20.0)])
    assert table.header == ["task", "MAGE", "data: mean; best"]
    assert [row[-1] for row in table.rows] == ["34.1; 120.0", "-", "-"]
    assert (
        "D4RL-normalised score (a random policy has 0, an expert 100), mean over" in table.caption
    )
    assert "Last column: mean and best score of what was recorded, in pieces" in table.caption
    other = {**data, "hash": "bbbb"}
    two = score_table([known[0], completed(UMAZE, "mage", 1, 50.0, dataset=other)])
    assert two.header == ["task", "MAGE"], "of two datasets neither is the data"
    assert score_table(known, "success_rate").header == ["task", "MAGE"]


def test_caption_tells_preset_budget_data_and_who_knows_the_goal(records: list[Record]) -> None:
    table = score_table(records)
    caption = table.caption
    assert "mean over 2 seeds ± standard error, of seeds and episodes" in caption
    assert "± - where only one seed has a score" in caption
    assert "Goal: hidden from MAGE; fixed into the plans of Diffuser." in caption
    # What all tables share is left to the report; a table in a file of its own says it too.
    for words in (
        "Preset quick, 100 gradient steps and 2 evaluation episodes a run.",
        "Data: D4RL/pointmaze/umaze-v2 (published data).",
        "Bold is a tested difference",
    ):
        assert words in table.shared and words in table.whole_caption and words not in caption
    assert table.whole_caption.count("Goal:") == 1


def test_a_row_is_called_by_its_data_unless_that_is_published() -> None:
    other = {"id": "rebuilt/pointmaze/umaze-v0", "kind": "re-creation"}
    records = [completed(UMAZE, "mage", 0, 1.0, dataset=other), completed(MEDIUM, "mage", 0, 3.0)]
    table = score_table(records)
    titles = ["maze2d-umaze (re-creation)", MEDIUM, "average of 2 tasks"]
    assert [row[0] for row in table.rows] == titles
    # The runs behind a cell are found by the task.
    assert table.runs[0, 1] == f"{UMAZE}/mage"


def test_the_caption_tells_of_missing_errors_only_where_they_are_missing() -> None:
    runs = run_frame([completed(UMAZE, "mage", seed, 1.0) for seed in (0, 1)])
    scores = with_marks(score_frame(runs), difference_frame(runs))
    table = tables.score_table(scores, runs)
    assert "2 seeds" in table.caption and "only one seed" not in table.caption
    # Unless success is asked for, the values are scores.
    assert table.name == "scores-maze2d" and "D4RL-normalised score" in table.caption


def test_caption_says_that_one_seed_gives_no_error() -> None:
    table = score_table([completed(UMAZE, "mage", 0, 1.0)])
    assert "one seed, so that no standard error can be given" in table.caption
    assert table.rows == [[UMAZE, "1.0 ± -"]]
    assert not table.average


def test_caption_without_a_completed_run() -> None:
    table = score_table([failed(UMAZE, "mage", 0)])
    assert table.whole_caption.endswith("Preset quick. Data: none, no run was completed.")
    assert table.rows == [[UMAZE, "failed"]]


def test_a_capped_run_counts_and_says_so() -> None:
    short = replace(completed(UMAZE, "mage", 1, 3.0), status="capped", steps=40)
    table = score_table([completed(UMAZE, "mage", 0, 1.0), short])
    assert table.rows == [[UMAZE, "2.0 ± 1.0 (1 capped)"]]
    assert "40 to 100 gradient steps" in table.shared


def test_a_run_that_diverged_has_no_score() -> None:
    table = score_table([failed(UMAZE, "mage", 0, status="diverged")])
    assert table.rows == [[UMAZE, "diverged"]]


def test_success_table_is_in_percent() -> None:
    solved = {"mage": ([True] * 4, [True] * 3 + [False]), "bc": ([True] + [False] * 3,)}
    records = [
        completed(UMAZE, agent, seed, 7.0, successes=each)
        for agent, seeds in solved.items()
        for seed, each in enumerate(seeds)
    ]
    table = score_table(records, "success_rate")
    assert table.name == "success-maze2d"
    assert "share of solved episodes in percent" in table.caption
    assert table.rows == [[UMAZE, "87.5 ± 12.5", "25.0 ± - (1 of 2 seeds)"]]
    assert not table.bold and table.underlined == {(0, 1), (0, 2)}


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
        "D4RL/pointmaze/umaze-v2",
    )
    assert (mage["success_rate"], mage["success_rate_standard_error"]) == (50.0, 0.0)
    bc = frame[(frame["task"] == UMAZE) & (frame["agent"] == "bc")].iloc[0]
    assert bc["status"] == "failed"
    assert pd.isna(bc["score"])
    assert set(frame["preset"]) == {"quick"}


def test_latency_and_problem_tables() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0, latency_ms=[9.0, 1.0, 2.0]), failed(UMAZE, "bc", 0)]
    runs = run_frame(records)
    latency = tables.latency_table(latency_frame(records), runs)
    # 95 % of the way from the first of three samples to the last is 0.9 of that from 2 to 9.
    assert dict(zip(latency.header, *latency.rows, strict=True)) == {
        **{"benchmark": "maze2d", "agent": "MAGE", "hardware": "Chip 1"},
        **{"mean": "4.00", "median": "2.00"},
        **{"95th": "8.30", "99th percentile": "8.86", "samples": "3"},
    }
    assert "Preset quick" in latency.shared
    problems = tables.problem_table(problem_frame(runs), runs)
    assert problems.rows == [[UMAZE, "BC", "0", "failed", "RuntimeError: diverged", "see its log"]]


def test_the_table_of_problems_says_which_of_its_runs_have_a_score() -> None:
    lost = failed(UMAZE, "bc", 0)
    short = replace(completed(UMAZE, "mage", 0, 1.0), status="capped", reason="no time")
    captions = []
    for records in ([lost], [short], [lost, short]):
        runs = run_frame(records)
        captions.append(tables.problem_table(problem_frame(runs), runs).caption)
    begin, end = "Incomplete runs, with reason and remedy: ", ". Preset quick."
    capped = "runs scored though their time ended before their budget (capped)"
    assert captions == [
        f"{begin}{kinds}{end}"
        for kinds in ("runs without a score", capped, f"runs without a score, and {capped}")
    ]


def test_cost_table() -> None:
    told = {"seconds": {"fit": 50.0}, "steps_taken": 12_345, "peak_memory_mb": 1234.5}
    records = [
        completed(task, "mage", 0, 1.0, parameters=weights, **told)
        for task, weights in ((UMAZE, 1000), (MEDIUM, 2000))
    ]
    records += [completed(UMAZE, "dt", 0, 1.0, parameters=500), completed(UMAZE, "bc", 0, 1.0)]
    table = tables.cost_table(cost_frame(records), run_frame(records))
    assert table.header == [
        *("benchmark", "agent", "hardware", "training (s)", "gradient steps", "steps per s"),
        *("weights", "peak memory (MiB)", "runs"),
    ]
    assert table.rows == [
        ["maze2d", "MAGE", "Chip 1", "50", "12,345", "246.9", "1,000 to 2,000", "1,234", "2"],
        ["maze2d", "DT", "Chip 1", "-", "-", "-", "500", "-", "1"],
        ["maze2d", "BC", "Chip 1", "-", "-", "-", "-", "-", "1"],
    ]


def test_aggregate_table() -> None:
    columns = ["group", "agent", "iqm", "iqm_low", "iqm_high"]
    columns += ["improvement", "improvement_low", "improvement_high", "tasks", "runs"]
    values = [
        ("maze2d", "mage", 10.04, 7.5, 14.0, math.nan, math.nan, math.nan, 3, 6),
        ("all tasks", "bc", 5.0, 4.25, 9.0, 0.814, 0.6, 0.926, 12, 48),
        ("all tasks", "dt", 6.0, math.nan, math.nan, 0.5, math.nan, math.nan, 12, 12),
        ("all tasks", "dd", -0.04, -0.3, 0.04, 0.001, 0.0, 0.002, 12, 24),
    ]
    runs = run_frame([completed(UMAZE, "mage", 0, 1.0)])
    table = tables.aggregate_table(pd.DataFrame(values, columns=columns), runs, "iql")
    assert table.header == ["group", "agent", "IQM", "P(IQL higher)", "tasks", "runs"]
    assert "a run of IQL scores higher" in table.caption
    assert table.rows == [
        ["maze2d", "MAGE", "10.0 [7.5, 14.0]", "-", "3", "6"],
        ["all tasks", "BC", "5.0 [4.2, 9.0]", "0.81 [0.60, 0.93]", "12", "48"],
        ["all tasks", "DT", "6.0 [-, -]", "0.50 [-, -]", "12", "12"],
        # A probability of 0.002 is not none.
        ["all tasks", "DD", "0.0 [-0.3, 0.0]", "0.00 [0.00, 0.01]", "12", "24"],
    ]


def test_provenance_table() -> None:
    more = {"goal": "shown", "steps": 100, "episodes": 7}
    data = {"id": "an id", "kind": "re-creation", "recorded_episodes": 7, "recorded_steps": 9}
    runs = run_frame([completed(UMAZE, "td3bc", 4, 1.0, dataset=data, **more)])
    table = tables.provenance_table(provenance_frame(runs), runs)
    told = dict(zip(table.header, *table.rows, strict=True))
    assert told == {
        **{"task": UMAZE, "agent": "TD3+BC", "dataset": "an id"},
        "data": "re-creation, 7 episodes; published set: 13,210 episodes",
        **{"goal": "shown", "seeds": "4", "episodes": "7", "steps": "100", "samples": "none"},
    }


def test_an_average_row_and_marks_of_three_tasks() -> None:
    scores = {UMAZE: (10.0, 20.0, 19.0), MEDIUM: (9.0, 3.0, 3.0), "maze2d-large": (8.0, 1.0, 2.0)}
    records = [
        completed(task, agent, 0, score)
        for task, each in scores.items()
        for agent, score in zip(("mage", "dt", "bc"), each, strict=True)
    ]
    table = score_table(records)
    assert table.rows[-1] == ["average of 3 tasks", "9.0 ± -", "8.0 ± -", "8.0 ± -"]
    assert not table.bold and not table.underlined, "one seed tells nothing"


def test_a_number_has_one_decimal_and_no_negative_zero() -> None:
    numbers = {1.25: "1.2", 1.35: "1.4", -0.04: "0.0", -0.06: "-0.1", 1234.5: "1234.5", 0.0: "0.0"}
    assert {value: tables.number(value) for value in numbers} == numbers
    assert tables.number(math.nan) == "-"


def test_words_stand_left_of_numbers_and_tables_of_all_runs_may_break() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), failed(UMAZE, "bc", 0)]
    runs = run_frame(records)
    scores = with_marks(score_frame(runs), difference_frame(runs))
    made = (
        tables.score_table(scores, runs),
        tables.latency_table(latency_frame(records), runs),
        tables.cost_table(cost_frame(records), runs),
        tables.aggregate_table(aggregate_frame(groups(runs, scores), "mage"), runs, "mage"),
        tables.provenance_table(provenance_frame(runs), runs),
        tables.problem_table(problem_frame(runs), runs),
    )
    words = {table.name: table.header[: table.text_columns] for table in made}
    assert words == {
        "scores-maze2d": ["task"],
        "latency": ["benchmark", "agent", "hardware"],
        "costs": ["benchmark", "agent", "hardware"],
        "aggregates": ["group", "agent"],
        "provenance": ["task", "agent", "dataset", "data", "goal", "seeds"],
        "problems": ["task", "agents", "seeds", "status", "reason", "remedy"],
    }
    assert [table.long for table in made] == [False, True, True, True, True, True]
