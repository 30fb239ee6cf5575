"""Records: whole or not there, and equal after being read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.record import Record, RunSpec, read_records, write_record

RUN = RunSpec("maze2d-umaze", "bc", 3, "smoke", steps=10, episodes=2, settings={"width": 8})


def completed(run: RunSpec = RUN) -> Record:
    return Record(run, "completed", "maze2d", score=1.5, scores=[1.0, 2.0], successes=[True, False])


def test_a_record_read_back_is_equal() -> None:
    assert Record.from_json(completed().to_json()) == completed()


def test_a_record_lies_where_its_cell_says(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    assert path == tmp_path / "runs" / "maze2d-umaze" / "bc" / "seed-3.json"
    assert list(read_records(tmp_path)) == [completed()]


def test_writing_leaves_no_other_file(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    assert list(path.parent.iterdir()) == [path]


def test_a_record_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    before = path.read_bytes()
    unwritable = Record(RUN, "completed", "maze2d", config={"bad": object()})
    with pytest.raises(TypeError):
        write_record(tmp_path, unwritable)
    assert path.read_bytes() == before


def test_an_unfinished_write_is_no_record(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    path.rename(path.with_name(f".{path.name}.123.partial"))
    assert list(read_records(tmp_path)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 0}', '{"schema": 1, "status": "odd"}'])
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
