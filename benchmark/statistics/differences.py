"""Differences between agents on the same task, each with its 95 % interval and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from benchmark.agents.builtin import MAIN_AGENT, ROW_ORDER
from benchmark.statistics.score_frames import AVERAGE, in_order
from benchmark.statistics.uncertainty import Estimate, TaskRuns, average

COLUMNS = (
    *("benchmark", "task", "agent", "other", "difference", "low", "high", "verdict", "basis"),
    *("seeds", "seeds_other"),
)


@dataclass(frozen=True)
class Compared:
    """One task's scored runs, and which of them are whose.

    Attributes:
        runs: of all agents.
        rows: agent -> rows in `runs`, in the order of training seeds.
    """

    runs: TaskRuns
    rows: dict[str, np.ndarray]

    @classmethod
    def of(cls, runs: pd.DataFrame) -> Compared:
        """The runs of one task from `score_frames.run_frame`; those without a score stay out."""
        scored = runs[runs["scored"]].sort_values("seed", kind="stable").reset_index(drop=True)
        rows = {str(agent): part.index.to_numpy() for agent, part in scored.groupby("agent")}
        return cls(TaskRuns.of(scored), rows)

    def scores(self, agent: str) -> np.ndarray:
        """(seeds,) scores of an agent."""
        return np.asarray(self.runs.means[self.rows[agent]], float)

    def mean(self, agent: str) -> Estimate:
        """Mean score of an agent that has one."""
        return self.runs.mean(self.rows[agent])

    def difference(self, agent: str, other: str) -> Estimate:
        """Mean score of an agent less that of another one; both have a score."""
        return self.runs.difference(self.rows[agent], self.rows[other])


def difference_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """Every two agents of a benchmark, on each task where both have a score, and on average.

    Args:
        runs: from `score_frames.run_frame`.

    Returns:
        Columns `benchmark`, `task` (`average` where both have a score on all tasks of a benchmark
        of two or more), `agent`, `other`, `difference` (agent less other), `low`, `high` (its 95 %
        interval; NaN from one seed), `verdict` and `basis` (see `uncertainty.Estimate`), and
        `seeds`, `seeds_other` (with a score; the fewest on any task of an average).
    """
    rows = [row for _, group in runs.groupby("benchmark", sort=False) for row in _rows(group)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    tasks = {str(task): Compared.of(part) for task, part in group.groupby("task", sort=False)}
    benchmark = group["benchmark"].iloc[0]
    for agent, other in combinations(in_order(group["agent"], ROW_ORDER), 2):
        names = {"benchmark": benchmark, "agent": agent, "other": other}
        both = {task: runs for task, runs in tasks.items() if {agent, other} <= set(runs.rows)}
        estimates = [runs.difference(agent, other) for runs in both.values()]
        seeds = [(len(runs.rows[agent]), len(runs.rows[other])) for runs in both.values()]
        for task, estimate, counts in zip(both, estimates, seeds, strict=True):
            yield {**names, "task": task, **_row(estimate, *counts)}
        if len(tasks) > 1 and len(both) == len(tasks):
            fewest = (min(counts) for counts in zip(*seeds, strict=True))
            yield {**names, "task": AVERAGE, **_row(average(estimates), *fewest)}


def _row(estimate: Estimate, seeds: int, seeds_other: int) -> dict[str, Any]:
    return {
        "difference": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "verdict": estimate.verdict,
        "basis": estimate.basis,
        "seeds": seeds,
        "seeds_other": seeds_other,
    }


def reference(differences: pd.DataFrame) -> str:
    """The agent that all others are set against: MAGE, or the first of the table without it.

    Args:
        differences: one row or more from `difference_frame`.
    """
    agents = [*differences["agent"], *differences["other"]]
    return MAIN_AGENT if MAIN_AGENT in agents else str(agents[0])
