"""What a search found, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmark.records.text import counted
from benchmark.running.search import SAMPLES, plain_value, ranking, scores_of
from benchmark.running.search_space import Sample, Search

_SHOWN = 5  # Samples with all their steps, and as many of the others.


def summary(search: Search, samples: Sequence[Sample]) -> str:
    """The best samples, the present settings and those that ended early, for people."""
    ranked = ranking(samples)
    if not ranked:
        reasons = {sample.reason for sample in samples}
        return f"no sample completed: {'; '.join(sorted(reasons))}; see ray.log"
    shown = ranked[:_SHOWN] + [sample for sample in ranked[_SHOWN:] if sample.number == 1]
    early = sorted(
        (s for s in samples if s not in ranked), key=partial(_how_far, search=search), reverse=True
    )[:_SHOWN]
    rows = [
        ["present" if sample.number == 1 else str(sample.number)]
        + [_short(sample.settings[name]) for name in search.space]
        + ["-" if sample.score is None else f"{sample.score:.1f}", _ending(sample, search)]
        for sample in [*shown, *early]
    ]
    table = tabulate(
        rows, ["sample", *search.space, "score", "steps"], tablefmt="simple", disable_numparse=True
    )
    if more := len(samples) - len(rows):
        table += f"\n{counted(more, 'more sample')} in {SAMPLES}"
    first = next((sample for sample in samples if sample.number == 1), None)
    return f"{table}\n\n{_verdict(ranked[0], first, search)}"


def overview(searches: Mapping[Path, Search]) -> str:
    """What was spent on each agent and task, and what it brought.

    Args:
        searches: by their folders.
    """
    rows = []
    for folder, search in searches.items():
        scores = ("-" if score is None else f"{score:.1f}" for score in scores_of(folder))
        run = search.run
        rows.append([run.task, run.agent, search.samples, search.trainings, run.steps, *scores])
    header = ["task", "agent", "samples", "trainings", "steps", "present", "best"]
    table: str = tabulate(rows, header, tablefmt="simple", disable_numparse=True)
    return table


def _how_far(sample: Sample, search: Search) -> tuple[float, float]:
    """What unfinished samples are sorted by: scores compare at the same part of a training only."""
    part = sample.steps / search.budget_of(sample)
    return part, -inf if sample.score is None else sample.score


def _ending(sample: Sample, search: Search) -> str:
    """How many gradient steps a sample had, and why no more."""
    if sample.status == "completed":
        return str(sample.steps)
    why = "ended early" if sample.status == "stopped" else f"failed: {sample.reason}"
    return f"{sample.steps} of {search.budget_of(sample)}, {why}"


def _verdict(best: Sample, first: Sample | None, search: Search) -> str:
    if first is None:
        return f"best: sample {best.number}; the present settings were not tried"
    if first.status != "completed" or first.score is None:
        return f"best: sample {best.number}; the present settings failed: {first.reason}"
    if best.number == first.number:
        tried = counted(search.samples, "sample")
        return f"none of {tried} that had all their steps scored higher than the present settings"
    seeds = "one seed" if search.trainings == 1 else f"{search.trainings} training seeds"
    return (
        f"best: sample {best.number}, score {best.score:.1f} against {first.score:.1f} with the "
        f"present settings, on {search.episodes} tuning episodes and {seeds}; being the best of "
        f"{search.samples}, it looks better than it is"
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(plain_value(value))
