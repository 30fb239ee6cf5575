"""Who watches trials: what is taken, what is recorded in their place, and when all ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.records.files import RunFiles, RunPlace, read_records, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running import ray_watcher
from benchmark.running.progress_view import ProgressView
from benchmark.running.ray_failures import OUT_OF_MEMORY
from benchmark.running.ray_watcher import Stopper, TrialWatcher

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=100, episodes=1) for seed in range(3)]


def trial(index: int, **result: Any) -> Any:
    return SimpleNamespace(config={"index": index}, last_result=result, pickled_error_file=None)


@pytest.fixture
def watcher(tmp_path: Path) -> Any:
    watcher = TrialWatcher(RUNS, Store(str(tmp_path)), ProgressView(RUNS))
    for index in range(3):
        watcher.on_trial_start(0, [], trial(index))
    return watcher


def test_the_watcher_takes_what_was_recorded_and_records_what_was_not(
    watcher: Any, tmp_path: Path
) -> None:
    report = {"step": 50, "steps": 100, "loss": 1.0, "per_second": 2.0, "score": None}
    watcher.on_trial_result(0, [], trial(2), report)
    watcher.on_trial_result(0, [], trial(2), {"problem": ""})
    assert [row[:2] for row in watcher.view.rows()][2] == ("maze2d-umaze/bc/seed-2", "50%")
    watcher.on_trial_result(0, [], trial(0), {"machine": {"cores": 7}})
    written = Record(RUNS[1], "completed", "maze2d", score=3.0, scores=[3.0])
    write_record(tmp_path, written)
    watcher.on_trial_complete(0, [], trial(1, problem=""))
    watcher.on_trial_error(0, [], trial(0))
    assert watcher.outcome.records[0] == written
    failed = watcher.outcome.records[1]
    assert (failed.run, failed.status) == (RUNS[0], "failed")
    assert failed.reason == "Ray could not run it; see ray.log"
    assert failed.machine == {"cores": 7}, "where its process died"
    age = datetime.now(timezone.utc) - datetime.fromisoformat(str(failed.started))
    assert timedelta(0) <= age < timedelta(hours=1)
    assert list(read_records(tmp_path)) == [failed, written]
    watcher.on_trial_complete(0, [], trial(2, problem=None))
    assert len(watcher.outcome.records) == 2 and not watcher.view.running


def test_a_record_that_is_nowhere_is_a_failure(watcher: Any, tmp_path: Path) -> None:
    watcher.on_trial_complete(0, [], trial(0, problem="disk full"))
    watcher.on_trial_complete(0, [], trial(1, problem=""))
    reasons = [record.reason for record in watcher.outcome.records]
    gone = f"its record is not at {tmp_path}; do all machines reach that?"
    assert reasons == ["disk full", gone]
    assert {record.status for record in read_records(tmp_path)} == {"failed"}


def test_all_ends_when_those_that_ran_at_the_request_have_ended_or_after_a_while(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(ray_watcher, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    for patient in (True, False):
        view = ProgressView(RUNS)
        for run in RUNS[:2]:
            view.start(run)
        stopper = Stopper(place.stop, view)
        assert not stopper("0", {}) and not stopper.stop_all()
        place.stop.touch()
        assert not stopper.stop_all()
        view.leave(RUNS[0])
        view.start(RUNS[2])  # One that came later is not waited for.
        now.seconds += 30
        assert not stopper.stop_all()
        if patient:
            view.leave(RUNS[1])
        else:
            now.seconds += 0.5
        assert stopper.stop_all()
        place.stop.unlink()


@pytest.fixture
def short_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_watcher, "trial_error", lambda trial: (OUT_OF_MEMORY, "by Ray"))


def test_a_run_that_was_killed_beside_others_is_to_run_again_and_alone_has_failed(
    watcher: Any, tmp_path: Path, short_of_memory: None
) -> None:
    watcher.on_trial_error(0, [], trial(1))
    assert watcher.again == [RUNS[1]] and list(read_records(tmp_path)) == []
    assert RUNS[1].name not in watcher.view.running
    what = "killed: out of memory beside other runs; it will run again alone"
    assert watcher.view.log == [f"{RUNS[1].name} {what}"]
    watcher.again = None
    watcher.on_trial_error(0, [], trial(1))
    (record,) = read_records(tmp_path)
    assert (record.status, record.reason) == ("failed", "killed: out of memory")
    assert str(record.remedy).startswith("make its model or batch smaller")


def test_when_ray_fails_what_ran_has_failed_and_what_has_not_begun_is_not_run(
    tmp_path: Path, short_of_memory: None
) -> None:
    more = [*RUNS, *(RunSpec("maze2d-umaze", "iql", seed, "smoke", 100, 1) for seed in range(2))]
    watcher = TrialWatcher(more, Store(str(tmp_path)), ProgressView(more))
    for index in range(4):
        watcher.on_trial_start(0, [], trial(index))
    watcher.on_trial_error(0, [], trial(3))
    # One has an end of which Ray has not told, another an earlier one, the third one of less time.
    whole, earlier = Record(RUNS[0], "completed", "maze2d"), Record(RUNS[1], "failed", "maze2d")
    write_record(tmp_path, Record(replace(more[2], max_minutes=1), "capped", "maze2d", score=1.0))
    for record in (whole, earlier):
        write_record(tmp_path, record)
    watcher.give_up("Ray failed: no disk", "trace")
    assert watcher.outcome.records[0] == whole
    assert [(r.status, r.reason) for r in watcher.outcome.records[1:]] == [
        ("failed", "Ray failed: no disk")
    ] * 2
    kept = Record.from_json(RunFiles(tmp_path, more[2].name).record.read_text())
    assert kept.status == "capped" and "Ray failed: no disk" in str(kept.reason)
    reason = "Ray failed: no disk"
    assert watcher.outcome.not_run == {more[4].name: reason, more[3].name: reason}
    assert not watcher.again, "nothing more comes"
