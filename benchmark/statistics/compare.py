"""Two folders of results: which cells have changed by more than noise.

The difference of a cell is given with Welch's 95 % interval: over training seeds where both folders
have two or more, otherwise over evaluation episodes, which says nothing of other training seeds.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmark.agents.builtin import ROW_ORDER
from benchmark.errors import UserError
from benchmark.records.files import read_records
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.text import listed
from benchmark.statistics.provenance import task_title
from benchmark.statistics.reference_scales import ScaleUse, check_scales, scale_use
from benchmark.statistics.score_frames import in_order
from benchmark.tasks import TASKS

SEEDS, EPISODES = "seeds", "episodes"
CHANGED = ("better", "worse")
_NONE = np.zeros(0)


@dataclass(frozen=True)
class FolderCell:
    """What one folder has of a task and an agent.

    Attributes:
        seeds: (scored runs,) mean scores.
        episodes: (episodes of all scored runs,) scores.
        conditions: what must be the same for two cells to compare -> values met.
        kinds: what the data is, see `published_sets.kind_of`.
    """

    seeds: NDArray[np.float64]
    episodes: NDArray[np.float64]
    conditions: dict[str, tuple[str, ...]]
    kinds: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """Over seeds; NaN where there is none."""
        return float(self.seeds.mean()) if len(self.seeds) else math.nan


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
        basis: `seeds` or `episodes`: what the interval covers; empty where there is none.
        verdict: `better` or `worse`, `within noise`, or why it cannot be told.
        differ: conditions that are not the same in both folders.
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
        _change(task, agent, before.get((task, agent)), after.get((task, agent)))
        for task in tasks
        for agent in agents
        if (task, agent) in both
    ]


def _cells(folder: Path, uses: list[ScaleUse]) -> dict[tuple[str, str], FolderCell]:
    """The cells of a folder; the scales of its scores are added to `uses`."""
    runs: dict[tuple[str, str], list[tuple[float, list[float], dict[str, str]]]] = {}
    kinds: dict[tuple[str, str], list[str]] = {}
    for record in read_records(folder):
        scored = runs.setdefault((record.run.task, record.run.agent), [])
        score = math.nan if record.score is None else float(record.score)
        if record.status in SCORED_STATUSES and math.isfinite(score):
            scored.append((score, record.scores, _conditions(record)))
            kind = str(record.dataset.get("kind") or "unknown")
            kinds.setdefault((record.run.task, record.run.agent), []).append(kind)
            uses.append(scale_use(record))
    if not runs:
        raise UserError(
            f"{folder} holds no run record; --compare needs two folders given as --out to "
            "`python -m benchmark.run`"
        )
    return {cell: _cell(scored, kinds.get(cell, [])) for cell, scored in runs.items()}


def _cell(runs: list[tuple[float, list[float], dict[str, str]]], kinds: list[str]) -> FolderCell:
    names = dict.fromkeys(name for *_, conditions in runs for name in conditions)
    return FolderCell(
        seeds=np.array([score for score, *_ in runs]),
        episodes=np.concatenate([_NONE, *(scores for _, scores, _ in runs)]),
        conditions={name: tuple(sorted({run[2][name] for run in runs})) for name in names},
        kinds=tuple(dict.fromkeys(kinds)),
    )


def _conditions(record: Record) -> dict[str, str]:
    run = record.run
    steps = run.steps if record.status == "completed" else record.steps
    return {
        "preset": run.preset,
        "gradient steps": str(steps),
        "episodes": str(run.episodes),
        "data": str(record.dataset.get("hash")),
    }


def _change(task: str, agent: str, old: FolderCell | None, new: FolderCell | None) -> Change:
    empty = FolderCell(_NONE, _NONE, {})
    old, new = old or empty, new or empty
    low, high, basis = np.nan, np.nan, ""
    if min(len(old.seeds), len(new.seeds)) >= 2:
        low, high, basis = *welch_interval(old.seeds, new.seeds), SEEDS
    elif min(len(old.episodes), len(new.episodes)) >= 2:
        low, high, basis = *welch_interval(old.episodes, new.episodes), EPISODES
    differ = [
        f"{name} {listed(values)} -> {listed(new.conditions[name])}"
        for name, values in old.conditions.items()
        if name in new.conditions and values != new.conditions[name]
    ]
    return Change(
        task=task,
        title=task_title(task, [*old.kinds, *new.kinds]),
        agent=agent,
        old=old.mean,
        new=new.mean,
        low=low,
        high=high,
        basis=basis,
        verdict=_verdict(old, new, low, high),
        differ=differ,
    )


def _verdict(old: FolderCell, new: FolderCell, low: float, high: float) -> str:
    if not len(old.seeds) or not len(new.seeds):
        where = "either" if len(old.seeds) == len(new.seeds) else "old" if len(new.seeds) else "new"
        return f"no score in {where}"
    if np.isnan(low):
        return "one episode: cannot be told"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "within noise"


def welch_interval(old: NDArray[np.float64], new: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of the difference of two means, without assuming equal variances.

    Args:
        old: (2 or more,) values.
        new: (2 or more,) values.
    """
    if old.std() == new.std() == 0.0:  # No noise at all: Welch's formula would divide by it.
        difference = float(new.mean() - old.mean())
        return difference, difference
    with warnings.catch_warnings():  # Of no noise on one side, which the formula allows.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.95)
    return float(interval.low), float(interval.high)
