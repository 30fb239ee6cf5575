"""What a tracker is given besides the curve: what a run is, what it learns with, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from benchmark.records import system
from benchmark.records.parts import TrainingPart
from benchmark.records.record import Record, RunSpec


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run when its training begins.

    Attributes:
        name: `<task>/<agent>/seed-<n>`.
        group: `<task>/<agent>`, which the runs of all seeds have in common.
        tags: by which runs are found: `task`, `agent`, `seed`, `preset`, `data` (the dataset's id),
            `data_kind` and `commit`, as far as they are known.
        budget: gradient `steps` and evaluation `episodes`; of a run that goes on there may be more.
        settings: all of the agent's, resolved; those that were asked for where the agent has not
            been made yet.
    """

    name: str
    group: str
    tags: dict[str, str | int]
    budget: dict[str, int]
    settings: dict[str, Any]


def run_facts(run: RunSpec, training: TrainingPart) -> RunFacts:
    """The facts of a run; what its training part does not hold yet is left out."""
    tags = {
        **{name: getattr(run, name) for name in ("task", "agent", "seed", "preset")},
        **{"data": training.dataset.get("id"), "data_kind": training.dataset.get("kind")},
        "commit": system.commit(),
    }
    return RunFacts(
        name=run.name,
        group=f"{run.task}/{run.agent}",
        tags={name: value for name, value in tags.items() if value is not None},
        budget={"steps": run.steps, "episodes": run.episodes},
        settings=training.config or run.settings,
    )


def curve_values(point: Mapping[str, float]) -> dict[str, float]:
    """A point of the curve by the names that trackers know it by; without its step.

    The score on tuning seeds is kept apart from losses and from the reported score.
    """
    values = {f"training/{name}": float(value) for name, value in point.items()}
    values.pop("training/step")
    if "score" in point:
        values["tuning/score"] = values.pop("training/score")
    return values


def final_numbers(record: Record) -> dict[str, float]:
    """What the record of a run has to say in numbers; means over evaluation episodes."""
    episodes: dict[str, list[float]] = {
        "return": record.returns,
        "success_rate": [float(solved) for solved in record.successes],
    }
    numbers: dict[str, float | None] = {
        "evaluation/score": record.score,
        **{f"evaluation/{name}": fmean(row) for name, row in episodes.items() if row},
        "latency_ms": median(record.latency_ms) if record.latency_ms else None,
        "steps": record.steps,
        "parameters": record.parameters,
        **{f"seconds/{phase}": seconds for phase, seconds in record.seconds.items()},
    }
    return {name: float(value) for name, value in numbers.items() if value is not None}


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings without nesting: the parts of a name have dots between."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
