"""Records: whole or not there, and equal after being read back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records import record
from benchmark.records.record import Record, RunSpec, read_records, write_atomically, write_record

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
    score=1.5,
    scores=[1.0, 2.0],
    returns=[3.0, 4.0],
    successes=[True, False],
    lengths=[7, 9],
    episode_seeds=[11, 12],
    steps=17,
    resumed_at=[13],
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
    assert list(values) == [each.name for each in fields(Record)]
    assert values["schema"] == 1
    assert values["run"] == {
        **{"task": "maze2d-umaze", "agent": "bc", "seed": 4, "preset": "paper", "steps": 20},
        **{"episodes": 5, "data": "local", "settings": {"width": [1]}, "source": "a.py:BC"},
        "max_minutes": 0.5,
    }
    assert (values["steps"], values["lengths"], values["score"]) == (17, [7, 9], 1.5)


def test_which_ends_have_a_score_and_which_are_final() -> None:
    assert record.STATUSES == ("completed", "capped", "diverged", "failed", "no-dataset")
    assert record.SCORED_STATUSES == ("completed", "capped")
    assert record.FAILED_STATUSES == ("failed", "diverged")
    assert record.ENDED == ("completed", "capped", "diverged")


def test_a_record_lies_where_its_cell_says(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    assert path == tmp_path / "runs" / "maze2d-umaze" / "bc" / "seed-3.json"
    assert list(read_records(tmp_path)) == [completed()]


def test_records_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    runs = [replace(RUN, seed=seed) for seed in (2, 1)] + [replace(RUN, agent="awac", seed=5)]
    for run in runs:
        path = write_record(tmp_path, completed(run))
    # What else lies there is no record.
    (path.parent / "seed-5.checkpoint").mkdir()
    (path.parent / "seed-5.checkpoint" / "state.json").write_text("{}")
    (path.parent / "other.json").write_text("{}")
    (tmp_path / "runs" / "seed-1.json").write_text("{}")
    found = [each.run.name for each in read_records(tmp_path)]
    assert found == [f"maze2d-umaze/{name}" for name in ("awac/seed-5", "bc/seed-1", "bc/seed-2")]


def test_writing_leaves_no_other_file(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    assert list(path.parent.iterdir()) == [path]


def _no_flush(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "fsync", _full)


def _no_rename(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Path, "replace", _full)


def _full(*arguments: object) -> None:
    raise OSError("No space left on device")


@pytest.mark.parametrize("fails", [_no_flush, _no_rename])
def test_a_write_that_fails_half_way_leaves_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[[pytest.MonkeyPatch], None]
) -> None:
    path = write_record(tmp_path, completed())
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        fails(patch)
        with pytest.raises(OSError, match="No space"):
            write_record(tmp_path, replace(completed(), score=9.0))
    assert path.read_bytes() == before
    assert list(read_records(tmp_path)) == [completed()]
    write_record(tmp_path, replace(completed(), score=9.0))
    assert [each.score for each in read_records(tmp_path)] == [9.0]


def test_all_is_on_disk_before_the_file_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "file", []
    path.write_text("old")

    def sync(descriptor: int) -> None:
        seen.append((os.fstat(descriptor).st_size, path.read_text()))

    monkeypatch.setattr(os, "fsync", sync)
    write_atomically(path, "zwölf")
    assert seen == [(6, "old")], "six bytes, of which two are one letter"
    assert path.read_text(encoding="utf-8") == "zwölf"
    write_atomically(path, b"\xff")
    assert path.read_bytes() == b"\xff"


def test_a_record_that_is_no_json_is_not_begun(tmp_path: Path) -> None:
    unwritable = Record(RUN, "completed", "maze2d", config={"bad": object()})
    with pytest.raises(TypeError):
        write_record(tmp_path, unwritable)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_unfinished_write_is_no_record(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    path.rename(path.with_name(f".{path.name}.123.partial"))
    assert list(read_records(tmp_path)) == []


def _without(field: str) -> str:
    values: dict[str, Any] = json.loads(completed().to_json())
    del values["run"][field]
    return json.dumps(values)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"schema": 0}', '{"schema": 1, "status": "odd"}', _without("seed")),
        completed().to_json().replace('"schema": 1', '"schema": 2'),
        completed().to_json().replace('"completed"', '"complete"'),
    ],
)
def test_a_damaged_record_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    path = write_record(tmp_path, completed())
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"seed-3\.json is not a run record .*--resume"):
        list(read_records(tmp_path))


def test_a_record_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    path.rename(path.with_name("seed-4.json"))
    with pytest.raises(UserError, match=r"seed-4\.json is not a run record .*it says"):
        list(read_records(tmp_path))


def test_an_unknown_field_is_refused() -> None:
    values = json.loads(completed().to_json())
    with pytest.raises(ValueError, match="unknown fields .*'surprise'"):
        Record.from_json(json.dumps({**values, "surprise": 1}))
