"""One panel per task: the score of every agent, each panel on an axis of its own."""

from __future__ import annotations

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.plots.style import (
    GRID,
    LINE,
    Styles,
    columns_of,
    height_of_rows,
    panels,
    picture_name,
    score_label,
)
from benchmark.statistics.reference_scales import RETURN
from benchmark.statistics.score_frames import SCORED

_REFERENCES = (0, 100)  # What the scale is made from: a random policy and an expert.
_LEAST_SPAN = 10.0  # Of an axis: a smaller one would make much of differences that are none.
_LEAST_SHARE = 0.1  # The same for returns, of the largest.
_MARGIN = 0.05  # Of the span, at each end.


def score_dots(
    scores: pd.DataFrame, runs: pd.DataFrame, styles: Styles, ax: Axes | None = None
) -> Axes:
    """A row per agent for one task: mean with standard error, and a small point for every seed.

    Args:
        scores: rows of one task from `score_frames.score_frame`; one without a mean shows its
            status in words.
        runs: rows of the task from `score_frames.run_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    agents = list(scores["agent"])
    seeds: dict[str, Any] = {"size": 2.5, "color": "0.65", "jitter": False, "legend": False}
    scored = runs.dropna(subset="score")
    sns.stripplot(scored, x="score", y="agent", order=agents, ax=ax, zorder=2, **seeds)
    for row, score in enumerate(scores.to_dict("records")):
        color, marker = styles[score["agent"]]
        if score["status"] != SCORED:
            place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center_baseline"}
            ax.annotate(score["status"], (0.02, row), color="0.35", **place)
            continue
        ax.errorbar(score["mean"], row, xerr=score["standard_error"], color=color, capsize=2)
        ax.plot(score["mean"], row, color=color, marker=marker, **LINE)
    is_return = scores["scale"].eq(RETURN).all()
    _limits(scores, runs, ax, is_return)
    for reference in () if is_return else _REFERENCES:
        if ax.get_xlim()[0] <= reference <= ax.get_xlim()[1]:
            ax.axvline(reference, color="0.6", linewidth=0.6, zorder=1)
    ax.set_yticks(range(len(agents)), [picture_name(agent) for agent in agents])
    ax.grid(axis="both", **GRID)
    ax.set(xlabel=score_label(scores["scale"]), ylabel="", ylim=(len(agents) - 0.4, -0.6))
    return ax


def _limits(scores: pd.DataFrame, runs: pd.DataFrame, ax: Axes, is_return: bool) -> None:
    """An axis that has all that is drawn on it, and zero, which of returns is nothing special."""
    errors = scores["standard_error"].fillna(0.0)
    ends = [scores["mean"] - errors, scores["mean"] + errors, runs["score"]]
    ends += [] if is_return else [pd.Series([0.0])]
    every = pd.concat(ends).dropna()
    if every.empty:
        return
    least = _LEAST_SHARE * every.abs().max() if is_return else _LEAST_SPAN
    low, high = every.min(), max(every.max(), every.min() + (least or 1.0))
    margin = _MARGIN * (high - low)
    ax.set_xlim(low - margin, high + margin)


def score_figure(scores: pd.DataFrame, runs: pd.DataFrame, styles: Styles) -> Figure:
    """Scores of one benchmark, one panel per task.

    Args:
        scores: rows of one benchmark's tasks from `score_frames.score_frame`, without averages.
        runs: its rows from `score_frames.run_frame`.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        score_dots(scores[scores["task"] == task], runs[runs["task"] == task], styles, ax)
        ax.set_xlabel(score_label(scores["scale"]))  # One label stands for all panels.

    height = 0.55 + height_of_rows(scores["agent"].unique(), 0.15)
    figure = panels(list(scores["task"].unique()), draw, height)
    for index, ax in enumerate(figure.axes):
        if index % columns_of(len(figure.axes)):
            ax.tick_params(axis="y", labelleft=False)
    return figure
