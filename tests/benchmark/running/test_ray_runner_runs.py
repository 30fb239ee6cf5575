"""One run on a machine, and who watches it: what is kept, what is told, when all ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.records.files import RunFiles, RunPlace, read_records, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running import ray_runner
from benchmark.running.compute import Compute, Needs
from benchmark.running.progress_view import ProgressView

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=100, episodes=1) for seed in range(3)]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    results: list[Any] = []
    monkeypatch.setattr(ray_runner.tune, "report", results.append)
    return results


def leave_files(out: Path, run: RunSpec) -> RunFiles:
    files = RunFiles(out, run.name)
    for folder in (files.agent, files.checkpoint, files.tensorboard):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    files.log.touch()
    files.curve.touch()
    return files


@pytest.mark.parametrize("status", ["completed", "capped", "diverged", "failed"])
def test_all_that_a_run_leaves_is_kept_and_its_checkpoint_while_it_can_go_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: RunPlace,
    reported: list[Any],
    status: str,
) -> None:
    far = tmp_path / "far"
    seen: list[Any] = []
    with Store(f"file://{far}") as before:
        checkpoint = RunFiles(before.folder, RUNS[1].name).checkpoint
        checkpoint.mkdir(parents=True)
        (checkpoint / "state").touch()
        before.push(checkpoint)

    def run_trial(run: RunSpec, place: RunPlace, device: str, callbacks: Any) -> Record:
        earlier = RunFiles(place.out, run.name).checkpoint
        seen.append((run, device, [path.name for path in earlier.iterdir()], place.stop))
        (earlier / "state").unlink()
        earlier.rmdir()
        callbacks.saved(leave_files(place.out, run).checkpoint)
        seen.append([path.name for path in RunFiles(far, run.name).checkpoint.iterdir()])
        callbacks.report({"step": 1})
        callbacks.note("is odd")
        return Record(run, status, "maze2d")

    monkeypatch.setattr(ray_runner, "run_trial", run_trial)
    ray_runner._trial({"index": 1}, RUNS, f"file://{far}", place, "cuda")
    assert seen == [(RUNS[1], "cuda", ["state"], place.stop), ["file"]]
    assert reported == [{"step": 1}, {"note": "is odd"}, {"problem": ""}]
    (record,) = read_records(far)
    assert (record.run, record.status) == (RUNS[1], status)
    files = RunFiles(far, RUNS[1].name)
    kept = (files.log, files.curve, files.agent / "file", files.tensorboard / "file")
    assert all(path.exists() for path in kept)
    assert files.checkpoint.exists() == (status in ("failed", "capped"))


def test_a_run_that_is_not_to_begin_or_that_stopped_has_no_record(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch, reported: list[Any]
) -> None:
    began: list[RunSpec] = []
    monkeypatch.setattr(ray_runner, "run_trial", lambda run, *more: began.append(run))
    ray_runner._trial({"index": 2}, RUNS, str(place.out), place, "cpu")
    assert began == [RUNS[2]]
    place.stop.touch()
    ray_runner._trial({"index": 2}, RUNS, str(place.out), place, "cpu")
    assert began == [RUNS[2]]
    assert reported == [{"problem": None}] * 2


def test_a_record_that_cannot_be_written_is_a_problem_and_the_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ray_runner, "write_record", full)
    files = leave_files(tmp_path, RUNS[0])
    problem = ray_runner._keep(Record(RUNS[0], "completed", "maze2d"), Store(str(tmp_path)))
    assert problem == "the record could not be written: OSError: disk full"
    assert files.checkpoint.exists()


def trial(index: int, **result: Any) -> Any:
    return SimpleNamespace(config={"index": index}, last_result=result, pickled_error_file=None)


@pytest.fixture
def watcher(tmp_path: Path) -> Any:
    watcher = ray_runner._TrialWatcher(RUNS, Store(str(tmp_path)), ProgressView(RUNS))
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
    written = Record(RUNS[1], "completed", "maze2d", score=3.0)
    write_record(tmp_path, written)
    watcher.on_trial_complete(0, [], trial(1, problem=""))
    watcher.on_trial_error(0, [], trial(0))
    assert watcher.outcome.records[0] == written
    failed = watcher.outcome.records[1]
    assert (failed.run, failed.status) == (RUNS[0], "failed")
    assert failed.reason == "Ray could not run it; see ray.log"
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


def test_a_failure_that_cannot_be_recorded_is_told(
    watcher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ray_runner, "write_record", full)
    watcher.on_trial_error(0, [], trial(1))
    assert watcher.outcome.unwritten == {RUNS[1].name: "disk full"}
    assert watcher.outcome.records[0].status == "failed"


def test_all_ends_when_those_that_ran_at_the_request_have_ended_or_after_a_while(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(ray_runner, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    for patient in (True, False):
        view = ProgressView(RUNS)
        for run in RUNS[:2]:
            view.start(run)
        stopper = ray_runner._Stopper(place.stop, view)
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


def test_each_run_gets_what_its_agent_needs(
    place: RunPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    kinds = {"bc": SimpleNamespace(needs=Needs(1)), "iql": SimpleNamespace(needs=Needs(5))}
    monkeypatch.setattr(ray_runner, "agent_class", kinds.get)
    monkeypatch.setattr(ray_runner, "needs_of", lambda kind: kind.needs)
    monkeypatch.setattr(ray_runner, "gpu_memory_gb", {"cuda": 80.0}.get)
    monkeypatch.setattr(
        ray_runner, "ray_resources", lambda needs, gpu: asked.append((needs, gpu)) or {"CPU": 1}
    )
    parameters: dict[str, Any] = {}
    monkeypatch.setattr(ray_runner.tune, "with_resources", lambda trial, resources: resources)
    monkeypatch.setattr(
        ray_runner.tune, "with_parameters", lambda trial, **given: parameters.update(given)
    )
    monkeypatch.setattr(ray_runner.tune, "Tuner", lambda *what, **more: (*what, more))
    runs = [RunSpec("maze2d-umaze", name, 0, "smoke", 1, 1) for name in ("bc", "iql")]
    watcher = ray_runner._TrialWatcher(runs, Store(str(tmp_path)), ProgressView(runs))
    tuner: Any = ray_runner._tuner(watcher, Compute("cuda", 3), tmp_path, place)
    resources: Callable[..., Any] = tuner[0]
    assert tuner[1]["param_space"]["index"] == {"grid_search": [0, 1]}
    assert tuner[1]["tune_config"].max_concurrent_trials == 3
    resources({"index": 1})
    assert asked == [(Needs(5), 80.0)]
    assert parameters == {
        **{"runs": runs, "location": str(tmp_path), "place": place, "device": "cuda"},
    }


def test_ray_has_a_cpu_for_every_thread_of_all_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def session(cpus: int, log: Path, address: str | None) -> Any:
        seen.append((cpus, log, address))
        raise KeyboardInterrupt

    def start(runs: Sequence[RunSpec], workers: int) -> None:
        with pytest.raises(KeyboardInterrupt):
            ray_runner.run_all(
                runs, Store(str(tmp_path)), tmp_path, Compute("cpu", workers, "host:1")
            )

    threads = {"bc": 1, "iql": 3}
    monkeypatch.setattr(ray_runner, "agent_class", lambda name: name)
    monkeypatch.setattr(ray_runner, "needs_of", lambda name: Needs(threads[name]))
    monkeypatch.setattr(ray_runner.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(ray_runner, "ray_session", session)
    runs = [RunSpec("maze2d-umaze", name, 0, "smoke", 1, 1) for name in ("iql", "bc")]
    start(runs, 2)
    start(runs[1:], 2)
    # 2 workers with up to 3 threads; 2 with one, where there are 4 cores.
    assert seen == [(cpus, tmp_path / "ray.log", "host:1") for cpus in (6, 4)]
