"""Runs and their details -> what the page holds of every run; what runs share is there once."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmark.agents.ablation import ABLATION_VARIANTS
from benchmark.agents.builtin import display_name
from benchmark.statistics.details import SHARED_FIELDS
from benchmark.statistics.frames import Frames
from benchmark.statistics.reference_scales import DECIMALS

_OF_RUN = (
    *("benchmark", "task", "agent", "seed", "preset", "status", "score", "success_rate"),
    *("scale", "goal", "data_words", "reason", "remedy", "episode_scores", "episode_successes"),
)
_POOLED = {
    *SHARED_FIELDS,
    "benchmark",
    "task",
    "agent",
    "preset",
    "status",
    "scale",
    "goal",
    "commit",
}
_POOLED |= {"settings_line", "source", "data", "data_words", "reason"}


def run_index(frames: Frames) -> dict[str, Any]:
    """What the page holds of every run, for JSON.

    Args:
        frames: of all records.

    Returns:
        `columns`, the names of the fields (`episode_scores` and `episode_successes` have a number
        for each evaluation episode, `curve` a `[share of the budget (percent), score]` for each
        score while learning); `rows`, one list for each run; `pooled`, those columns
        that hold not a value but its place in `pool`; `names`, what agents are called in tables;
        and `variants`, those that have a table of their own.
    """
    details, runs = frames.details, frames.runs
    decimals = frames.scores.groupby("task")["decimals"].first().to_dict()
    columns = [*_OF_RUN, "curve", "decimals", *(name for name in details.columns if name != "run")]
    details_of, curves = details.set_index("run").to_dict("index"), _curves(frames.curves, decimals)
    pool: dict[str, int] = {}

    def entry(column: str, value: Any, places: int) -> Any:
        if column not in _POOLED:
            return _plain(value, places)
        return pool.setdefault(json.dumps(value), len(pool))

    rows = []
    for run in runs.to_dict("records"):
        run |= details_of[run["run"]]
        run["curve"] = curves.get((run["task"], run["agent"], run["seed"]), [])
        run["decimals"] = decimals.get(run["task"], DECIMALS)
        rows.append([entry(column, run[column], run["decimals"]) for column in columns])
    return {
        "columns": columns,
        "rows": rows,
        "pooled": [column for column in columns if column in _POOLED],
        # Numbers that are none become words, as JSON has no others.
        "pool": [json.loads(text, parse_constant=str) for text in pool],
        "names": {agent: display_name(str(agent)) for agent in runs["agent"].unique()},
        "variants": [agent for agent in runs["agent"].unique() if agent in ABLATION_VARIANTS],
    }


def _curves(
    curves: pd.DataFrame, decimals: Mapping[str, int]
) -> dict[tuple[Any, ...], list[list[float]]]:
    """(task, agent, seed) -> the points of a run's learning curve."""
    places = curves["task"].map(decimals).fillna(DECIMALS).astype(int)
    scores = (round(float(score), by) for score, by in zip(curves["score"], places, strict=True))
    shares = (round(float(share), 1) for share in curves["share"])
    points = [list(point) for point in zip(shares, scores, strict=True)]
    by_run: dict[tuple[Any, ...], list[list[float]]] = {}
    keys = zip(curves["task"], curves["agent"], curves["seed"], strict=True)
    for key, point in zip(keys, points, strict=True):
        by_run.setdefault(key, []).append(point)
    return by_run


def _plain(value: Any, places: int = DECIMALS) -> Any:
    """A value of one run alone, of no more digits than are read; None for what is no number."""
    if isinstance(value, float):
        return round(value, max(3, places)) if math.isfinite(value) else None
    if isinstance(value, np.ndarray):  # Of episodes, of which there are many.
        return value.round(places).tolist() if np.isfinite(value).all() else []
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value
