"""What there is to know of a task's data before an agent learns from it, in numbers and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmark.data.recorded_figures import QUANTILES as RECORDED_QUANTILES
from benchmark.data.recorded_figures import (
    ColumnFigures,
    RecordedFigures,
    how_far_apart,
)
from benchmark.interface import Dataset
from benchmark.tasks import Task
from benchmark.tasks.published_sets import data_words

QUANTILES = (0, 10, 25, 50, 75, 90, 100)
"""Percentages at which `Summary` has the returns and scores of the episodes."""

_LABEL, _NUMBER, _WIDTH = 20, 10, 100  # Columns of text.

# What an episode with any reward did, for relabellings whose rewards say no more than that.
_SOLVED = {
    "antmaze": "reached the goal",
    "maze2d": "came to the hidden goal",
    "multi2d": "reached the goal, which was chosen in hindsight",
    "hindsight": "reached the goal, which was chosen in hindsight",
    "single-task": "end with the task solved, of those of two or more steps; in the others it was "
    "solved before",
}


@dataclass(frozen=True)
class Summary:
    """Statistics of a dataset as agents see it; `episode` is one between two ends.

    Attributes:
        observation_size: O.
        action_size: A.
        episodes: how many.
        steps: of all episodes together.
        lengths: (3,) steps of the shortest, the median and the longest episode.
        returns: (7,) undiscounted returns of the episodes at `QUANTILES`.
        scores: (7,) the same as scores of the task.
        solved: share of the episodes that solve the task, on OGBench's arm of those of two or more
            steps (where a task stays solved, each step is one); None where the data does not tell.
        rewarded: share of the steps whose reward is not zero.
    """

    observation_size: int
    action_size: int
    episodes: int
    steps: int
    lengths: tuple[float, ...]
    returns: tuple[float, ...]
    scores: tuple[float, ...]
    solved: float | None
    rewarded: float


def summarise(dataset: Dataset, task: Task) -> Summary:
    """Statistics of a dataset.

    Args:
        dataset: after relabelling.
        task: with the reference scores that count.
    """
    lengths, returns = dataset.ends - dataset.starts, dataset.episode_returns()
    quantiles = tuple(np.percentile(returns, QUANTILES).tolist())
    return Summary(
        observation_size=dataset.observations.shape[1],
        action_size=dataset.actions.shape[1],
        episodes=len(lengths),
        steps=len(dataset),
        lengths=tuple(np.percentile(lengths, (0, 50, 100)).tolist()),
        returns=quantiles,
        scores=tuple(task.score_of(value) for value in quantiles),
        solved=_solved(dataset, task),
        rewarded=float(np.mean(dataset.rewards != 0)),
    )


def _solved(dataset: Dataset, task: Task) -> float | None:
    if task.success_return is not None:
        return float(np.mean(dataset.episode_returns() >= task.success_return))
    if task.relabel == "single-task":
        is_longer = dataset.ends - dataset.starts > 1
        return float(np.mean(dataset.terminals[dataset.ends[is_longer] - 1]))
    if isinstance(task.relabel, str) and task.relabel in _SOLVED:
        return float(np.mean(np.maximum.reduceat(dataset.rewards, dataset.starts) > 0))
    return None


def summary_text(summary: Summary, task: Task, metadata: Mapping[str, Any]) -> str:
    """The statistics for people.

    Args:
        summary: of the task's data.
        task: with the reference scores that count.
        metadata: of `LoadedDataset`.
    """
    low, middle, high = summary.lengths
    own = task.relabel == "plain" and "reference_scores" in metadata
    lines = {
        "dataset": f"{metadata['id']}, hash {metadata['hash']}",
        "what it is": data_words(metadata, task.published_id),
        "author": metadata["author"] or "not named",
        "in its own words": metadata["description"] or "none",
        "actions": _actions(metadata.get("clipped_actions")),
        "sizes": f"observation {summary.observation_size}, action {summary.action_size}",
        "recorded": f"{summary.episodes:,} episodes, {summary.steps:,} steps",
        "episode length": f"min {low:g}, median {middle:g}, max {high:g} steps; "
        f"an evaluation has at most {task.max_steps}",
        "quantiles": _row([f"{share} %" for share in QUANTILES]),
        "return": _row([f"{value:.2f}" for value in summary.returns]),
        **_score_line(summary, task),
        "success": _success(summary, task),
        "reward": f"not zero in {summary.rewarded:.1%} of the steps",
        "reference scores": "none: scores are the "
        + ("successes in percent" if task.score_is_success else "returns"),
    }
    if task.references:
        zero, hundred = task.references
        lines["reference scores"] = (
            f"a return of {zero:g} scores 0, {hundred:g} scores 100 "
            f"({'the dataset says so' if own else 'as the task says'})"
        )
    return "\n".join([task.name, *(labelled(name, value) for name, value in lines.items())])


def figures_text(figures: RecordedFigures, reference: RecordedFigures | None) -> str:
    """What was recorded, column by column, for people.

    Args:
        figures: of the dataset.
        reference: of episodes that the published procedure recorded elsewhere, if there are any.
    """
    low, middle, high = figures.lengths
    lines = {
        "as recorded": f"{figures.episodes:,} episodes; min {low:g}, median {middle:g}, "
        f"max {high:g} steps",
        "goals in an episode": "not recorded",
    }
    if figures.reached is not None:
        lines["goals in an episode"] = f"{figures.reached:.1f} reached on average"
    lines["as by its script"] = "not known: there are no figures to compare it with"
    if reference is not None:
        apart = how_far_apart(figures, reference)
        lines["as by its script"] = (
            f"{'yes' if apart.is_same else 'NO'}: beside {reference.episodes:,} episodes that "
            f"OGBench's own script recorded, the means of columns differ by up to "
            f"{apart.means:.1f} standard errors and the variances by up to {apart.variances:.1f}; "
            f"chance gives up to {apart.chance:.1f}"
        )
    header = ["column", "mean", "deviation", *(f"{share} %" for share in RECORDED_QUANTILES)]
    header[2:2], header[4:4] = ["script's"], ["script's"]
    rows = [
        row
        for part in ("observation", "action")
        for row in _column_rows(
            part, getattr(figures, f"{part}s"), getattr(reference, f"{part}s", None)
        )
    ]
    text = tabulate(rows, header, tablefmt="plain", floatfmt=".3g", missingval="-")
    table = textwrap.indent(text, "  ")
    return "\n".join([*(labelled(name, value) for name, value in lines.items()), "", table])


def _column_rows(
    name: str, columns: ColumnFigures, reference: ColumnFigures | None
) -> list[list[object]]:
    """Mean, deviation and quantiles of each column, the first two beside the reference's."""
    missing = [None] * len(columns.mean)
    theirs = missing, missing
    if reference is not None:
        theirs = list(reference.mean), list(np.sqrt(reference.variance))
    deviation = np.sqrt(columns.variance)
    cells = zip(columns.mean, theirs[0], deviation, theirs[1], *columns.quantiles, strict=True)
    return [[f"{name} {index}", *numbers] for index, numbers in enumerate(cells)]


def _score_line(summary: Summary, task: Task) -> dict[str, str]:
    if task.references is None:
        return {}
    return {"normalised score": _row([f"{value:.1f}" for value in summary.scores])}


def labelled(name: str, value: str) -> str:
    """A name and its value, set below the name of the task; what is too long is wrapped."""
    indent = " " * (_LABEL + 2)
    return textwrap.fill(
        value,
        _WIDTH,
        initial_indent=f"  {name:<{_LABEL}}",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _row(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>{_NUMBER}}" for cell in cells)


def _actions(clipped: float | None) -> str:
    return f"clipped to their bounds in {clipped:.1%} of the steps" if clipped else "within bounds"


def _success(summary: Summary, task: Task) -> str:
    if not task.defines_success:
        return "n/a: the task has none"
    if summary.solved is None:
        return "not recorded"
    if task.success_return is not None:
        meaning = f"have a return of at least {task.success_return:g}"
    else:
        meaning = _SOLVED[str(task.relabel)]
    return f"{summary.solved:.1%} of the episodes {meaning}"
