"""Data for the runs of an experiment: had once for all, and missed by its own runs alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import DatasetError
from benchmark.records.record import RunSpec
from benchmark.running.experiment import prepare_datasets
from benchmark.tasks import TASKS, Task

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
    why = ("adroit-pen-human has no local recipe", "use --data auto on a machine with network")
    assert {(each.status, each.reason, each.remedy) for each in records} == {("no-dataset", *why)}
    assert lines == [f"adroit-pen-human: n/a (dataset): {'; '.join(why)}"]


def test_a_dataset_that_cannot_be_had_is_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def gone(task: Task, data: str, *more: object) -> None:
        asked.append((task.name, data))
        raise DatasetError("it is gone", "look elsewhere")

    monkeypatch.setattr("benchmark.running.experiment._prepare", gone)
    names = ["maze2d-umaze", "multi2d-umaze"]  # They share one.
    runs = [replace(RUNS[0], task=name, data="local") for name in names]
    records = prepare_datasets(runs, [TASKS[name] for name in names], tmp_path, lambda line: None)
    assert asked == [("maze2d-umaze", "local")]
    assert [(each.run, each.reason) for each in records] == [(run, "it is gone") for run in runs]
