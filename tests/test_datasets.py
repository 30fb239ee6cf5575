"""A task on data that the user chose, with the real command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmark.records.files import read_records
from benchmark.records.record import Record
from tests.agent_file import AGENT_FILE
from tests.benchmark.data.synthetic_datasets import alter_metadata
from tests.commands import run_here

OWN, BROKEN = "my/maze-v0", "my/broken-v3"
OPTIONS = ("--tasks", "maze2d-umaze,multi2d-umaze", "--preset", "smoke", "--out", "out")
OPTIONS += ("--agents", "my_agents.py:Pusher", "--workers", "0", "--config", "settings.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, _small_umaze: Path) -> Path:
    """Where two datasets of the user lie, and a command has used both; one is damaged."""
    folder = tmp_path_factory.mktemp("chosen")
    for dataset_id in (OWN, BROKEN):
        place = folder / "minari" / dataset_id
        shutil.copytree(_small_umaze / "mage/maze2d/umaze-v0", place)
        alter_metadata(place, dataset_id=dataset_id, author=["me"], description="Mine.")
    data = folder / "minari" / BROKEN / "data" / "main_data.hdf5"
    data.write_bytes(data.read_bytes()[:5000])
    (folder / "my_agents.py").write_text(AGENT_FILE, encoding="utf-8")
    settings = {"datasets": {"*-umaze": BROKEN, "kitchen-*": "not/there-v0"}}
    (folder / "settings.json").write_text(json.dumps(settings))
    return folder


def command(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and all output."""
    places = {
        "MINARI_DATASETS_PATH": str(folder / "minari"),
        "MAGE_BENCH_CACHE": str(folder / "cache"),
    }
    done = run_here(*OPTIONS, *options, cwd=folder, **places)
    assert "Traceback" not in done.output, done.output
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def done(folder: Path) -> tuple[int, str, dict[str, Record]]:
    code, output = command(folder, "--dataset", f"maze2d-*={OWN}")
    return code, output, {record.run.task: record for record in read_records(folder / "out")}


def test_the_record_says_what_the_data_is(done: tuple[int, str, dict[str, Record]]) -> None:
    _, output, records = done
    record = records["maze2d-umaze"]
    assert (record.status, record.run.data) == ("completed", OWN)
    measured = ("hash", "recorded_scores")
    assert {key: value for key, value in record.dataset.items() if key not in measured} == {
        **{"id": OWN, "kind": "own data", "author": "me", "description": "Mine."},
        **{"recorded_episodes": 5, "recorded_steps": 5000, "episodes": 5, "steps": 5000},
    }
    words = f"{OWN} is used: own data, 5 episodes; published set: 13,210 episodes"
    assert f"maze2d-umaze: {words}" in output


def test_bad_data_of_one_task_is_a_failed_row_and_the_others_go_on(
    done: tuple[int, str, dict[str, Record]],
) -> None:
    code, output, records = done
    record = records["multi2d-umaze"]
    assert code == 1
    assert (record.status, record.run.data) == ("failed", BROKEN)
    assert f"dataset {BROKEN}, for multi2d-umaze, is damaged" in str(record.reason)
    assert f"multi2d-umaze: bad: {record.reason}; {record.remedy}" in output
    assert "delete" not in str(record.remedy)


@pytest.mark.usefixtures("done")
def test_other_data_is_not_taken_for_the_same_run(folder: Path) -> None:
    before = sorted(path for path in (folder / "out").rglob("*"))
    code, output = command(folder, "--resume")  # The file names the other.
    asked = f"was run with data '{OWN}', now asked with '{BROKEN}'; use the same options"
    assert code == 2 and f"maze2d-umaze/pusher/seed-0 in out {asked}" in output
    assert before == sorted(path for path in (folder / "out").rglob("*"))


def test_a_dataset_that_cannot_be_used_is_a_usage_error_and_nothing_is_written(
    folder: Path,
) -> None:
    code, output = command(folder, "--out", "new", "--dataset", "maze2d-umaze=my/maze-v1")
    assert code == 2 and not (folder / "new").exists()
    message = (
        f"error: dataset 'my/maze-v1' for maze2d-umaze is not in {folder}/minari; did you mean "
    )
    assert f"{message}{OWN}?; there: {BROKEN}, {OWN}\n" in output
