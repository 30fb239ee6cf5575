"""What is said of many tasks at once: interquartile means, profiles, probability of improvement.

After Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice";
the 95 % intervals are those of `bootstrap`. All functions are pure; the random numbers are the same
in every call.

A group is one benchmark, or all of them together. Only tasks and agents whose cells are complete
enter: every seed that any run of the benchmark has is there and has a score. Tasks whose scores are
returns have no scale in common with others, and stay out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.records.text import listed
from benchmark.statistics.bootstrap import Resamples, interval, share_interval
from benchmark.statistics.differences import Compared
from benchmark.statistics.reference_scales import RETURN
from benchmark.statistics.score_frames import AVERAGE, in_order
from benchmark.statistics.uncertainty import average

ALL_TASKS = "all tasks"
_THRESHOLDS = 51  # Scores at which a profile is worked out.
_PROFILE_TASKS, _PROFILE_SEEDS = 2, 3  # Of fewer, a profile is a few steps of one run each.
_OUTER = 0.25  # Share of runs that an interquartile mean leaves out at each end.

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Scores that may be aggregated.

    Attributes:
        name: of the benchmark, or `all tasks`.
        tasks: that every agent has completed.
        scores: agent -> task -> (seeds,).
        runs: task -> its runs, by which the luck of the episodes is known.
        left_out: a sentence for each task or agent that is not complete.
    """

    name: str
    tasks: list[str]
    scores: dict[str, list[Scores]]
    runs: list[Compared]
    left_out: list[str]


def groups(runs: pd.DataFrame, scores: pd.DataFrame) -> list[Group]:
    """Every benchmark, and all tasks together if there are several benchmarks.

    Args:
        runs: from `score_frames.run_frame`.
        scores: from `score_frames.score_frame`.
    """
    cells = scores[scores["task"] != AVERAGE]
    names = list(cells["benchmark"].unique())
    parts = [(name, cells[cells["benchmark"] == name]) for name in names]
    if len(names) > 1:
        parts.append((ALL_TASKS, cells))
    by_task = {str(task): Compared.of(part) for task, part in runs.groupby("task")}
    return [_group(name, by_task, part) for name, part in parts]


def _group(name: str, by_task: dict[str, Compared], cells: pd.DataFrame) -> Group:
    returns = [
        f"task {task} is left out: its scores are returns, and no normalised ones"
        for task in cells.loc[cells["scale"] == RETURN, "task"].unique()
    ]
    cells = cells[cells["scale"] != RETURN]
    if cells.empty:
        return Group(name, [], {}, [], returns)
    has_all_seeds = cells["seeds"].eq(cells["seeds_planned"])
    complete = (
        has_all_seeds.groupby([cells["task"], cells["agent"]]).any().unstack(fill_value=False)
    )
    complete = complete.loc[list(cells["task"].unique()), in_order(cells["agent"], ROW_ORDER)]
    kept = largest_complete_part(complete)
    compared = [by_task[task] for task in kept.index]
    return Group(
        name,
        list(kept.index),
        {agent: [task.scores(agent) for task in compared] for agent in kept.columns},
        compared,
        [
            *returns,
            *_left_out("task {} is left out: no complete score of {}", complete, kept.index),
            *_left_out("agent {} is left out: no complete score on {}", complete.T, kept.columns),
        ],
    )


def _left_out(sentence: str, complete: pd.DataFrame, kept: pd.Index) -> Iterator[str]:
    """One sentence for every row that is not kept, with the columns where it is not complete."""
    for name, row in complete.drop(index=kept).iterrows():
        lacking = complete.columns[~row]
        yield sentence.format(display_name(str(name)), listed(map(display_name, lacking)))


def largest_complete_part(complete: pd.DataFrame) -> pd.DataFrame:
    """Takes out tasks and agents one by one until every cell of what is left is complete.

    The next to go is whichever has the largest share of incomplete cells; of equals the task, so
    that one failed run costs a task and not an agent.

    Args:
        complete: (tasks, agents) of whether a cell is complete.
    """
    while not complete.to_numpy().all():
        by_task, by_agent = (~complete).mean(axis=1), (~complete).mean(axis=0)
        if by_task.max() >= by_agent.max():
            complete = complete.drop(index=by_task.idxmax())
        else:
            complete = complete.drop(columns=by_agent.idxmax())
    return complete


def interquartile_mean(*tasks: Scores) -> Scores:
    """The mean of the middle half of all runs of all tasks.

    Args:
        tasks: for each task, (..., seeds) scores.
    """
    trimmed: Scores = stats.trim_mean(np.concatenate(tasks, axis=-1), _OUTER, axis=-1)
    return trimmed


def improvement(*tasks: Scores) -> Scores:
    """How often a run of the first agent scores higher than one of the second, over tasks.

    A draw counts half: the Mann-Whitney statistic of each task over its pairs of runs.

    Args:
        tasks: (..., seeds) scores of the first agent task by task, then those of the second.
    """
    both = zip(tasks[: len(tasks) // 2], tasks[len(tasks) // 2 :], strict=True)
    pairs = [(x[..., :, None], y[..., None, :]) for x, y in both]
    shares = [((x > y).mean((-2, -1)) + (x >= y).mean((-2, -1))) / 2 for x, y in pairs]
    mean: Scores = np.mean(shares, axis=0)
    return mean


def aggregate_frame(scored_groups: Sequence[Group], reference: str) -> pd.DataFrame:
    """Interquartile mean of every agent, and how likely the reference is to score higher.

    Args:
        scored_groups: from `groups`.
        reference: name of the agent that all others are set against.

    Returns:
        Columns `group`, `agent`, `iqm`, `iqm_low`, `iqm_high`, `improvement`, `improvement_low`,
        `improvement_high` (NaN for the reference itself and where it is left out), `tasks`,
        `runs`.
    """
    some = [group for group in scored_groups if group.tasks]
    rows = [row for group in some for row in _aggregate_rows(group, reference)]
    names = [f"{what}{end}" for what in ("iqm", "improvement") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["group", "agent", *names, "tasks", "runs"])


def _aggregate_rows(group: Group, reference: str) -> Iterator[dict[str, Any]]:
    resamples = Resamples(group.runs)
    for agent, samples in group.scores.items():
        middle, drawn = interquartile_mean(*samples), interquartile_mean(*resamples(agent))
        low, high = interval(middle, drawn, _degrees(group, agent), list(map(len, samples)))
        yield {
            **{"group": group.name, "agent": agent},
            **{"iqm": float(middle), "iqm_low": float(low), "iqm_high": float(high)},
            **_against(group, reference, agent, resamples),
            **{"tasks": len(samples), "runs": sum(map(len, samples))},
        }


def _against(group: Group, reference: str, agent: str, resamples: Resamples) -> dict[str, float]:
    """The probability that a run of the reference scores higher, with its interval."""
    if agent == reference or reference not in group.scores:
        return {}
    ours, theirs = group.scores[reference], group.scores[agent]
    share = improvement(*ours, *theirs)
    drawn = improvement(*resamples(reference), *resamples(agent))
    degrees = average([task.difference(reference, agent) for task in group.runs]).degrees
    fewest = [min(map(len, pair)) for pair in zip(ours, theirs, strict=True)]
    low, high = share_interval(share, drawn, degrees, fewest)
    names = ("improvement", "improvement_low", "improvement_high")
    return dict(zip(names, map(float, (share, low, high)), strict=True))


def _degrees(group: Group, agent: str) -> float:
    """Degrees of freedom of the mean over the tasks of a group."""
    return average([task.mean(agent) for task in group.runs]).degrees


def profile_frame(scored_groups: Sequence[Group]) -> pd.DataFrame:
    """Performance profiles: the share of runs whose score is above a threshold.

    Returns:
        Columns `group`, `agent`, `threshold`, `share`, `low`, `high` (percent).
    """
    columns = ["group", "agent", "threshold", "share", "low", "high"]
    rows = [row for group in scored_groups for row in _profile_rows(group)]
    return pd.DataFrame(rows, columns=columns)


def has_profile(group: Group) -> bool:
    """Whether there are runs enough for a profile: of two tasks, and of three seeds on each."""
    counts = [len(scores) for samples in group.scores.values() for scores in samples]
    return len(group.tasks) >= _PROFILE_TASKS and min(counts, default=0) >= _PROFILE_SEEDS


def _profile_rows(group: Group) -> Iterator[tuple[Any, ...]]:
    if not group.tasks or not group.scores:
        return
    every = np.concatenate([scores for samples in group.scores.values() for scores in samples])
    thresholds = np.linspace(every.min(), every.max(), _THRESHOLDS)
    resamples = Resamples(group.runs)
    for agent, samples in group.scores.items():
        # Of a score only the thresholds below it matter: counting them once makes this fast.
        passed = [np.searchsorted(thresholds, scores) for scores in samples]
        drawn = [np.searchsorted(thresholds, scores) for scores in resamples(agent)]
        shares, degrees, seeds = share_above(*passed), _degrees(group, agent), map(len, samples)
        low, high = share_interval(shares, share_above(*drawn), degrees, list(seeds))
        for row in zip(thresholds, *(100.0 * part for part in (shares, low, high)), strict=True):
            yield (group.name, agent, *row)


def share_above(*tasks: NDArray[np.int64]) -> Scores:
    """(thresholds, ...) share of runs above each threshold, averaged over tasks.

    Args:
        tasks: for each task, (..., seeds) of how many thresholds a run's score is above.
    """
    leading, possible = tasks[0].shape[:-1], _THRESHOLDS + 1
    rows = int(np.prod(leading))
    shares = np.zeros((rows, _THRESHOLDS))
    for passed in tasks:
        places = passed.reshape(rows, -1) + possible * np.arange(rows)[:, None]
        counts = np.bincount(places.ravel(), minlength=rows * possible).reshape(rows, possible)
        shares += counts[:, :0:-1].cumsum(1)[:, ::-1] / passed.shape[-1]
    return (shares / len(tasks)).T.reshape(_THRESHOLDS, *leading)


def left_out(scored_groups: Sequence[Group]) -> list[str]:
    """One sentence for everything that no aggregate is taken over, group by group."""
    return [f"{group.name}: {sentence}." for group in scored_groups for sentence in group.left_out]
