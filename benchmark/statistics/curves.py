"""Records -> learning curves, and how the codebook was used meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.statistics.score_frames import in_table_order

_KEYS = ["benchmark", "task", "agent"]
_USE, _PERPLEXITY = "codebook_use_", "codebook_perplexity_"  # Scale numbers follow.


def curve_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Scores on tuning seeds during the training of completed runs.

    Returns:
        Columns `benchmark`, `task`, `agent`, `seed`, `share` (of the budget, percent), `score`.
    """
    rows = [
        {
            "benchmark": record.benchmark,
            "task": record.run.task,
            "agent": record.run.agent,
            "seed": record.run.seed,
            "share": 100.0 * point["step"] / record.run.steps,
            "score": point["score"],
        }
        for record in in_table_order(records)
        if record.status in SCORED_STATUSES
        for point in record.curve
        if point.get("score") is not None and math.isfinite(point["score"])
    ]
    return pd.DataFrame(rows, columns=["benchmark", "task", "agent", "seed", "share", "score"])


def mean_curve_frame(curves: pd.DataFrame) -> pd.DataFrame:
    """The mean over seeds of each learning curve, where every seed of the agent has a point.

    Args:
        curves: from `curve_frame`.

    Returns:
        Columns `benchmark`, `task`, `agent`, `share`, `score`, `low` and `high` (the lowest and the
        highest seed).
    """
    cells = curves.groupby([*_KEYS, "share"], sort=False)["score"]
    means = cells.agg(score="mean", low="min", high="max", count="count").reset_index()
    seeds = curves.groupby(_KEYS, sort=False)["seed"].nunique().rename("seeds").reset_index()
    merged = means.merge(seeds, on=_KEYS, sort=False)
    common = merged[merged["count"] == merged["seeds"]]
    return common[[*_KEYS, "share", "score", "low", "high"]]


def codebook_frame(records: Iterable[Record]) -> pd.DataFrame:
    """How the codebook was used at each scale while it was learnt, averaged over seeds.

    Returns:
        Columns `benchmark`, `task`, `agent`, `share` (of the budget, percent), `scale` (from 1),
        `use` (of all codes, percent), `perplexity` (in codes), `seeds`; empty without a run of
        MAGE or its variants: what other agents call alike is something else.
    """
    rows = [
        (record.benchmark, record.run.task, record.run.agent, share, *measured)
        for record in in_table_order(records)
        if record.status in SCORED_STATUSES and _is_mage(record)
        for point in _changes(record.curve)
        for share in [100.0 * point["step"] / record.run.steps]
        for measured in _by_scale(point)
    ]
    keys = [*_KEYS, "share", "scale"]
    frame = pd.DataFrame(rows, columns=[*keys, "use", "perplexity"])
    means = frame.groupby(keys, sort=False).agg(
        use=("use", "mean"), perplexity=("perplexity", "mean"), seeds=("use", "count")
    )
    return means.reset_index()


def essential_points(curve: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """A curve without losses: points with a score, and those where use of the codebook changed."""
    changed = {id(point) for point in _changes(curve)}
    kept = [point for point in curve if "score" in point or id(point) in changed]
    names = ("step", "score", _USE, _PERPLEXITY)
    return [{key: point[key] for key in point if key.startswith(names)} for point in kept]


def _changes(curve: Sequence[Mapping[str, float]]) -> Iterator[Mapping[str, float]]:
    """The points at which the use of the codebook was not what it was before."""
    last: list[Any] = []
    for point in curve:
        now = [value for name, value in point.items() if name.startswith((_USE, _PERPLEXITY))]
        if now and now != last:
            yield point
            last = now


def _is_mage(record: Record) -> bool:
    return record.run.source is None and record.run.agent.partition(".")[0] == "mage"


def _by_scale(point: Mapping[str, float]) -> Iterator[tuple[int, float, float]]:
    scale = 1
    while f"{_USE}{scale}" in point:
        yield scale, 100.0 * point[f"{_USE}{scale}"], point[f"{_PERPLEXITY}{scale}"]
        scale += 1
