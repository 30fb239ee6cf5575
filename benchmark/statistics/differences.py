"""Differences between agents on the same task, each with its 95 % interval and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from benchmark.agents.builtin import LEARNING_AGENTS, ROW_ORDER
from benchmark.errors import unknown_name
from benchmark.statistics.reference_scales import (
    DECIMALS,
    RETURN,
    score_decimals,
    task_scales,
)
from benchmark.statistics.score_frames import AVERAGE, in_order
from benchmark.statistics.uncertainty import (
    CANNOT_TELL,
    HIGHER,
    LOWER,
    VERDICTS,
    Estimate,
    TaskRuns,
    average,
)

COLUMNS = (
    *("benchmark", "task", "agent", "other", "difference", "low", "high", "p_value", "verdict"),
    *("basis", "seeds", "seeds_other", "scale", "decimals"),
)
_TURNED = {HIGHER: LOWER, LOWER: HIGHER, CANNOT_TELL: CANNOT_TELL}


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
    def of(cls, runs: pd.DataFrame, value: str = "score") -> Compared:
        """The runs of one task from `score_frames.run_frame`; those without a `value` stay out."""
        known = runs[runs[value].notna()]
        known = known.sort_values("seed", kind="stable").reset_index(drop=True)
        rows = {str(agent): part.index.to_numpy() for agent, part in known.groupby("agent")}
        return cls(TaskRuns.of(known, value), rows)

    def scores(self, agent: str) -> np.ndarray:
        """(seeds,) scores of an agent."""
        return np.asarray(self.runs.means[self.rows[agent]], float)

    def mean(self, agent: str) -> Estimate:
        """Mean score of an agent that has one."""
        return self.runs.mean(self.rows[agent])

    def difference(self, agent: str, other: str) -> Estimate:
        """Mean score of an agent less that of another one; both have a score."""
        return self.runs.difference(self.rows[agent], self.rows[other])


def difference_frame(runs: pd.DataFrame, value: str = "score") -> pd.DataFrame:
    """Every two agents of a benchmark, on each task where both have a score, and on average.

    Args:
        runs: from `score_frames.run_frame`.
        value: `score` or `success_rate`.

    Returns:
        Columns `benchmark`, `task` (`average` where both have a score on all tasks of a benchmark
        of two or more, without those whose scores are returns), `agent`, `other`, `difference`
        (agent less other), `low`, `high` (its 95 % interval; NaN from one seed), `p_value`,
        `verdict` and `basis` (see `uncertainty.Estimate`), `seeds`, `seeds_other` (with a score;
        the fewest on any task of an average), and `scale` and `decimals`, as in
        `score_frames.score_frame`.
    """
    groups = runs.groupby("benchmark", sort=False)
    rows = [row for _, group in groups for row in _rows(group, value)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(group: pd.DataFrame, value: str) -> Iterator[dict[str, Any]]:
    by_task = group.groupby("task", sort=False)
    tasks = {str(task): Compared.of(part, value) for task, part in by_task}
    benchmark, is_score = group["benchmark"].iloc[0], value == "score"
    scales = task_scales(group)
    printed = {
        str(task): score_decimals(part["score"], scales[str(task)]) if is_score else DECIMALS
        for task, part in by_task
    }
    averaged = {task for task in tasks if not (is_score and scales[task] == RETURN)}
    for agent, other in combinations(in_order(group["agent"], ROW_ORDER), 2):
        names = {"benchmark": benchmark, "agent": agent, "other": other}
        both = {task: runs for task, runs in tasks.items() if {agent, other} <= set(runs.rows)}
        estimates = {task: runs.difference(agent, other) for task, runs in both.items()}
        seeds = {t: (len(runs.rows[agent]), len(runs.rows[other])) for t, runs in both.items()}
        for task, estimate in estimates.items():
            how = {"scale": scales[task], "decimals": printed[task]}
            yield {**names, "task": task, **_row(estimate, *seeds[task]), **how}
        if len(averaged) > 1 and averaged <= set(both):
            fewest = (min(counts) for counts in zip(*map(seeds.get, averaged), strict=True))
            whole = average([estimates[task] for task in both if task in averaged])
            how = {"scale": scales[min(averaged)], "decimals": DECIMALS}
            yield {**names, "task": AVERAGE, **_row(whole, *fewest), **how}


def _row(estimate: Estimate, seeds: int, seeds_other: int) -> dict[str, Any]:
    return {
        "difference": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "p_value": estimate.p_value,
        "verdict": estimate.verdict,
        "basis": estimate.basis,
        "seeds": seeds,
        "seeds_other": seeds_other,
    }


def both_ways(differences: pd.DataFrame) -> pd.DataFrame:
    """Every pair twice: as it is, and from the other agent's side.

    Args:
        differences: from `difference_frame`.

    Returns:
        The same columns; rows of one pair and task share their label in the index.
    """
    sides = [("agent", "other"), ("seeds", "seeds_other")]
    others = differences.rename(columns=dict([*sides, *(side[::-1] for side in sides)]))
    return pd.concat([differences, turned(others)[list(COLUMNS)]])


def turned(differences: pd.DataFrame) -> pd.DataFrame:
    """Differences with their intervals and verdicts from the other side; names stay as they are."""
    return differences.assign(
        difference=-differences["difference"],
        low=-differences["high"],
        high=-differences["low"],
        verdict=differences["verdict"].map(_TURNED),
    )


def against(differences: pd.DataFrame, agent: str) -> pd.DataFrame:
    """The differences of one agent less every other, in the order of `difference_frame`."""
    sides = both_ways(differences)
    return sides[sides["agent"] == agent].sort_index()


def pair_counts(differences: pd.DataFrame) -> pd.DataFrame:
    """On how many tasks each agent scores higher or lower than each other, or nothing can be told.

    Args:
        differences: from `difference_frame`; averages do not count.

    Returns:
        Columns `higher`, `lower` and `cannot tell`; one row for each `agent` and `other`, which
        are the index.
    """
    sides = both_ways(differences[differences["task"] != AVERAGE])
    counts = sides.groupby(["agent", "other", "verdict"]).size().unstack(fill_value=0)
    return counts.reindex(columns=list(VERDICTS), fill_value=0)


def reference_agent(runs: pd.DataFrame, asked: str | None = None) -> str:
    """The agent that all others are set against, where one stands for them all.

    Args:
        runs: from `score_frames.run_frame`, without variants of MAGE.
        asked: what the user says. Without it: MAGE, or else the first agent of the table that
            learns; one that has a score, if any has.

    Returns:
        Its name; empty where there is no run.

    Raises:
        UserError: if the agent asked for has no run.
    """
    present = in_order(runs["agent"], ROW_ORDER)
    if asked is not None:
        if present and asked not in present:
            raise unknown_name("agent in --reference", asked, present)
        return asked
    scored = set(runs.loc[runs["scored"], "agent"])
    yardsticks = set(ROW_ORDER) - set(LEARNING_AGENTS)
    # Sorting is stable: among equals the order of the table decides.
    present.sort(key=lambda name: (name not in scored, name in yardsticks))
    return next(iter(present), "")
