"""What a tracker is given besides the curve."""

from __future__ import annotations

from dataclasses import replace

from benchmark.records.parts import TrainingPart
from benchmark.records.record import Record, RunSpec
from benchmark.running.curves.run_facts import curve_values, final_numbers, flat, run_facts

RUN = RunSpec("maze2d-umaze", "iql", 3, "quick", 500, 50, settings={"expectile": 0.9})


def test_the_facts_are_those_that_are_known() -> None:
    facts = run_facts(RUN, TrainingPart())
    assert (facts.name, facts.group) == ("maze2d-umaze/iql/seed-3", "maze2d-umaze/iql")
    assert facts.tags.pop("commit", "none is known outside a checkout")
    assert facts.tags == {"task": "maze2d-umaze", "agent": "iql", "seed": 3, "preset": "quick"}
    assert facts.settings == {"expectile": 0.9}
    assert facts.budget == {"steps": 500, "episodes": 50}


def test_settings_are_the_resolved_ones_and_data_has_an_id_and_a_kind() -> None:
    dataset = {"id": "my/maze-v0", "kind": "own data", "steps": 9}
    facts = run_facts(RUN, TrainingPart(config={"expectile": 0.9, "tau": 1}, dataset=dataset))
    assert facts.settings == {"expectile": 0.9, "tau": 1}
    assert (facts.tags["data"], facts.tags["data_kind"]) == ("my/maze-v0", "own data")


def test_a_loss_a_tuning_score_and_the_reported_score_have_names_of_their_own() -> None:
    point = {"step": 20, "loss": 1, "agent/score": 7.0, "score": 5.0}
    assert curve_values(point) == {
        "training/loss": 1.0,
        "training/agent/score": 7.0,
        "tuning/score": 5.0,
    }
    record = Record(RUN, "completed", "maze2d", score=4.0)
    assert final_numbers(record) == {"evaluation/score": 4.0}


def test_numbers_of_a_record_are_means_over_episodes() -> None:
    record = Record(
        RUN,
        "completed",
        "maze2d",
        score=4.0,
        returns=[1.0, 2.0],
        successes=[True, False],
        latency_ms=[1.0, 9.0, 2.0],
        steps=500,
        seconds={"fit": 3.0},
    )
    assert final_numbers(record) == {
        "evaluation/score": 4.0,
        "evaluation/return": 1.5,
        "evaluation/success_rate": 0.5,
        "latency_ms": 2.0,
        "steps": 500.0,
        "seconds/fit": 3.0,
    }
    assert final_numbers(replace(record, parameters=7))["parameters"] == 7.0


def test_nested_settings_have_names_with_dots() -> None:
    settings = {"a": 1, "b": {"c": [2], "d": {"e": None}}, "f": {}}
    assert dict(flat(settings)) == {"a": 1, "b.c": [2], "b.d.e": None, "f": {}}
