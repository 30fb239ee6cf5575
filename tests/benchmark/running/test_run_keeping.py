"""What every runner does: what became of each run is known, and what it leaves is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.records.files import RunFiles, read_records
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running import run_keeping
from benchmark.running.progress_view import ProgressView
from benchmark.running.run_keeping import RunKeeper, keep_record, push_checkpoint

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=100, episodes=1) for seed in range(2)]


@pytest.fixture
def keeper(tmp_path: Path) -> RunKeeper:
    return RunKeeper(RUNS, Store(str(tmp_path)), ProgressView(RUNS))


def full(*arguments: object) -> None:
    raise OSError("disk full")


def test_a_run_is_known_from_its_start_to_its_record(keeper: RunKeeper, tmp_path: Path) -> None:
    assert list(keeper.not_begun.values()) == RUNS
    keeper.start(RUNS[0])
    keeper.see_machine(RUNS[0], {"cores": 7})
    assert list(keeper.not_begun.values()) == RUNS[1:]
    keeper.fail(RUNS[0], "gone", "trace", "look for it")
    (failed,) = read_records(tmp_path)
    assert (failed.status, failed.reason, failed.remedy) == ("failed", "gone", "look for it")
    assert (failed.traceback, failed.machine) == ("trace", {"cores": 7}) and failed.started
    done = Record(RUNS[1], "completed", "maze2d")
    keeper.take(done)
    assert keeper.outcome.records == [failed, done] and not keeper.not_begun
    assert len(keeper.view.log) == 2 and not keeper.view.running


def test_a_failure_that_cannot_be_recorded_is_told(
    keeper: RunKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_keeping, "write_record", full)
    keeper.fail(RUNS[1], "gone", None)
    assert keeper.outcome.unwritten == {RUNS[1].name: "disk full"}
    assert keeper.outcome.records[0].status == "failed"


def test_a_checkpoint_that_cannot_be_copied_is_told_and_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, notes = Store(str(tmp_path)), list[str]()
    push_checkpoint(tmp_path / "seed-0.checkpoint", store, notes.append)
    assert not notes
    monkeypatch.setattr(store, "push", full)
    push_checkpoint(tmp_path / "seed-0.checkpoint", store, notes.append)
    assert notes == [
        f"its checkpoint could not be copied to {tmp_path} (OSError: disk full); one of before "
        "that is there stays"
    ]


@pytest.mark.parametrize("status", ["completed", "failed", "diverged"])
def test_a_checkpoint_is_kept_while_a_run_can_go_on(tmp_path: Path, status: str) -> None:
    checkpoint = RunFiles(tmp_path, RUNS[0].name).checkpoint
    checkpoint.mkdir(parents=True)
    assert keep_record(Record(RUNS[0], status, "maze2d"), Store(str(tmp_path))) == ""
    assert checkpoint.exists() == (status != "diverged")


def test_a_record_that_cannot_be_written_is_a_problem_and_the_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_keeping, "write_record", full)
    checkpoint = RunFiles(tmp_path, RUNS[0].name).checkpoint
    checkpoint.mkdir(parents=True)
    problem = keep_record(Record(RUNS[0], "completed", "maze2d"), Store(str(tmp_path)))
    assert problem == "the record could not be written: OSError: disk full"
    assert checkpoint.exists()
