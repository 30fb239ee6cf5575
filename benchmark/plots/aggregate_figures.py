"""One panel per group of tasks: interquartile means, improvement, profiles, score and latency."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmark.agents.builtin import display_name
from benchmark.plots.style import (
    GRID,
    LINE,
    Draw,
    Styles,
    height_of_rows,
    legend_lines,
    panels,
    picture_name,
)
from benchmark.statistics.costs import CONTROL_MS


def intervals(aggregates: pd.DataFrame, value: str, styles: Styles, ax: Axes | None = None) -> Axes:
    """A row per agent: an estimate as a mark, its 95 % interval as a band.

    Args:
        aggregates: rows of one group from `aggregates.aggregate_frame`.
        value: `iqm` or `improvement`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    ax.use_sticky_edges = False  # No band ends at the frame.
    agents = list(aggregates["agent"])
    for row, estimate in enumerate(aggregates.to_dict("records")):
        color, marker = styles[estimate["agent"]]
        low, high = estimate[f"{value}_low"], estimate[f"{value}_high"]
        ax.barh(row, high - low, left=low, height=0.6, color=color, alpha=0.45, linewidth=0)
        ax.plot(estimate[value], row, color=color, marker=marker, **LINE)
    ax.set_yticks(range(len(agents)), [picture_name(agent) for agent in agents])
    ax.grid(axis="x", **GRID)
    ax.set(ylim=(len(agents) - 0.4, -0.6), ylabel="")
    return ax


def interval_figure(aggregates: pd.DataFrame, styles: Styles) -> Figure:
    """Interquartile means of every group with their intervals.

    Args:
        aggregates: from `aggregates.aggregate_frame`.
        styles: from `agent_styles`.
    """

    def draw(group: str, ax: Axes) -> None:
        intervals(aggregates[aggregates["group"] == group], "iqm", styles, ax)
        ax.set_xlabel("interquartile mean of the normalised score")

    return _rows_figure(aggregates, draw)


def improvement_figure(aggregates: pd.DataFrame, styles: Styles, reference: str) -> Figure:
    """How likely a run of the reference is to beat one of each other agent, for every group.

    Args:
        aggregates: from `aggregates.aggregate_frame`.
        styles: from `agent_styles`.
        reference: name of the reference.
    """
    compared = aggregates.dropna(subset="improvement")

    def draw(group: str, ax: Axes) -> None:
        intervals(compared[compared["group"] == group], "improvement", styles, ax)
        ax.axvline(0.5, color="0.1", linewidth=0.6)
        ax.set(xlim=(-0.04, 1.04), xlabel=f"P({display_name(reference)} scores higher)")

    return _rows_figure(compared, draw)


def _rows_figure(aggregates: pd.DataFrame, draw: Draw) -> Figure:
    groups = list(aggregates["group"].unique())
    heights = [height_of_rows(rows, 0.15) for _, rows in aggregates.groupby("group")["agent"]]
    return panels(groups, draw, height=0.55 + max(heights, default=0.0))


def profiles(shares: pd.DataFrame, styles: Styles, ax: Axes | None = None) -> Axes:
    """The share of runs above each score, a line per agent with its 95 % band.

    Args:
        shares: rows of one group from `aggregates.profile_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    agents = list(shares["agent"].unique())
    for index, agent in reversed(list(enumerate(agents))):  # The first lies on top.
        rows, (color, marker) = shares[shares["agent"] == agent], styles[agent]
        # Marks at other places for every agent, where lines lie upon each other.
        every = (index * 8 // len(agents), 8)
        ax.plot(
            rows["threshold"], rows["share"], color=color, marker=marker, markevery=every, **LINE
        )
        ax.fill_between(
            rows["threshold"], rows["low"], rows["high"], color=color, alpha=0.1, linewidth=0
        )
    ax.grid(**GRID)
    ax.set(xlabel="normalised score", ylabel="runs above it (%)", ylim=(-2, 102))
    return ax


def profile_figure(shares: pd.DataFrame, styles: Styles) -> Figure:
    """Performance profiles of every group.

    Args:
        shares: from `aggregates.profile_frame`.
        styles: from `agent_styles`.
    """

    def draw(group: str, ax: Axes) -> None:
        profiles(shares[shares["group"] == group], styles, ax)

    legend = legend_lines(shares["agent"], styles)
    return panels(list(shares["group"].unique()), draw, height=1.8, legend=legend)


def latency_scatter(points: pd.DataFrame, styles: Styles, ax: Axes | None = None) -> Axes:
    """Score against the time of one action, with the limit of a control loop at 20 Hz.

    Args:
        points: rows of one group with columns `agent`, `milliseconds`, `iqm`, `iqm_low` and
            `iqm_high`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    ax.axvline(CONTROL_MS, color="0.4", linewidth=0.8, linestyle="--")
    ax.annotate(
        "20 Hz",
        (CONTROL_MS, 0),
        (-1, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="bottom",
        color="0.4",
    )
    for point in points.to_dict("records"):
        color, marker = styles[point["agent"]]
        time = point["milliseconds"]
        ax.vlines(time, point["iqm_low"], point["iqm_high"], color=color, linewidth=1)
        ax.plot(time, point["iqm"], color=color, marker=marker, **LINE)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(**GRID)
    ax.set(xlabel="milliseconds of one action", ylabel="IQM of the normalised score")
    return ax


def latency_figure(points: pd.DataFrame, styles: Styles) -> Figure:
    """Score against latency for every group; `points` as in `latency_scatter`, with `group`."""

    def draw(group: str, ax: Axes) -> None:
        latency_scatter(points[points["group"] == group], styles, ax)

    legend = legend_lines(points["agent"], styles)
    return panels(list(points["group"].unique()), draw, height=1.8, legend=legend)
