"""The output folder: files whole or not there, records in their places, and output in a log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records.files import (
    RunFiles,
    no_records,
    output_to,
    read_records,
    write_atomically,
    write_record,
)
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "bc", 3, "smoke", steps=10, episodes=2, settings={"width": 8})


def completed(run: RunSpec = RUN) -> Record:
    return Record(run, "completed", "maze2d", score=1.5, scores=[1.0, 2.0], successes=[True, False])


def test_each_file_of_a_run_has_its_place() -> None:
    files = RunFiles(Path("out"), "maze2d-umaze/bc/seed-3")
    assert {name: str(getattr(files, name)) for name in vars(RunFiles) if name.isalpha()} == {
        "record": "out/runs/maze2d-umaze/bc/seed-3.json",
        "log": "out/runs/maze2d-umaze/bc/seed-3.log",
        "curve": "out/runs/maze2d-umaze/bc/seed-3.csv",
        "agent": "out/runs/maze2d-umaze/bc/seed-3",
        "calibration": "out/runs/maze2d-umaze/bc/calibration-seed-3.json",
        "checkpoint": "out/runs/maze2d-umaze/bc/seed-3.checkpoint",
        "tensorboard": "out/tensorboard/maze2d-umaze/bc/seed-3",
        "trackers": "out/trackers/maze2d-umaze/bc/seed-3.json",
    }


@contextmanager
def buffered() -> Iterator[None]:
    """Streams that keep what is printed until they are flushed, as they do without a terminal."""
    with (
        open(1, "w", closefd=False, encoding="utf-8") as out,
        open(2, "w", closefd=False, encoding="utf-8") as err,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        yield


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_all_output_goes_to_the_file_and_comes_back_afterwards(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "deep" / "log"
    with buffered():
        for number in ("first", "second"):
            print("before")
            print("warned before", file=sys.stderr)
            with output_to(log) as terminal:
                subprocess.run(["echo", "a library"], check=True)
                print(number)
                print("a warning", file=sys.stderr)
                print("news", file=terminal)
            print("after")
    lines = log.read_text().splitlines()
    assert lines == ["a library", "first", "a warning", "a library", "second", "a warning"]
    printed = capfd.readouterr()
    assert printed.out.splitlines() == ["before", "news", "after"] * 2
    assert printed.err.splitlines() == ["warned before"] * 2


def _fail_within(log: Path) -> None:
    with buffered(), output_to(log):
        print("inside")
        raise ValueError("on purpose")


def test_output_comes_back_after_an_error_and_nothing_stays_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = _open_files()
    with pytest.raises(ValueError, match="on purpose"):
        _fail_within(tmp_path / "log")
    print("after", flush=True)
    assert (tmp_path / "log").read_text() == "inside\n"
    assert capfd.readouterr().out == "after\n"
    assert _open_files() == before


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
    names = [record.run.name for record in read_records(tmp_path)]
    assert names == [f"maze2d-umaze/{name}" for name in ("awac/seed-5", "bc/seed-1", "bc/seed-2")]


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
    other, before = replace(completed(), score=9.0, scores=[9.0, 9.0]), path.read_bytes()
    with monkeypatch.context() as patch:
        fails(patch)
        with pytest.raises(OSError, match="No space"):
            write_record(tmp_path, other)
    assert path.read_bytes() == before
    assert list(read_records(tmp_path)) == [completed()]
    write_record(tmp_path, other)
    assert list(read_records(tmp_path)) == [other]


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
        completed().to_json().replace('"schema": 1', '"schema": "1"'),
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


def test_a_record_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    write_record(tmp_path, replace(completed(), score=99.0))
    with pytest.raises(
        UserError, match=r"seed-3\.json is not a run record \(its score is 99, .*--resume"
    ):
        list(read_records(tmp_path))


def test_a_record_of_a_later_version_is_not_called_bad(tmp_path: Path) -> None:
    path = write_record(tmp_path, completed())
    later = json.loads(completed().to_json())
    for change in ({"schema": 2}, {"new": 1}, {"run": {**later["run"], "new": 1}}):
        path.write_text(json.dumps({**later, **change}), encoding="utf-8")
        with pytest.raises(
            UserError, match=r"seed-3\.json was written by a later .*update"
        ) as told:
            list(read_records(tmp_path))
        assert "delete" not in str(told.value)


def test_a_record_that_cannot_be_read_is_not_called_bad(tmp_path: Path) -> None:
    write_record(tmp_path, completed()).unlink()
    (tmp_path / "runs/maze2d-umaze/bc/seed-3.json").mkdir()
    with pytest.raises(UserError, match=r"seed-3\.json cannot be read \(Is a directory\)"):
        list(read_records(tmp_path))


def test_a_full_disk_names_the_file_and_keeps_no_part_of_it(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from benchmark.records.files import write_atomically

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # Bytes, as a quota.
try:
    write_atomically(Path(sys.argv[1]), "x" * 2000)
except OSError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "file")], capture_output=True, text=True
    )
    assert done.stdout == f"[Errno 27] File too large: '{tmp_path / 'file'}'\n"
    assert list(tmp_path.iterdir()) == []


def test_text_that_is_not_utf_8_is_written_with_escapes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", "a\udcffb")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "a\\udcffb"


@pytest.mark.parametrize(
    ("asked", "state", "named"),
    [
        ("results", "holds no run record", ", such as {}/results/one, {}/results/two"),
        ("results/one/report", "holds no run record", ", such as {}/results/one"),
        ("results/oen", "does not exist", ", such as {}/results/one, {}/results/two"),
        ("elsewhere", "does not exist", ""),
    ],
)
def test_where_no_record_is_the_folders_near_are_named(
    tmp_path: Path, asked: str, state: str, named: str
) -> None:
    for name in ("one", "two"):
        record = tmp_path / "results" / name / "runs" / "maze2d-umaze" / "bc" / "seed-0.json"
        record.parent.mkdir(parents=True)
        record.touch()
        (tmp_path / "results" / name / "report").mkdir()
    assert str(no_records(tmp_path / asked)) == (
        f"{tmp_path / asked} {state}; name a folder given as --out to `python -m benchmark.run`"
        f"{named.replace('{}', str(tmp_path))}, or run that command first"
    )
