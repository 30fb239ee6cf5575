"""One run on a machine, and how all are started: what is kept, what each gets, what is tried."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records.files import RunFiles, RunPlace, read_records
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running import ray_runner
from benchmark.running.compute import Compute, Needs
from benchmark.running.progress_view import ProgressView
from benchmark.running.ray_cluster import Machine
from benchmark.running.ray_watcher import TrialWatcher

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
    monkeypatch.setattr("benchmark.records.system.machine", lambda device: {"device": device})
    ray_runner._trial({"index": 1}, RUNS, f"file://{far}", place, "cpu", {}, [])
    assert seen == [(RUNS[1], "cpu", ["state"], place.stop), ["file"]]
    first = {"machine": {"device": "cpu"}}
    assert reported == [first, {"step": 1}, {"note": "is odd"}, {"problem": ""}]
    (record,) = read_records(far)
    assert (record.run, record.status) == (RUNS[1], status)
    files = RunFiles(far, RUNS[1].name)
    kept = (files.log, files.curve, files.agent / "file", files.tensorboard / "file")
    assert all(path.exists() for path in kept)
    assert files.checkpoint.exists() == (status != "diverged"), "for more steps"


def test_a_run_that_is_not_to_begin_or_that_stopped_has_no_record(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch, reported: list[Any]
) -> None:
    began: list[RunSpec] = []
    monkeypatch.setattr(ray_runner, "run_trial", lambda run, *more: began.append(run))
    ray_runner._trial({"index": 2}, RUNS, str(place.out), place, "cpu", {}, [])
    assert began == [RUNS[2]]
    place.stop.touch()
    ray_runner._trial({"index": 2}, RUNS, str(place.out), place, "cpu", {}, [])
    assert began == [RUNS[2]]
    assert [list(result) for result in reported] == [["machine"], ["problem"], ["problem"]]
    assert reported[1:] == [{"problem": None}] * 2


@pytest.fixture
def tuners(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Ray Tune is given, in place of doing it."""
    given: list[Any] = []

    def tuner(resources: Any, **more: Any) -> Any:
        given.append((resources, more))
        return SimpleNamespace(fit=lambda: None)

    def note(trial: Any, **parameters: Any) -> None:
        given.append(parameters)

    monkeypatch.setattr(ray_runner.tune, "with_resources", lambda trial, resources: resources)
    monkeypatch.setattr(ray_runner.tune, "with_parameters", note)
    monkeypatch.setattr(ray_runner.tune, "Tuner", tuner)
    monkeypatch.setattr(ray_runner, "agent_class", lambda name: name)
    monkeypatch.setattr(ray_runner, "needs_of", {"bc": Needs(1), "iql": Needs(5)}.get)
    monkeypatch.setattr(ray_runner, "own_gpu_gb", lambda: 80.0)
    monkeypatch.setattr(ray_runner, "smallest_gpu_gb", lambda cluster: 8.0)
    machines = [Machine("a", 8, 64 * 2.0**30, 1)]
    monkeypatch.setattr(ray_runner, "machines", lambda: machines)
    return given


def watcher_of(runs: Sequence[RunSpec], out: Path) -> TrialWatcher:
    return TrialWatcher(runs, Store(str(out)), ProgressView(runs))


TWO = [RunSpec("maze2d-umaze", name, 0, "smoke", 1, 1) for name in ("bc", "iql")]


@pytest.mark.parametrize(
    ("compute", "device", "share"),
    [
        (Compute("cpu", 3), "cpu", None),
        (Compute("cuda:1", 3), "cuda:1", None),
        (Compute("cuda", 3), "cuda", 0.05),
        # Of a cluster, each machine decides for itself.
        (Compute("cuda", 3, "host:1"), "cuda", 0.5),
        (Compute("auto", 3, "host:1"), "auto", 0.5),
    ],
)
def test_each_run_gets_what_its_agent_needs(
    place: RunPlace,
    tmp_path: Path,
    tuners: list[Any],
    compute: Compute,
    device: str,
    share: float | None,
) -> None:
    ray_runner._tuner(watcher_of(TWO, tmp_path), TWO, compute, tmp_path, place)
    parameters, (resources, tuner) = tuners
    assert tuner["param_space"]["index"] == {"grid_search": [0, 1]}
    assert tuner["tune_config"].max_concurrent_trials == 3
    gpu = {} if share is None else {"GPU": share}
    assert resources({"index": 1}).bundles == [{"CPU": 5.0, "memory": 2.0 * 2**30, **gpu}]
    assert resources({"index": 0}).bundles[0]["CPU"] == 1.0
    assert parameters == {
        **{"runs": TWO, "location": str(tmp_path), "place": place, "device": device},
        **{"classes": {}, "tasks": []},
    }


def test_a_worker_that_lacks_the_device_says_so_and_where(
    place: RunPlace, monkeypatch: pytest.MonkeyPatch, reported: list[Any]
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(ray_runner.platform, "node", lambda: "third")
    monkeypatch.setattr("benchmark.records.system.machine", lambda device: {"device": device})
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    monkeypatch.setattr(
        ray_runner, "run_trial", lambda run, place, device, more: seen.append(device)
    )
    ray_runner._trial({"index": 0}, RUNS, str(place.out), place, "cuda", {}, [])
    (result,) = reported
    assert result["problem"].startswith("on machine third: device 'cuda' is not on this machine")
    assert result["machine"] == {"device": "cuda"}
    ray_runner._trial({"index": 0}, RUNS, str(place.out), place, "auto", {}, [])
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    ray_runner._trial({"index": 0}, RUNS, str(place.out), place, "auto", {}, [])
    assert seen == ["cpu", "cuda"]


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What Ray is started with, in place of starting it."""
    seen: list[Any] = []

    @contextmanager
    def session(log: Path, **options: Any) -> Iterator[Any]:
        seen.append((log, options))
        yield SimpleNamespace(folder=tmp_path, terminal=sys.stdout, print_line=print)

    monkeypatch.setattr(ray_runner, "ray_session", session)
    monkeypatch.setattr(ray_runner, "usable_cores", lambda: 4)
    return seen


def test_ray_has_a_core_for_every_thread_of_all_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tuners: list[Any], sessions: list[Any]
) -> None:
    def start(runs: Sequence[RunSpec], compute: Compute) -> None:
        ray_runner.run_all(runs, Store(str(tmp_path)), tmp_path, compute)

    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    start(TWO, Compute("cpu", 2, "host:1"))
    start(TWO[:1], Compute("cuda", 2))
    # 2 workers with up to 5 threads; 2 with one, where there are 4 cores.
    log = tmp_path / "ray.log"
    assert sessions == [
        (log, {"cores": 10, "gpus": 0, "address": "host:1"}),
        (log, {"cores": 4, "gpus": 3, "address": None}),
    ]


def test_runs_that_were_killed_for_memory_run_again_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sessions: list[Any]
) -> None:
    rounds: list[Any] = []

    def run_round(watcher: TrialWatcher, runs: Any, compute: Compute, *more: Any) -> None:
        rounds.append(([run.seed for run in runs], compute.workers, watcher.again))
        watcher.again = RUNS[1:] if len(rounds) == 1 else None

    monkeypatch.setattr(ray_runner, "_run_round", run_round)
    ray_runner.run_all(RUNS, Store(str(tmp_path)), tmp_path, Compute("cpu", 2))
    assert rounds == [([0, 1, 2], 2, []), ([1, 2], 1, None)]
    (tmp_path / "stop").touch()
    rounds.clear()
    outcome = ray_runner.run_all(RUNS, Store(str(tmp_path)), tmp_path, Compute("cpu", 2))
    assert len(rounds) == 1 and outcome.stopped


def test_a_ray_that_fails_ends_nothing(
    tmp_path: Path, place: RunPlace, monkeypatch: pytest.MonkeyPatch, tuners: list[Any]
) -> None:
    def fit() -> None:
        raise RuntimeError("unexpected\nexception")

    monkeypatch.setattr(ray_runner.tune, "Tuner", lambda *what, **more: SimpleNamespace(fit=fit))
    watcher = watcher_of(TWO, tmp_path)
    ray_runner._run_round(watcher, TWO, Compute("cpu", 1), tmp_path, place)
    reason = "Ray failed: unexpected exception; see ray.log"
    assert watcher.outcome.not_run == dict.fromkeys((run.name for run in TWO), reason)


def test_a_cluster_is_looked_at_before_anything_is_written(
    tuners: list[Any], sessions: list[Any]
) -> None:
    ray_runner.check_cluster([Needs(1), Needs(99)], Compute("auto", 1, "host:1"))
    ((log, options),) = sessions
    assert options == {"address": "host:1"} and not log.parent.exists()
    ray_runner.machines().clear()
    with pytest.raises(UserError, match="no machine of Ray has a core and memory for a run"):
        ray_runner.check_cluster([Needs(1)], Compute("auto", 1, "host:1"))
    with pytest.raises(UserError, match="no machine of the Ray cluster has a GPU"):
        ray_runner.check_cluster([Needs(1)], Compute("cuda", 1, "host:1"))
