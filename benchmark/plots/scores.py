"""One panel per task: bars of the scores, and learning curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from benchmark.agents.builtin import ROW_ORDER
from benchmark.plots.style import (
    GRID,
    LINE,
    Styles,
    columns_of,
    height_of_rows,
    legend_lines,
    panels,
    picture_name,
)
from benchmark.statistics.score_frames import SCORED, in_order


def score_bars(
    scores: pd.DataFrame, runs: pd.DataFrame, styles: Styles, ax: Axes | None = None
) -> Axes:
    """One bar per agent for one task: mean, standard error, and a point for every seed.

    Args:
        scores: rows of one task from `score_frames.score_frame`; one without a mean shows its
            status in words.
        runs: rows of the task from `score_frames.run_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    agents = list(scores["agent"])
    rows = range(len(agents))
    colors = {agent: styles[agent][0] for agent in agents}
    y: dict[str, Any] = {"y": "agent", "order": agents, "ax": ax, "legend": False}
    sns.barplot(
        scores, x="mean", hue="agent", palette=colors, errorbar=None, saturation=1, width=0.7, **y
    )
    seeds = {"color": "white", "edgecolor": "0.1", "linewidth": 0.5, "size": 2.8, "jitter": False}
    sns.stripplot(runs.dropna(subset="score"), x="score", zorder=4, **seeds, **y)
    ax.errorbar(
        scores["mean"],
        rows,
        xerr=scores["standard_error"],
        fmt="none",
        ecolor="0.1",
        elinewidth=0.8,
        capsize=2,
        zorder=3,
    )
    for row, status in enumerate(scores["status"]):
        if status != SCORED:
            ax.annotate(
                status,
                (0, row),
                (2, 0),
                textcoords="offset points",
                va="center_baseline",
                color="0.35",
            )
    ax.axvline(0, color="0.1", linewidth=0.6)
    ax.set_yticks(rows, [picture_name(agent) for agent in agents])
    ax.grid(axis="x", **GRID)
    ax.set(xlabel="normalised score", ylabel="", ylim=(len(agents) - 0.4, -0.6))
    return ax


def learning_curves(
    curves: pd.DataFrame, means: pd.DataFrame, styles: Styles, ax: Axes | None = None
) -> Axes:
    """Score against share of the budget for one task: thick for the mean, thin for each seed.

    Args:
        curves: rows of one task from `curves.curve_frame`.
        means: rows of the task from `curves.mean_curve_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    for agent in reversed(in_order(curves["agent"], ROW_ORDER)):  # The first lies on top.
        color, marker = styles[agent]
        points = curves[curves["agent"] == agent].sort_values(["seed", "share"])
        ends = np.flatnonzero(np.diff(points["seed"])) + 1
        lines = np.split(points[["share", "score"]].to_numpy(), ends)
        ax.add_collection(LineCollection(lines, colors=color, linewidths=0.5, alpha=0.4))
        mean = means[means["agent"] == agent]
        ax.plot(mean["share"], mean["score"], color=color, marker=marker, **LINE)
    ax.autoscale_view()
    ax.grid(**GRID)
    ax.set(xlabel="gradient steps (% of budget)", ylabel="normalised score", xlim=(0, 103))
    return ax


def score_figure(scores: pd.DataFrame, runs: pd.DataFrame, styles: Styles) -> Figure:
    """Score bars of one benchmark, one panel per task on one scale.

    Args:
        scores: rows of one benchmark's tasks from `score_frames.score_frame`, without averages.
        runs: its rows from `score_frames.run_frame`.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        score_bars(scores[scores["task"] == task], runs[runs["task"] == task], styles, ax)

    height = 0.55 + height_of_rows(scores["agent"].unique(), 0.17)
    figure = panels(list(scores["task"].unique()), draw, height)
    edges = [edge for ax in figure.axes for edge in ax.get_xlim()]
    for index, ax in enumerate(figure.axes):
        ax.set_xlim(min(edges), max(edges))
        if index % columns_of(len(figure.axes)):
            ax.tick_params(axis="y", labelleft=False)
    return figure


def curve_figure(curves: pd.DataFrame, means: pd.DataFrame, styles: Styles) -> Figure:
    """Learning curves of one benchmark, one panel per task, one legend for all of them.

    Args:
        curves: rows of one benchmark from `curves.curve_frame`.
        means: its rows from `curves.mean_curve_frame`.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        learning_curves(curves[curves["task"] == task], means[means["task"] == task], styles, ax)

    legend = legend_lines(curves["agent"], styles)
    return panels(list(curves["task"].unique()), draw, height=1.6, legend=legend)
