"""The parts of a record, filled one after the other, and how it is put together of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmark.errors import printable
from benchmark.records.record import NORMALISED, Record, RunSpec


@dataclass(frozen=True)
class Origin:
    """The part of a record that says what it came out of; fields as in `Record`.

    Attributes:
        total_seconds: wall time of the whole run.
    """

    benchmark: str
    versions: dict[str, str]
    commit: str | None
    machine: dict[str, Any] = field(default_factory=dict)
    peak_memory_mb: float | None = None
    started: str | None = None
    total_seconds: float | None = None


@dataclass
class TrainingPart:
    """What training leaves in a record; fields as in `Record`.

    It is filled as a run goes on, so that one that fails keeps what was known by then.
    """

    status: str = "completed"
    goal: str = "none"
    reason: str | None = None
    remedy: str | None = None
    steps: int | None = None
    resumed_at: list[int] = field(default_factory=list)
    trained_with: list[dict[str, Any]] = field(default_factory=list)
    curve: list[dict[str, float]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    dataset: dict[str, Any] = field(default_factory=dict)
    scale: str = NORMALISED
    references: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class EvaluationPart:
    """What evaluation leaves in a record; fields as in `Record`."""

    episode_seeds: list[int] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    score: float | None = None
    successes: list[bool] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    clipped_actions: float | None = None
    latency_ms: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why a run has no score; fields as in `Record`."""

    status: str
    reason: str
    remedy: str
    traceback: str | None = None

    @classmethod
    def of(cls, run: RunSpec, reason: str, traceback: str | None = None) -> Failure:
        """A failure whose cause is in the run's log."""
        remedy = f"see runs/{run.name}.log in the output folder, then run again with --resume"
        return cls("failed", " ".join(reason.split()), remedy, traceback)


def assemble(
    run: RunSpec,
    origin: Origin,
    training: TrainingPart | None = None,
    evaluation: EvaluationPart | None = None,
    failure: Failure | None = None,
) -> Record:
    """The record of a run from the parts that are known; a failure has the last word."""
    training, evaluation = training or TrainingPart(), evaluation or EvaluationPart()
    ending = failure or training
    total = {} if origin.total_seconds is None else {"total": origin.total_seconds}
    return Record(
        run,
        ending.status,
        origin.benchmark,
        goal=training.goal,
        reason=_printable(ending.reason),
        remedy=_printable(ending.remedy),
        traceback=_printable(failure.traceback) if failure else None,
        scale=training.scale,
        references=training.references,
        score=evaluation.score,
        scores=evaluation.scores,
        returns=evaluation.returns,
        successes=evaluation.successes,
        lengths=evaluation.lengths,
        episode_seeds=evaluation.episode_seeds,
        clipped_actions=evaluation.clipped_actions,
        steps=training.steps,
        resumed_at=training.resumed_at,
        trained_with=training.trained_with,
        curve=training.curve,
        latency_ms=evaluation.latency_ms,
        config=training.config,
        parameters=training.parameters,
        dataset=training.dataset,
        seconds={**training.seconds, **evaluation.seconds, **total},
        peak_memory_mb=origin.peak_memory_mb,
        versions=origin.versions,
        commit=origin.commit,
        machine=origin.machine,
        started=origin.started,
    )


def _printable(text: str | None) -> str | None:
    """Of somebody else's error, which may quote anything."""
    return None if text is None else printable(text)
