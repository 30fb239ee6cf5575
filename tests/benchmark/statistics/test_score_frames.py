from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.statistics.provenance import problem_frame
from benchmark.statistics.score_frames import (
    in_order,
    run_frame,
    score_frame,
)
from tests.benchmark.synthetic_records import completed, failed, without_data

UMAZE, MEDIUM, LARGE = "maze2d-umaze", "maze2d-medium", "maze2d-large"


def cell(frame: pd.DataFrame, task: str, agent: str) -> pd.Series:
    found = frame[(frame["task"] == task) & (frame["agent"] == agent)]
    assert len(found) == 1
    return found.iloc[0]


def test_mean_and_standard_error_over_seeds() -> None:
    runs = run_frame(
        [completed(UMAZE, "mage", seed, score) for seed, score in enumerate((1, 2, 6))]
    )
    found = cell(score_frame(runs), UMAZE, "mage")
    assert found["mean"] == pytest.approx(3.0)
    # Deviations -2, -1, 3: variance 14 / 2 = 7, standard error sqrt(7 / 3).
    assert found["standard_error"] == pytest.approx(math.sqrt(7 / 3))
    assert (found["seeds"], found["seeds_planned"], found["status"]) == (3, 3, "scored")


def test_single_seed_has_no_standard_error() -> None:
    found = cell(score_frame(run_frame([completed(UMAZE, "mage", 0, 5.0)])), UMAZE, "mage")
    assert found["mean"] == 5.0
    assert math.isnan(found["standard_error"])


def test_every_agent_has_a_row_for_every_task_and_says_why_it_is_empty() -> None:
    records = [
        *(completed(task, "mage", 0, 1.0) for task in (UMAZE, MEDIUM, LARGE)),
        failed(UMAZE, "dt", 0),
        without_data(MEDIUM, "dt", 0),
    ]
    frame = score_frame(run_frame(records))
    assert cell(frame, UMAZE, "dt")["status"] == "failed"
    assert cell(frame, MEDIUM, "dt")["status"] == "n/a (dataset)"
    assert cell(frame, LARGE, "dt")["status"] == "missing"
    average = cell(frame, "average", "dt")
    assert average["status"] == "n/a (3 of 3 missing)"
    assert math.isnan(average["mean"])


def test_average_is_never_taken_over_an_empty_cell() -> None:
    records = [
        completed(UMAZE, "mage", 0, 100.0),
        failed(MEDIUM, "mage", 0),
        completed(UMAZE, "bc", 0, 10.0),
        completed(MEDIUM, "bc", 0, 20.0),
    ]
    frame = score_frame(run_frame(records))
    assert cell(frame, "average", "mage")["status"] == "n/a (1 of 2 missing)"
    assert math.isnan(cell(frame, "average", "mage")["mean"])
    assert cell(frame, "average", "bc")["mean"] == pytest.approx(15.0)


def test_standard_error_of_an_average_adds_squares_over_tasks() -> None:
    scores = {UMAZE: (0.0, 6.0), MEDIUM: (10.0, 18.0)}  # standard errors 3 and 4
    records = [
        completed(task, "mage", seed, value)
        for task, values in scores.items()
        for seed, value in enumerate(values)
    ]
    average = cell(score_frame(run_frame(records)), "average", "mage")
    assert average["mean"] == pytest.approx(8.5)
    assert average["standard_error"] == pytest.approx(5.0 / 2)


def test_an_average_counts_tasks_alike_and_tells_the_fewest_seeds() -> None:
    def short(task: str, seed: int, score: float) -> Record:
        return replace(completed(task, "mage", seed, score), status="capped", steps=9)

    records = [
        *(completed(UMAZE, "mage", seed, 30.0) for seed in range(3)),
        *(short(MEDIUM, seed, 60.0) for seed in range(2)),
        *(completed(LARGE, "mage", seed, 3.0) for seed in range(2)),
        short(LARGE, 2, 3.0),
    ]
    average = cell(score_frame(run_frame(records)), "average", "mage")
    assert average["mean"] == pytest.approx((30 + 60 + 3) / 3)  # Over runs, 219 / 8.
    assert average["standard_error"] == 0.0
    told = average[["seeds", "seeds_planned", "capped", "status", "preset"]]
    assert told.tolist() == [2, 3, 2 + 1, "scored", "quick"]


def test_seeds_that_are_planned_are_all_of_the_benchmark_and_of_no_other() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0),
        completed(MEDIUM, "mage", 1, 1.0),
        failed(MEDIUM, "bc", 5),
        *(completed(task, "mage", 7, 1.0) for task in ("antmaze-umaze", "kitchen-complete")),
    ]
    frame = score_frame(run_frame(records))
    planned = frame.groupby("benchmark")["seeds_planned"].unique().map(list).to_dict()
    assert planned == {"maze2d": [3], "antmaze": [1], "kitchen": [1]}
    assert list(frame["benchmark"].unique()) == ["kitchen", "antmaze", "maze2d"]
    # Only a benchmark of two tasks has an average, one row for each of its agents.
    averages = frame[frame["task"] == "average"]
    assert averages[["benchmark", "agent"]].to_numpy().tolist() == [
        ["maze2d", "mage"],
        ["maze2d", "bc"],
    ]


def test_why_a_cell_is_empty_is_the_worst_of_its_runs() -> None:
    diverged = [failed(UMAZE, "bc", 1, status="diverged"), without_data(UMAZE, "bc", 2)]
    records = [completed(UMAZE, "mage", 0, 1.0), *diverged]
    assert cell(score_frame(run_frame(records)), UMAZE, "bc")["status"] == "diverged"
    records.append(failed(UMAZE, "bc", 0))
    assert cell(score_frame(run_frame(records)), UMAZE, "bc")["status"] == "failed"
    # One score is enough for a mean.
    records.append(completed(UMAZE, "bc", 3, 4.0))
    assert cell(score_frame(run_frame(records)), UMAZE, "bc")["status"] == "scored"


def test_a_row_holds_every_field_of_its_record() -> None:
    record = completed(
        *(UMAZE, "mage", 3, 12.5),
        benchmark="a benchmark",
        successes=[True, False, False, False, True],
        scores=[12.0, 13.0],
        episode_seeds=[7, 8],
        goal="shown",
        dataset={"id": "an id", "kind": "a kind", "recorded_episodes": 7, "recorded_steps": 9}
        | {"hash": "a hash", "recorded_scores": {"mean": 1.5, "best": 9.0}},
        steps=100,
        steps_taken=40,
        episodes=5,
        settings={"b": 1, "a": 2},
        samples=16,
        commit="a commit",
        parameters=77,
        clipped_actions=0.25,
    )
    expected = {
        **{"run": f"{UMAZE}/mage/seed-3", "benchmark": "a benchmark", "task": UMAZE},
        **{"agent": "mage", "seed": 3, "preset": "quick", "status": "completed", "scored": True},
        **{"score": 12.5, "scale": "D4RL", "success_rate": 40.0, "reason": None, "remedy": None},
        **{"source_hash": "", "task_hash": ""},
        **{"goal": "shown", "dataset": "an id", "kind": "a kind", "hash": "a hash"},
        "data_words": "a kind, 7 episodes; published set: 13,210 episodes",
        **{"episodes": 5, "steps": 40, "settings": '{"a": 2, "b": 1}', "commit": "a commit"},
        **{
            "samples": "16",
            "parameters": "77",
            "clipped_actions": 0.25,
            "recorded_mean": 1.5,
            "recorded_best": 9.0,
        },
    }
    (row,) = run_frame([record]).to_dict("records")
    by_episode = [row.pop(f"episode_{what}").tolist() for what in ("scores", "successes", "seeds")]
    assert row == expected
    assert by_episode == [[12.0, 13.0], [100.0, 0.0, 0.0, 0.0, 100.0], [7, 8]]
    # Of a run that had no time for its budget, the steps that it took.
    capped = run_frame([replace(record, status="capped")]).iloc[0]
    assert (capped["steps"], capped["scored"], capped["score"]) == (40, True, 12.5)


def test_a_run_that_went_on_is_of_the_commits_of_all_its_parts() -> None:
    parts = [
        {"from": 0, "commit": "abc"},
        {"from": 7, "commit": None},
        {"from": 9, "commit": "abc"},
    ]
    record = completed(UMAZE, "mage", 0, 1.0, commit="def", trained_with=parts)
    assert run_frame([record])["commit"].tolist() == ["abc, unknown, def"]


def test_what_a_record_does_not_tell_is_unknown() -> None:
    (row,) = run_frame([failed(UMAZE, "mage", 0, score=3.0)]).to_dict("records")
    unknown = ("dataset", "kind", "hash", "commit", "parameters")
    assert {row[name] for name in unknown} == {"unknown"}
    assert (row["scored"], row["settings"], row["samples"]) == (False, "", "none")
    assert row["data_words"].startswith("data of unknown origin")
    # What was scored before it failed does not count.
    assert all(math.isnan(row[name]) for name in ("score", "success_rate", "recorded_best"))


def test_one_task_has_no_average() -> None:
    frame = score_frame(run_frame([completed(UMAZE, "mage", 0, 1.0)]))
    assert list(frame["task"]) == [UMAZE]


def test_seed_that_failed_is_counted_as_planned() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), failed(UMAZE, "mage", 1)]
    found = cell(score_frame(run_frame(records)), UMAZE, "mage")
    assert found[["seeds", "seeds_planned", "mean", "capped"]].tolist() == [1, 2, 1.0, 0]


def test_runs_that_had_no_time_count_where_they_have_a_value() -> None:
    capped = replace(completed(UMAZE, "mage", 0, 1.0), status="capped")
    records = [capped, replace(capped, run=replace(capped.run, seed=1), score=math.nan)]
    found = cell(score_frame(run_frame(records)), UMAZE, "mage")
    assert found[["seeds", "capped"]].tolist() == [1, 1]


@pytest.mark.parametrize("score", [None, math.nan, math.inf])
def test_completed_run_without_a_finite_score_counts_as_failed(score: float | None) -> None:
    run = run_frame([completed(UMAZE, "mage", 0, score)]).iloc[0]
    assert run["status"] == "failed"
    assert "not a finite number" in run["reason"]
    assert math.isnan(run["score"])
    assert math.isnan(run["success_rate"])


def test_mixed_presets_are_refused() -> None:
    records = [completed(UMAZE, "bc", seed, 1.0) for seed in (0, 1)]
    records.append(completed(UMAZE, "mage", 0, 1.0, preset="smoke"))
    with pytest.raises(UserError, match=r"mix presets \(runs: 2 quick, 1 smoke\).*--out"):
        run_frame(records)


def test_the_same_run_twice_is_refused() -> None:
    record = completed(UMAZE, "mage", 0, 1.0)
    with pytest.raises(UserError, match=r"maze2d-umaze/mage/seed-0.*delete the copies"):
        run_frame([record, record])


def test_no_records_give_empty_frames() -> None:
    runs = run_frame([])
    assert runs.empty
    assert score_frame(runs).empty


def test_order_is_that_of_the_table_of_tasks_whatever_the_order_of_records() -> None:
    records = [
        completed(task, agent, seed, 1.0)
        for task in ("maze2d-zigzag", LARGE, UMAZE, "adroit-pen-human")
        for agent in ("zeta", "bc", "mage")
        for seed in (1, 0)
    ]
    runs = run_frame(records)
    assert list(runs["task"].unique()) == ["adroit-pen-human", UMAZE, LARGE, "maze2d-zigzag"]
    assert list(runs["agent"].unique()) == ["mage", "bc", "zeta"]
    assert list(runs["seed"][:2]) == [0, 1]
    pd.testing.assert_frame_equal(runs, run_frame(reversed(records)))


def test_known_names_come_first() -> None:
    assert in_order(["b", "x", "a", "b"], known=["x", "y"]) == ["x", "a", "b"]


def test_a_run_that_was_not_to_be_evaluated_is_no_failure() -> None:
    record = completed(UMAZE, "bc", 0, None, episodes=0, scores=[], successes=[])
    runs = run_frame([record, completed(UMAZE, "mage", 0, 5.0)])
    assert runs.set_index("agent").loc["bc", ["status", "scored"]].tolist() == ["completed", False]
    assert cell(score_frame(runs), UMAZE, "bc")["status"] == "not evaluated"
    assert problem_frame(runs).empty
