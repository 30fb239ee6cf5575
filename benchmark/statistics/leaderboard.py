"""One row per agent over all tasks: rank, score, what it costs to train it and to let it act."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from benchmark.statistics.aggregates import Group
from benchmark.statistics.marks import highest_counts
from benchmark.statistics.reference_scales import DECIMALS

CAP = 100.0
"""The expert's score: what is beyond it does not make up for what is missing elsewhere."""
_IQM = ["iqm", "iqm_low", "iqm_high"]


def leaderboard_frame(
    scores: pd.DataFrame,
    group: Group,
    aggregates: pd.DataFrame,
    latency: pd.DataFrame,
    costs: pd.DataFrame,
) -> pd.DataFrame:
    """One row per agent, the lowest mean rank first; agents without one come last.

    Args:
        scores: from `marks.with_marks`, without variants of MAGE.
        group: of all tasks, from `aggregates.groups`.
        aggregates: from `aggregates.aggregate_frame`, of this group among others.
        latency: from `costs.latency_frame`.
        costs: from `costs.cost_frame`.

    Returns:
        Columns `agent`, `mean_rank` (over the tasks of the group; equal printed means share their
        rank), `highest` (on how many tasks its mean is the highest), `iqm`, `iqm_low`, `iqm_high`,
        `optimality_gap` (mean of what a score lacks to 100; one beyond it lacks nothing),
        `ms_least` and `ms_most` (mean milliseconds of an action, where it was timed),
        `seconds_least` and `seconds_most` (of training, of each benchmark's median run). NaN where
        there is none.
    """
    ranks, highest = _mean_ranks(group), highest_counts(scores)
    middle = aggregates[aggregates["group"] == group.name].set_index("agent")[_IQM]
    middle = {str(agent): row for agent, row in middle.to_dict("index").items()}
    rows: list[dict[str, Any]] = [
        {
            "agent": agent,
            "mean_rank": ranks.get(agent, math.nan),
            "highest": highest[agent],
            **middle.get(agent, dict.fromkeys(_IQM, math.nan)),
            "optimality_gap": _optimality_gap(group, agent),
            **_span("ms", latency.loc[latency["agent"] == agent, "average"]),
            **_span("seconds", costs.loc[costs["agent"] == agent, "seconds"]),
        }
        for agent in scores["agent"].unique()
    ]
    order = {"by": ["mean_rank", "iqm"], "ascending": [True, False]}
    return pd.DataFrame(rows).sort_values(**order, ignore_index=True)


def _span(name: str, values: pd.Series) -> dict[str, float]:
    return {f"{name}_least": float(values.min()), f"{name}_most": float(values.max())}


def _mean_ranks(group: Group) -> dict[str, float]:
    """Agent -> its rank by printed mean, 1 for the highest, averaged over the tasks of a group.

    Nobody is the first of one.
    """
    if not group.tasks or len(group.scores) < 2:
        return {}
    means = [
        [-round(float(scores.mean()), DECIMALS) for scores in by_task]
        for by_task in group.scores.values()
    ]
    ranks = stats.rankdata(means, axis=0).mean(axis=1)
    return dict(zip(group.scores, ranks.tolist(), strict=True))


def _optimality_gap(group: Group, agent: str) -> float:
    """After Agarwal et al. 2021: how far the scores, capped at 100, stay below it on average."""
    if not group.scores.get(agent):
        return math.nan
    gaps = [np.maximum(CAP - scores, 0.0).mean() for scores in group.scores[agent]]
    return float(np.mean(gaps))
