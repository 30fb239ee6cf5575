"""Records: plain JSON, and equal after being read back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import TooNewError
from benchmark.records import record
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "bc", 3, "smoke", steps=10, episodes=2, settings={"width": 8})
FULL_RUN = RunSpec(
    "maze2d-umaze", "bc", 4, "paper", 20, 5, "local", {"width": [1]}, "a.py:BC", max_minutes=0.5
)
FULL = Record(
    FULL_RUN,
    "capped",
    "maze2d",
    goal="hidden",
    reason="stopped",
    remedy="more time",
    traceback="Traceback",
    scale="returns",
    references=[0.5, 4.5],
    score=1.5,
    scores=[1.0, 2.0],
    returns=[3.0, 4.0],
    successes=[True, False],
    lengths=[7, 9],
    episode_seeds=[11, 12],
    clipped_actions=0.125,
    steps=17,
    resumed_at=[13],
    trained_with=[{"from": 0, "commit": "abc"}],
    curve=[{"step": 1, "loss": float("inf")}, {"step": 17, "loss": 0.5, "score": -1.0}],
    latency_ms=[0.25],
    config={"width": 16},
    parameters=99,
    dataset={"id": "d"},
    seconds={"fit": 2.5},
    peak_memory_mb=3.5,
    versions={"python": "3"},
    commit="abc",
    machine={"cores": 2},
    started="2026-01-01",
)


def completed(run: RunSpec = RUN) -> Record:
    return Record(run, "completed", "maze2d", score=1.5, scores=[1.0, 2.0], successes=[True, False])


def test_a_record_read_back_is_equal() -> None:
    assert Record.from_json(completed().to_json()) == completed()
    assert all(value for value in asdict(FULL).values()), "no field is left empty"
    assert Record.from_json(FULL.to_json()) == FULL


def test_a_record_is_plain_json() -> None:
    values = json.loads(FULL.to_json())
    assert list(values) == [field.name for field in fields(Record)]
    assert values["schema"] == 1
    assert values["run"] == {
        **{"task": "maze2d-umaze", "agent": "bc", "seed": 4, "preset": "paper", "steps": 20},
        **{"episodes": 5, "data": "local", "settings": {"width": [1]}, "source": "a.py:BC"},
        **{"max_minutes": 0.5, "source_hash": None, "task_source": None, "task_hash": None},
        "samples": None,
    }
    assert (values["steps"], values["lengths"], values["score"]) == (17, [7, 9], 1.5)


def test_which_ends_have_a_score_and_which_are_final() -> None:
    assert record.STATUSES == ("completed", "capped", "diverged", "failed", "no-dataset")
    assert record.SCORED_STATUSES == ("completed", "capped")
    assert record.FAILED_STATUSES == ("failed", "diverged")
    assert record.ENDED == ("completed", "capped", "diverged")


def test_a_run_without_episodes_is_not_evaluated() -> None:
    assert (RUN.evaluated, replace(RUN, episodes=0).evaluated) == (True, False)


def test_an_unknown_field_is_of_a_later_version() -> None:
    values = json.loads(completed().to_json())
    with pytest.raises(TooNewError, match="was written by a later version of mage-bench"):
        Record.from_json(json.dumps({**values, "surprise": 1}))


def test_numbers_of_numpy_and_paths_become_json() -> None:
    odd = replace(completed(), parameters=np.int64(5), config={"rate": np.float64(0.5)})
    odd.config["file"] = Path("a/b")
    read = Record.from_json(odd.to_json())
    assert (read.parameters, read.config) == (5, {"rate": 0.5, "file": "a/b"})
