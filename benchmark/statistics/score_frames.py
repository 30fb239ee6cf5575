"""Records -> one row per run -> mean over seeds; what is missing is listed, never skipped.

All functions are pure and return tidy frames, from which tables and plots are drawn::

    run_frame    one row per record
    score_frame  one row per (task, agent) and per average: mean, standard error, status

`curves.py` has the frames of learning curves, `costs.py` those of time and memory, and
`aggregates.py` those over many tasks at once.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from benchmark.agents.builtin import ROW_ORDER
from benchmark.errors import UserError
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.text import listed
from benchmark.statistics.reference_scales import (
    DECIMALS,
    RETURN,
    check_scales,
    scale_use,
    score_decimals,
    task_scales,
)
from benchmark.statistics.uncertainty import TaskRuns
from benchmark.tasks import TASKS
from benchmark.tasks.published_sets import data_words

AVERAGE = "average"
SCORED = "scored"
NOT_EVALUATED = "not evaluated"

_RUN_COLUMNS = (
    *("run", "benchmark", "task", "agent", "seed", "preset", "status", "scored", "score"),
    *("scale", "success_rate", "recorded_mean", "recorded_best"),
    *("reason", "remedy", "goal", "dataset", "kind", "data_words", "hash", "episodes", "steps"),
    *("settings", "samples", "commit", "parameters", "clipped_actions"),
    *("source_hash", "task_hash"),
    *("episode_scores", "episode_successes", "episode_seeds"),
)


def in_order(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Distinct names: the known ones in the order given for them, then the others by name."""
    distinct = set(names)
    ordered = [name for name in known if name in distinct]
    return ordered + sorted(distinct.difference(ordered))


def in_table_order(records: Iterable[Record]) -> list[Record]:
    """Records sorted by task (as in the table of tasks), agent and seed."""
    listed = list(records)
    tasks = in_order((record.run.task for record in listed), TASKS)
    agents = in_order((record.run.agent for record in listed), ROW_ORDER)
    return sorted(
        listed, key=lambda r: (tasks.index(r.run.task), agents.index(r.run.agent), r.run.seed)
    )


def run_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row per record, in table order.

    `score` is on the scale `scale`, see `reference_scales.SCALES`; a run that was not to be
    evaluated has none. `success_rate` is the share of solved episodes in percent, NaN where the
    task defines no success; `clipped_actions` is the share of the steps whose action was clipped,
    from 0 to 1; `samples` is how many settings a search tried, or `none`; `recorded_mean` and
    `recorded_best` are scores of the data itself, NaN where they are not known; `commit` lists
    those of all parts of a training that was interrupted. A completed run without a finite score
    counts as failed. `kind` is what its data is (see
    `published_sets.kind_of`), `data_words` the same with sizes, for people; records of earlier
    versions do not say it, and it is `unknown`. The last three columns hold arrays with one number
    for each evaluation episode: its score, whether it was solved (percent), its seed.

    Raises:
        UserError: if the records mix presets, hold the same run twice, or have scores of one task
            on different reference scales.
    """
    ordered = in_table_order(records)
    _check_presets(ordered)
    _check_distinct(ordered)
    check_scales(scale_use(record) for record in ordered if _is_evaluated(record))
    rows = [_run_row(record) for record in ordered]
    return pd.DataFrame(rows, columns=list(_RUN_COLUMNS)).astype({"scored": bool})


def _check_presets(records: list[Record]) -> None:
    presets = Counter(record.run.preset for record in records)
    if len(presets) > 1:
        counts = ", ".join(f"{presets[name]} {name}" for name in sorted(presets))
        raise UserError(
            f"the records mix presets (runs: {counts}), whose numbers must not share a table; "
            "a report needs runs of one preset: give each preset a folder of its own (--out)"
        )


def _check_distinct(records: list[Record]) -> None:
    names = Counter(record.run.name for record in records)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise UserError(
            f"more than one record says that it is {twice[0]}; every run may count once: "
            "delete the copies below runs/ and build the report again"
        )


def _is_evaluated(record: Record) -> bool:
    return record.status in SCORED_STATUSES and record.run.evaluated


def _run_row(record: Record) -> dict[str, Any]:
    run, data, commit = record.run, record.dataset, record.commit or "unknown"
    status, reason, remedy = record.status, record.reason, record.remedy
    score = math.nan if record.score is None else float(record.score)
    if _is_evaluated(record) and not math.isfinite(score):
        status = "failed"
        reason = f"the score is {record.score}, not a finite number"
        remedy = "look for diverging losses in the curve of its record and change the settings"
    scored = status in SCORED_STATUSES and run.evaluated
    if status != "completed":
        reason = reason or "no reason was recorded"
        remedy = remedy or "read the traceback in its record, then run again with --resume"
    return {
        "run": run.name,
        "benchmark": record.benchmark,
        "task": run.task,
        "agent": run.agent,
        "seed": run.seed,
        "preset": run.preset,
        "status": status,
        "scored": scored,
        "score": score if scored else math.nan,
        "scale": scale_use(record).kind,
        "success_rate": _success_rate(record) if scored else math.nan,
        **{f"recorded_{name}": _recorded_score(record, name) for name in ("mean", "best")},
        "reason": reason,
        "remedy": remedy,
        "goal": record.goal,
        "dataset": str(data.get("id") or "unknown"),
        "kind": str(data.get("kind") or "unknown"),
        "data_words": data_words(data, TASKS[run.task].dataset if run.task in TASKS else None),
        "hash": str(data.get("hash") or "unknown"),
        "episodes": run.episodes,
        "steps": run.steps if record.steps is None else record.steps,
        "settings": json.dumps(run.settings, sort_keys=True) if run.settings else "",
        "samples": "none" if run.samples is None else str(run.samples),
        # Of all parts of its training, where it was interrupted, and of its evaluation.
        "commit": listed([*(part["commit"] or "unknown" for part in record.trained_with), commit]),
        "source_hash": run.source_hash or "",
        "task_hash": run.task_hash or "",
        "parameters": "unknown" if record.parameters is None else str(record.parameters),
        "clipped_actions": math.nan if record.clipped_actions is None else record.clipped_actions,
        "episode_scores": np.array(record.scores, float),
        "episode_successes": 100.0 * np.array(record.successes or [], float),
        "episode_seeds": np.array(record.episode_seeds, np.int64),
    }


def _recorded_score(record: Record, name: str) -> float:
    return float(record.dataset.get("recorded_scores", {}).get(name, math.nan))


def _success_rate(record: Record) -> float:
    task, solved = TASKS.get(record.run.task), record.successes
    # Records of before say of tasks without success that no episode was one.
    if not solved or (task is not None and not task.defines_success):
        return math.nan
    return 100.0 * sum(solved) / len(solved)


def score_frame(runs: pd.DataFrame, value: str = "score") -> pd.DataFrame:
    """Mean over seeds and its standard error, for every task and agent of every benchmark.

    The standard error includes the variance of training and of the episodes (see `uncertainty`).

    Every agent met in a benchmark has a row for every task of it. In benchmarks of two tasks or
    more, rows with the task `average` follow, one per agent. Tasks whose scores are returns are
    left out of an average of scores.

    Args:
        runs: from `run_frame`.
        value: `score` or `success_rate`.

    Returns:
        Columns `benchmark`, `task`, `agent`, `scale` (see `reference_scales.SCALES`), `decimals`
        (to print), `tasks` (that are averaged), `mean`, `standard_error` (NaN from a single seed),
        `seeds` (that have a value), `seeds_planned` (met anywhere in the benchmark), `capped` (of
        the seeds that have a value, how many had no time for their whole budget), `status`
        (`scored`, or why there is no mean) and `preset`.
    """
    rows: list[dict[str, Any]] = []
    scales = task_scales(runs)
    for benchmark, group in runs.groupby("benchmark", sort=False):
        agents = in_order(group["agent"], ROW_ORDER)
        by_cell, none = dict(iter(group.groupby(["task", "agent"]))), group.iloc[:0]
        shared = {"benchmark": benchmark, "preset": group["preset"].iloc[0]}
        shared["seeds_planned"] = group["seed"].nunique()
        of_task = {
            task: _of_task(part, scales[str(task)], value) for task, part in group.groupby("task")
        }
        cells = [
            {**shared, **of_task[task], "task": task, "agent": agent, **_cell(cell, value)}
            for task in group["task"].unique()
            for agent in agents
            for cell in [by_cell.get((task, agent), none)]
        ]
        averaged = [cell for cell in cells if value != "score" or cell["scale"] != RETURN]
        if len({cell["task"] for cell in averaged}) > 1:
            cells += [
                _average([cell for cell in averaged if cell["agent"] == name]) for name in agents
            ]
        rows += cells
    return pd.DataFrame(rows)


def _of_task(runs: pd.DataFrame, scale: str, value: str) -> dict[str, Any]:
    """What all cells of a task have in common."""
    decimals = score_decimals(runs["score"], scale) if value == "score" else DECIMALS
    return {"scale": scale, "decimals": decimals, "tasks": 1}


def _cell(runs: pd.DataFrame, value: str) -> dict[str, Any]:
    known = runs[runs[value].notna()]
    estimate = TaskRuns.of(known, value).mean(np.arange(len(known))) if len(known) else None
    return {
        "mean": estimate.value if estimate else math.nan,
        "standard_error": estimate.standard_error if estimate else math.nan,
        "seeds": len(known),
        "capped": int((known["status"] == "capped").sum()),
        "status": SCORED if len(known) else _why_empty(runs),
    }


def _why_empty(runs: pd.DataFrame) -> str:
    statuses = set(runs["status"])
    if not statuses:
        return "missing"
    for status in ("failed", "diverged"):
        if status in statuses:
            return status
    if "no-dataset" in statuses:
        return "n/a (dataset)"
    return "n/a" if runs["scored"].any() else NOT_EVALUATED


def _average(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Averages one agent over the tasks of a benchmark, or says how many of them lack a mean.

    Runs on different tasks are independent, so the squared standard errors add up.
    """
    missing = sum(cell["status"] != SCORED for cell in cells)
    errors = np.array([cell["standard_error"] for cell in cells])
    return {
        **cells[0],
        "task": AVERAGE,
        "tasks": len(cells),
        "mean": math.nan if missing else float(np.mean([cell["mean"] for cell in cells])),
        "standard_error": math.nan if missing else float(np.sqrt(np.sum(errors**2)) / len(cells)),
        "seeds": min(cell["seeds"] for cell in cells),
        "capped": sum(cell["capped"] for cell in cells),
        "status": f"n/a ({missing} of {len(cells)} missing)" if missing else SCORED,
    }
