"""Calibrations -> frames: return asked and reached, scores under exchanged plans and perturbations.

Both kinds of luck are in every interval, as in those of scores (`uncertainty`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmark.agents.builtin import ROW_ORDER
from benchmark.records.calibration_record import (
    EXCHANGES,
    OWN,
    UNDISTURBED,
    AskedLevel,
    CalibrationRecord,
)
from benchmark.statistics.score_frames import in_order
from benchmark.statistics.uncertainty import ONE_SEED, PAIRED, Estimate, TaskRuns
from benchmark.tasks import TASKS

FloatArray = NDArray[np.float64]

_ASKED = (
    *("benchmark", "task", "agent", "seed", "level", "unit", "discount"),
    *("asked", "reached", "score", "rank_correlation", "episodes", "commit"),
)
_FOLLOWED = (
    *("benchmark", "task", "agent", "rank_correlation", "low", "high", "seeds", "episodes"),
    "unit",
)
_EXCHANGED = (
    *("benchmark", "task", "agent", "plan", "score", "change", "low", "high", "verdict", "basis"),
    *("seeds", "episodes", "plan_share", "plan_share_low", "plan_share_high"),
)

_PERTURBED = (
    *("benchmark", "task", "agent", "perturbation", "score", "change", "low", "high"),
    *("verdict", "basis", "seeds", "episodes"),
)


def asked_frame(calibrations: Iterable[CalibrationRecord]) -> pd.DataFrame:
    """One row for each level that each trained agent was asked.

    Returns:
        Columns `benchmark`, `task`, `agent`, `seed`, `level` and `unit` (what levels are),
        `discount` (of returns), `asked` and `reached` (mean return over episodes), `score`,
        `rank_correlation` (of the run; see `rank_correlations`), `episodes` and `commit`.
    """
    rows = [
        {
            **_names(run),
            "level": level.level,
            "unit": run.asking_unit,
            "discount": run.discount,
            "asked": np.mean(level.asked),
            "reached": np.mean(level.reached),
            "score": np.mean(level.scores),
            "rank_correlation": _over_seeds([run], [rank_correlations(run.levels)]).value,
            "episodes": len(run.episode_seeds),
            "commit": run.commit,
        }
        for run in _in_table_order(calibrations)
        for level in run.levels
    ]
    return pd.DataFrame(rows, columns=list(_ASKED))


def rank_correlations(levels: list[AskedLevel]) -> FloatArray:
    """(E,) Spearman's correlation of the return asked and the return reached, over the levels.

    It is worked out within each episode: a start from which more can be reached says nothing of
    whether an agent follows. Where the same is reached whatever is asked it is 0, and NaN where no
    two levels ask for different returns.

    Args:
        levels: two or more, of the same E episodes.
    """
    asked, reached = (
        stats.rankdata([getattr(level, name) for level in levels], axis=0)
        for name in ("asked", "reached")
    )
    asked, reached = asked - asked.mean(0), reached - reached.mean(0)
    spread = np.sqrt((asked**2).sum(0) * (reached**2).sum(0))
    product = (asked * reached).sum(0)
    correlations = np.divide(product, spread, out=np.zeros_like(product), where=spread > 0)
    return np.where(np.ptp(asked, axis=0) > 0, correlations, np.nan)


def followed_frame(calibrations: Iterable[CalibrationRecord]) -> pd.DataFrame:
    """Whether agents follow the return they are asked: one row for each task and agent.

    Returns:
        Columns `benchmark`, `task`, `agent`, `rank_correlation` (mean over training seeds and
        episodes; NaN where all levels ask for the same), `low` and `high` (its 95 % interval; NaN
        from one seed), `seeds`, `episodes` (of a rollout) and `unit` (what levels are).
    """
    rows = []
    for runs in _cells(run for run in calibrations if run.levels):
        estimate = _over_seeds(runs, [rank_correlations(run.levels) for run in runs])
        rows.append(
            {
                **_names(runs[0]),
                "rank_correlation": estimate.value,
                **_ends(estimate),
                "seeds": len(runs),
                "episodes": len(runs[0].episode_seeds),
                "unit": runs[0].asking_unit,
            }
        )
    return pd.DataFrame(rows, columns=list(_FOLLOWED))


def exchange_frame(calibrations: Iterable[CalibrationRecord]) -> pd.DataFrame:
    """What plans are worth: one row for each task, agent and kind of plan (`EXCHANGES`).

    Returns:
        Columns `benchmark`, `task`, `agent`, `plan`, `score` (mean), `change` (from the score with
        one's own plan, on the same episodes), `low`, `high` (its 95 % interval; NaN from one seed),
        `verdict` and `basis` (see `uncertainty.Estimate`), `seeds`, `episodes`, and `plan_share`
        with `plan_share_low` and `plan_share_high` (of the variance of actions; see
        `benchmark.evaluation.plan_worth`).
    """
    rows = []
    for runs in _cells(run for run in calibrations if run.exchange_scores):
        shares = _over_seeds(runs, [np.array([_share(run)]) for run in runs])
        ends = {f"plan_share_{end}": value for end, value in _ends(shares).items()}
        for kind in EXCHANGES:
            row = _changed(runs, [run.exchange_scores for run in runs], kind, OWN)
            rows.append({**row, "plan": kind, "plan_share": shares.value, **ends})
    return pd.DataFrame(rows, columns=list(_EXCHANGED))


def perturbed_frame(calibrations: Iterable[CalibrationRecord]) -> pd.DataFrame:
    """What is left under perturbations: one row for each task, agent and perturbation.

    Returns:
        Columns `benchmark`, `task`, `agent`, `perturbation` (`none` first), `score` (mean),
        `change` (from the score without, on the same episodes), `low`, `high`, `verdict`, `basis`,
        `seeds` and `episodes` as in `exchange_frame`.
    """
    rows = []
    for runs in _cells(run for run in calibrations if run.perturbed_scores):
        for name in dict.fromkeys(name for run in runs for name in run.perturbed_scores):
            played = [run for run in runs if name in run.perturbed_scores]
            row = _changed(played, [run.perturbed_scores for run in played], name, UNDISTURBED)
            rows.append({**row, "perturbation": name})
    return pd.DataFrame(rows, columns=list(_PERTURBED))


def _changed(
    runs: list[CalibrationRecord], scores: list[dict[str, list[float]]], kind: str, base: str
) -> dict[str, Any]:
    """What a kind of rollout scores, and by how much that differs from a base.

    The same agents play the same episodes in both.

    Args:
        runs: of one task and agent.
        scores: of each, by kind.
        kind: whose row it is.
        base: the kind that it is compared with.
    """
    changes = [np.subtract(of_run[kind], of_run[base], dtype=float) for of_run in scores]
    change = replace(_over_seeds(runs, changes), basis=PAIRED if len(runs) > 1 else ONE_SEED)
    return {
        **_names(runs[0]),
        "score": np.mean([np.mean(of_run[kind]) for of_run in scores]),
        "change": change.value,
        **_ends(change),
        "verdict": change.verdict,
        "basis": change.basis,
        "seeds": len(runs),
        "episodes": len(runs[0].episode_seeds),
    }


def _share(run: CalibrationRecord) -> float:
    return math.nan if run.plan_share is None else run.plan_share


def _over_seeds(runs: list[CalibrationRecord], values: list[FloatArray]) -> Estimate:
    """The mean over training seeds of what each has by episode, or as one number.

    Args:
        runs: of one task and agent.
        values: (E,) or (1,) of each; NaN does not count.
    """
    rows = [row for row, of_run in enumerate(values) if np.isfinite(of_run).any()]
    if not rows:
        return Estimate(math.nan, math.nan, math.nan)
    known = [np.isfinite(values[row]) for row in rows]
    has_episodes = all(len(mask) > 1 for mask in known)
    table = TaskRuns(
        [_names(runs[row])["seed"] for row in rows],
        [float(values[row][mask].mean()) for row, mask in zip(rows, known, strict=True)],
        [values[row][mask] for row, mask in zip(rows, known, strict=True)],
        # Scores without seeds of their episodes count as known by their mean alone.
        [
            np.array(runs[row].episode_seeds)[mask] if has_episodes else []
            for row, mask in zip(rows, known, strict=True)
        ],
    )
    return table.mean(np.arange(len(rows)))


def _ends(estimate: Estimate) -> dict[str, float]:
    return {"low": estimate.low, "high": estimate.high}


def _names(run: CalibrationRecord) -> dict[str, Any]:
    """Benchmark, task, agent and training seed of a run."""
    task, agent, seed = run.run.split("/")
    benchmark = TASKS[task].benchmark if task in TASKS else task
    return {
        "benchmark": benchmark,
        "task": task,
        "agent": agent,
        "seed": int(seed.removeprefix("seed-")),
    }


def _in_table_order(calibrations: Iterable[CalibrationRecord]) -> list[CalibrationRecord]:
    runs = {tuple(_names(run).values())[1:]: run for run in calibrations}
    tasks = in_order((task for task, _, _ in runs), TASKS)
    agents = in_order((agent for _, agent, _ in runs), ROW_ORDER)
    order = sorted(runs, key=lambda key: (tasks.index(key[0]), agents.index(key[1]), key[2]))
    return [runs[key] for key in order]


def _cells(calibrations: Iterable[CalibrationRecord]) -> Iterator[list[CalibrationRecord]]:
    """The runs of each task and agent, by training seed."""
    cells: dict[str, list[CalibrationRecord]] = {}
    for run in _in_table_order(calibrations):
        cells.setdefault(run.run.rpartition("/")[0], []).append(run)
    yield from cells.values()
