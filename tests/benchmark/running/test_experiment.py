"""Data for the runs of an experiment: had once for all, and missed by its own runs alone."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import DatasetError, UserError
from benchmark.records import system
from benchmark.records.record import RunSpec
from benchmark.running.compute import Compute, Needs
from benchmark.running.experiment import check_compute, prepare_datasets
from benchmark.tasks import TASKS, Task
from tests.benchmark.data.synthetic_datasets import door_episode, write

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=10, episodes=2) for seed in range(3)]


def test_data_is_shared_and_a_missing_dataset_only_costs_its_runs(
    small_umaze: Path, tmp_path: Path
) -> None:
    names = ["maze2d-umaze", "multi2d-umaze", "adroit-pen-human", "maze2d-large"]
    runs = [replace(run, task=name, data="local") for name in names[:3] for run in RUNS]
    lines: list[str] = []
    records = prepare_datasets(runs, [TASKS[name] for name in names], tmp_path, lines.append)
    shared = {path.name for path in tmp_path.iterdir()}
    assert shared == {"maze2d-umaze", "multi2d-umaze"}
    assert [each.run.name for each in records] == [
        f"adroit-pen-human/bc/seed-{s}" for s in range(3)
    ]
    why = (
        "adroit-pen-human has no local recipe, since people or trained experts recorded it",
        "use --data auto on a machine with network",
    )
    assert {(each.status, each.reason, each.remedy) for each in records} == {("no-dataset", *why)}
    assert lines == [f"adroit-pen-human: n/a (dataset): {'; '.join(why)}"]


def test_a_download_is_tried_once(tmp_path: Path) -> None:
    write("rebuilt/door/human-v0", door_episode(0))
    lines: list[str] = []
    door = TASKS["adroit-door-human"]
    runs = [replace(RUNS[0], task=door.name, data="auto", episodes=0)]
    assert prepare_datasets(runs, [door], tmp_path / "shared", lines.append) == []
    assert [line.split(": ")[1].split()[0] for line in lines] == [
        *("downloading", "D4RL/door/human-v2", "rebuilt/door/human-v0")
    ]


def test_bad_data_costs_its_own_runs_alone(own_umaze: Path, tmp_path: Path) -> None:
    bad = write("my/maze-v0", door_episode(0))
    names = ["maze2d-umaze", "multi2d-umaze", "maze2d-large"]
    data = ("my/maze-v0", "local", "my/none-v0")
    runs = [
        replace(RUNS[0], task=name, data=given) for name, given in zip(names, data, strict=True)
    ]
    shared = tmp_path / "shared"
    lines: list[str] = []
    tasks = [TASKS[name] for name in names]
    records = prepare_datasets(runs, tasks, shared, lines.append)
    assert [(each.run.task, each.status) for each in records] == [
        ("maze2d-umaze", "failed"),
        ("maze2d-large", "no-dataset"),
    ]
    assert [path.name for path in shared.iterdir()] == ["multi2d-umaze"]
    assert lines[0].startswith("maze2d-umaze: bad: dataset my/maze-v0, for maze2d-umaze, does not")
    assert lines[1].startswith("maze2d-large: n/a (dataset): dataset my/none-v0 is not in ")
    assert bad.exists()
    assert all(each.machine == system.machine("cpu") and each.started for each in records)


def test_where_all_data_is_bad_nothing_is_begun(tmp_path: Path) -> None:
    write("my/maze-v0", door_episode(0))
    runs = [
        replace(RUNS[0], task=name, data="my/maze-v0") for name in ("maze2d-umaze", "hopper-medium")
    ]
    with pytest.raises(UserError) as caught:
        prepare_datasets(runs, [TASKS[run.task] for run in runs], tmp_path / "out", print)
    for run in runs:
        assert f"dataset my/maze-v0, for {run.task}, does not fit" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_cannot_be_had_is_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def gone(task: Task, run: RunSpec, *more: object) -> None:
        asked.append((task.name, run.data))
        raise DatasetError("it is gone", "look elsewhere")

    monkeypatch.setattr("benchmark.running.experiment._prepare", gone)
    names = ["maze2d-umaze", "multi2d-umaze"]  # They share one.
    runs = [replace(RUNS[0], task=name, data="local") for name in names]
    records = prepare_datasets(runs, [TASKS[name] for name in names], tmp_path, lambda line: None)
    assert asked == [("maze2d-umaze", "local")]
    assert [(each.run, each.reason) for each in records] == [(run, "it is gone") for run in runs]


def test_a_device_is_looked_for_here_or_on_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    monkeypatch.setattr(
        "benchmark.running.ray_runner.check_cluster", lambda *given: asked.append(given)
    )
    assert check_compute(RUNS, Compute("auto", 2)) == Compute("cpu", 2)
    with pytest.raises(UserError, match="device 'cuda' is not on this machine"):
        check_compute(RUNS, Compute("cuda", 2))
    assert asked == []
    far = Compute("cuda", 2, "host:1")
    assert check_compute(RUNS, far) == far
    assert asked == [([Needs()] * 3, far)]


def test_without_workers_no_ray_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert check_compute(RUNS, Compute("cpu", 0)) == Compute("cpu", 0)
    with pytest.raises(UserError, match="Ray, which runs trials side by side, is not installed"):
        check_compute(RUNS, Compute("cpu", 2))


def test_needs_are_read_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "benchmark.running.experiment.agent_class",
        lambda name: type("Mine", (), {"needs": {"memory_gb": float("nan")}}),
    )
    with pytest.raises(UserError, match="need memory_gb of Mine is nan"):
        check_compute(RUNS, Compute("cpu", 2))
