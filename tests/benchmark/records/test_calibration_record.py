"""What was measured is kept beside the record that it is of, and read back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.records.calibration_record import (
    AskedLevel,
    CalibrationRecord,
    calibration_of,
    content_hash,
    is_of_record,
    read_calibrations,
    write_calibration_record,
)
from benchmark.records.files import RunFiles, read_records
from tests.benchmark.synthetic_records import completed, written

NAME = "maze2d-umaze/mage/seed-0"
FILE = "calibration-seed-0.json"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with one run's record, and with what was measured of it."""
    written(tmp_path, completed("maze2d-umaze", "mage", 0, 1.0))
    write_calibration_record(tmp_path, measured(tmp_path))
    return tmp_path


def measured(out: Path) -> CalibrationRecord:
    """All of it."""
    return CalibrationRecord(
        NAME,
        content_hash(RunFiles(out, NAME).record),
        "bbbb",
        [600_000, 600_001],
        asking_unit="advantage",
        discount=0.99,
        levels=[AskedLevel(-1.0, [1.0, 2.0], [0.5, 1.5], [10.0, 20.0])],
        exchange_scores={"own": [1.0, 2.0], "episode": [0.0, 0.0]},
        plan_share=0.25,
        states=32,
        versions={"python": "3.11"},
        commit="abc",
        machine={"processor": "Chip 1"},
        started="2026-01-01T00:00:00+00:00",
        seconds=2.5,
    )


def test_it_is_read_as_it_was_written(out: Path) -> None:
    assert list(read_calibrations(out)) == [measured(out)]
    assert calibration_of(out, NAME) == measured(out)
    assert calibration_of(out, "maze2d-umaze/mage/seed-7") is None
    assert RunFiles(out, NAME).calibration == out / "runs/maze2d-umaze/mage" / FILE


def test_readers_of_records_do_not_take_it_for_one(out: Path) -> None:
    assert [record.run.name for record in read_records(out)] == [NAME]


def test_it_is_of_the_training_that_was_measured(out: Path) -> None:
    assert is_of_record(out, measured(out))
    earlier = measured(out)
    written(out, completed("maze2d-umaze", "mage", 0, 1.5))
    assert not is_of_record(out, earlier)
    RunFiles(out, NAME).record.unlink()
    assert not is_of_record(out, earlier)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no calibration (Expecting property name"),
        ("[]", "is no calibration (it has no schema)"),
        ('{"schema": 1}', "is no calibration ('levels')"),
        ('{"schema": 1, "levels": 3}', "is no calibration ("),
        ("[" * 10**5, "is no calibration (maximum recursion depth exceeded"),
        ('{"schema": 99}', "was written by a later version of mage-bench"),
        ('{"schema": 1, "news": 3}', "was written by a later version of mage-bench"),
    ],
)
def test_a_file_that_is_none_is_named(out: Path, text: str, message: str) -> None:
    path = RunFiles(out, NAME).calibration
    path.write_text(text)
    with pytest.raises(UserError) as error:
        list(read_calibrations(out))
    assert message in str(error.value)


def test_one_that_lies_elsewhere_is_refused(out: Path) -> None:
    write_calibration_record(out, replace(measured(out), run="maze2d-umaze/mage/seed-1"))
    (path := RunFiles(out, NAME).calibration).write_bytes(
        path.with_name("calibration-seed-1.json").read_bytes()
    )
    with pytest.raises(
        UserError, match=r"it says that it is of maze2d-umaze/mage/seed-1\); delete"
    ):
        list(read_calibrations(out))


def test_the_hash_is_of_content_and_names(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "a").write_text("1")
    first = content_hash(folder)
    (folder / "a").rename(folder / "b")
    assert content_hash(folder) != first
    (folder / "b").rename(folder / "a")
    assert content_hash(folder) == first
    (folder / "a").write_text("2")
    assert content_hash(folder) != first
    assert content_hash(folder / "a") != content_hash(folder)


def test_what_is_kept_is_plain_json(out: Path) -> None:
    values = json.loads(RunFiles(out, NAME).calibration.read_text())
    assert values["levels"][0]["asked"] == [1.0, 2.0] and values["schema"] == 1
