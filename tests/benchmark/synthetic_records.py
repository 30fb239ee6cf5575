"""Records with made-up numbers, for the tests of tables, plots and the report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmark.records.files import write_record
from benchmark.records.record import Record, RunSpec

SPEC_FIELDS = ("preset", "steps", "episodes", "settings", "samples", "source_hash", "task_hash")
DATA = {"id": "D4RL/pointmaze/umaze-v2", "kind": "published", "hash": "aaaa"}


def completed(task: str, agent: str, seed: int, score: float | None, **changes: Any) -> Record:
    """A completed run; `changes` go to the record, or to its spec where they belong there.

    `steps` is the budget, `steps_taken` what the record says was taken of it. Every episode has the
    score of the run, unless `changes` say otherwise.
    """
    episodes = changes.get("episodes", 2)
    values = {
        "scores": [] if score is None else [score] * episodes,
        "goal": "hidden",
        "dataset": DATA,
        "successes": [index % 2 == 0 for index in range(episodes)],
        "curve": [{"step": 50, "loss": 1.0, "score": 1.0}, {"step": 100, "score": 2.0}],
        "latency_ms": [1.0, 2.0, 3.0],
        "commit": "abc",
        "machine": {"processor": "Chip 1", "device": "cpu"},
        **changes,
    }
    return _record(task, agent, seed, status="completed", score=score, **values)


def failed(task: str, agent: str, seed: int, **changes: Any) -> Record:
    """A run that ended in an exception."""
    values = {"status": "failed", "reason": "RuntimeError: diverged", "remedy": "see its log"}
    return _record(task, agent, seed, **{**values, **changes})


def without_data(task: str, agent: str, seed: int) -> Record:
    """A run whose dataset could not be had."""
    why = {"reason": "no network", "remedy": "connect or use --data local"}
    return _record(task, agent, seed, status="no-dataset", **why)


def record_of(run: RunSpec, status: str = "completed", **values: Any) -> Record:
    """The record of a run that was asked for; all its episodes have its score."""
    if values.get("score") is not None:
        values.setdefault("scores", [values["score"]] * run.episodes)
    return Record(run, status, benchmark=run.task.split("-")[0], **values)


def of_seeds(task: str, *scores: float, **changes: Any) -> list[Record]:
    """Completed runs of MAGE with these scores, one for each training seed."""
    return [completed(task, "mage", seed, score, **changes) for seed, score in enumerate(scores)]


def in_two_mazes() -> list[Record]:
    """Two agents that know different things of the goal; one of them lacks a seed."""
    scores = {
        ("maze2d-umaze", "mage"): (80.0, 90.0),
        ("maze2d-umaze", "diffuser"): (10.0, 11.0),
        ("maze2d-medium", "mage"): (-0.04, 0.0),
        ("maze2d-medium", "diffuser"): (30.0,),
    }
    goals = {"mage": "hidden", "diffuser": "in-painted"}
    return [
        completed(task, agent, seed, score, goal=goals[agent])
        for (task, agent), values in scores.items()
        for seed, score in enumerate(values)
    ]


def written(folder: Path, *records: Record) -> Path:
    """A folder with these records."""
    write_all(folder, records)
    return folder


def write_all(out: Path, records: Iterable[Record]) -> None:
    """Writes records into an output folder."""
    for record in records:
        write_record(out, record)


def _record(task: str, agent: str, seed: int, **values: Any) -> Record:
    spec = {"preset": "quick", "steps": 100, "episodes": 2}
    spec |= {name: values.pop(name) for name in SPEC_FIELDS if name in values}
    if "steps_taken" in values:
        values["steps"] = values.pop("steps_taken")
    benchmark = values.pop("benchmark", task.split("-")[0])
    return Record(RunSpec(task, agent, seed, **spec), benchmark=benchmark, **values)
