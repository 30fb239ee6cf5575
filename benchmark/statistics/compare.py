"""Two folders of results: which cells have changed by more than chance.

Each cell gets the difference of its means with a 95 % interval, as agents do among each other (see
`uncertainty`): paired where both folders played the same episodes. From one seed nothing can be
said of what other seeds would have done.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.agents.builtin import ROW_ORDER
from benchmark.records.files import no_records, read_records
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.text import listed
from benchmark.statistics.provenance import task_title
from benchmark.statistics.reference_scales import (
    D4RL,
    DECIMALS,
    ScaleUse,
    check_scales,
    scale_use,
    score_decimals,
)
from benchmark.statistics.score_frames import in_order
from benchmark.statistics.uncertainty import HIGHER, LOWER, Estimate, TaskRuns
from benchmark.tasks import TASKS

CHANGED = (HIGHER, LOWER)


@dataclass(frozen=True)
class ScoredRun:
    """What a comparison needs of a run with a score.

    Attributes:
        seed: training seed.
        score: mean over its episodes.
        scores: by episode.
        episodes: environment seeds.
        conditions: what must be the same for two runs to compare -> its value.
        kind: what the data is, see `published_sets.kind_of`.
        scale: of the score, see `reference_scales.SCALES`.
    """

    seed: int
    score: float
    scores: list[float]
    episodes: list[int]
    conditions: dict[str, str]
    kind: str
    scale: str


@dataclass(frozen=True)
class Change:
    """How a cell differs between two folders.

    Attributes:
        task: of the cell.
        title: the task, and what its data is in either folder if it is not the published.
        agent: of the cell.
        old: mean score over seeds; NaN where the cell is empty.
        new: the same in the other folder.
        low: lower end of the interval of new - old; NaN where there is none.
        high: upper end.
        basis: `paired`, `unpaired` or `one seed`, see `uncertainty.Estimate`; empty where a folder
            has no score.
        verdict: whether the new score is `higher`, `lower`, or `cannot tell`; or which folder has
            none.
        differ: conditions that are not the same in both folders.
        scale: of the scores, see `reference_scales.SCALES`; None without any.
        decimals: to print scores with.
    """

    task: str
    title: str
    agent: str
    old: float
    new: float
    low: float
    high: float
    basis: str
    verdict: str
    differ: list[str]
    scale: str | None = None
    decimals: int = DECIMALS


def compare(old: Path, new: Path) -> list[Change]:
    """Compares every task and agent that either folder has a record of, in table order.

    Args:
        old: a folder that was `--out` of runs.
        new: another one.

    Raises:
        UserError: if a folder has no records, or a damaged one, or if the scores of a task are on
            different reference scales.
    """
    uses: list[ScaleUse] = []
    before, after = _cells(old, uses), _cells(new, uses)
    check_scales(uses)
    both = {**before, **after}
    tasks = in_order((task for task, _ in both), TASKS)
    agents = in_order((agent for _, agent in both), ROW_ORDER)
    return [
        _change(task, agent, before.get((task, agent), []), after.get((task, agent), []))
        for task in tasks
        for agent in agents
        if (task, agent) in both
    ]


def _cells(folder: Path, uses: list[ScaleUse]) -> dict[tuple[str, str], list[ScoredRun]]:
    """Scored runs by cell, in the order of seeds; the scales of scores are added to `uses`."""
    cells: dict[tuple[str, str], list[ScoredRun]] = {}
    for record in read_records(folder):
        scored = cells.setdefault((record.run.task, record.run.agent), [])
        score = math.nan if record.score is None else float(record.score)
        if record.status in SCORED_STATUSES and math.isfinite(score):
            uses.append(scale_use(record))
            scored.append(_scored_run(record, score, uses[-1].kind))
    if not cells:
        raise no_records(folder)
    return {cell: sorted(runs, key=lambda run: run.seed) for cell, runs in cells.items()}


def _scored_run(record: Record, score: float, scale: str) -> ScoredRun:
    run = record.run
    steps = run.steps if record.status == "completed" else record.steps
    conditions = {
        "preset": run.preset,
        "gradient steps": str(steps),
        "episodes": str(run.episodes),
        "data": str(record.dataset.get("hash")),
    }
    kind = str(record.dataset.get("kind") or "unknown")
    return ScoredRun(run.seed, score, record.scores, record.episode_seeds, conditions, kind, scale)


def _change(task: str, agent: str, old: list[ScoredRun], new: list[ScoredRun]) -> Change:
    runs = old + new
    estimate = _difference(old, new) if old and new else None
    scale = runs[0].scale if runs else None
    scores = pd.Series([run.score for run in runs], dtype=float)
    where = "either" if not runs else "old" if new else "new"
    return Change(
        task=task,
        title=task_title(task, list(dict.fromkeys(run.kind for run in runs)), scale),
        agent=agent,
        old=_mean(old),
        new=_mean(new),
        low=estimate.low if estimate else math.nan,
        high=estimate.high if estimate else math.nan,
        basis=estimate.basis if estimate else "",
        verdict=estimate.verdict if estimate else f"no score in {where}",
        differ=list(_differ(old, new)) if old and new else [],
        scale=scale,
        decimals=score_decimals(scores, scale or D4RL),
    )


def _mean(runs: list[ScoredRun]) -> float:
    return float(np.mean([run.score for run in runs])) if runs else math.nan


def _difference(old: list[ScoredRun], new: list[ScoredRun]) -> Estimate:
    """New less old."""
    runs = old + new
    seeds, scores = [run.seed for run in runs], [run.score for run in runs]
    task = TaskRuns(seeds, scores, [run.scores for run in runs], [run.episodes for run in runs])
    return task.difference(np.arange(len(old), len(runs)), np.arange(len(old)))


def _differ(old: list[ScoredRun], new: list[ScoredRun]) -> Iterator[str]:
    """What is not the same in the runs of both folders; of seeds, only that some are missing."""
    if len(old) != len(new):
        before, after = ([str(run.seed) for run in runs] for runs in (old, new))
        yield f"seeds with a score {listed(before)} -> {listed(after)}"
    for name in old[0].conditions:
        before, after = (sorted({run.conditions[name] for run in runs}) for runs in (old, new))
        if before != after:
            yield f"{name} {listed(before)} -> {listed(after)}"
