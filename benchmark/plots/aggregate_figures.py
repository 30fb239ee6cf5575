"""Many tasks at once: interquartile means, improvement, profiles, score and latency."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.agents.builtin import display_name
from benchmark.plots.style import (
    GRID,
    LINE,
    MOST_TOGETHER,
    STYLE,
    WIDTHS,
    Styles,
    height_of_rows,
    legend_lines,
    panels,
    picture_name,
    plain_log_axis,
)
from benchmark.statistics.costs import CONTROL_MS

_ROW = 0.15  # Inches of an agent's row.
_ROOM = 1.5  # By what factor an axis of times goes beyond them.
_HARDWARE = 32  # Letters in a line of what a panel was measured on.


def intervals(aggregates: pd.DataFrame, value: str, styles: Styles, ax: Axes | None = None) -> Axes:
    """A row per agent, the highest first: an estimate as a mark, its 95 % interval as a band.

    Args:
        aggregates: rows of one group from `aggregates.aggregate_frame`.
        value: `iqm` or `improvement`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    ax.use_sticky_edges = False  # No band ends at the frame.
    ordered = aggregates.sort_values(value, ascending=False, kind="stable").to_dict("records")
    for row, estimate in enumerate(ordered):
        _interval(estimate, value, row, styles, ax)
    names = [picture_name(estimate["agent"]) for estimate in ordered]
    ax.set_yticks(range(len(names)), names)
    ax.grid(axis="x", **GRID)
    ax.set(ylim=(len(names) - 0.4, -0.6), ylabel="")
    return ax


def _interval(estimate: dict[Any, Any], value: str, row: float, styles: Styles, ax: Axes) -> None:
    color, marker = styles[estimate["agent"]]
    low, high = estimate[f"{value}_low"], estimate[f"{value}_high"]
    ax.barh(row, high - low, left=low, height=0.6, color=color, alpha=0.45, linewidth=0)
    ax.plot(estimate[value], row, color=color, marker=marker, **LINE)


def interval_figure(aggregates: pd.DataFrame, styles: Styles) -> Figure:
    """Interquartile means of every group with their intervals.

    Args:
        aggregates: from `aggregates.aggregate_frame`.
        styles: from `agent_styles`.
    """

    def draw(group: str, ax: Axes) -> None:
        intervals(aggregates[aggregates["group"] == group], "iqm", styles, ax)
        ax.set_xlabel("interquartile mean of the score")

    heights = [height_of_rows(rows, _ROW) for _, rows in aggregates.groupby("group")["agent"]]
    return panels(list(aggregates["group"].unique()), draw, 0.6 + max(heights, default=0.0))


def improvement_figure(aggregates: pd.DataFrame, styles: Styles, reference: str) -> Figure:
    """How likely a run of the reference is to beat one of each other agent: a forest plot.

    Below the name of each group stand its agents, those first that the reference beats most often.

    Args:
        aggregates: from `aggregates.aggregate_frame`.
        styles: from `agent_styles`.
        reference: the agent that the others are compared with.
    """
    compared = aggregates.dropna(subset="improvement")
    rows: list[dict[Any, Any]] = []
    for group, part in compared.groupby("group", sort=False):
        ordered = part.sort_values("improvement", ascending=False, kind="stable")
        rows += [{"heading": group}, *ordered.to_dict("records")]
    agents = [row["agent"] for row in rows if "agent" in row]
    height = height_of_rows(agents, _ROW) + 0.19 * (len(rows) - len(agents))
    with mpl.rc_context(STYLE):
        figure = Figure((WIDTHS[-1], 0.55 + height), layout="constrained")
        ax = figure.subplots()
        for place, row in enumerate(rows):
            if "agent" in row:
                _interval(row, "improvement", place, styles, ax)
            else:
                style: dict[str, Any] = {"va": "center_baseline", "weight": "bold"}
                at = ("axes fraction", "data")
                ax.annotate(row["heading"], (0.0, place), xycoords=at, **style)
        ax.axvline(0.5, color="0.1", linewidth=0.6)
        places = [place for place, row in enumerate(rows) if "agent" in row]
        ax.set_yticks(places, [picture_name(agent) for agent in agents])
        ax.grid(axis="x", **GRID)
        ax.set(xlim=(-0.04, 1.04), ylim=(len(rows) - 0.4, -0.6))
        ax.set_xlabel(f"P({display_name(reference)} scores higher)")
    return figure


def profiles(shares: pd.DataFrame, styles: Styles, ax: Axes | None = None) -> Axes:
    """The share of runs above each score, a line per agent with its 95 % band.

    Args:
        shares: rows of one group from `aggregates.profile_frame`; where there are many agents,
            their bands would hide each other and are left out.
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
        if len(agents) <= MOST_TOGETHER:
            ax.fill_between(
                rows["threshold"], rows["low"], rows["high"], color=color, alpha=0.1, linewidth=0
            )
    ax.grid(**GRID)
    ax.set(xlabel="score", ylabel="runs above it (%)", ylim=(-2, 102))
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
        (CONTROL_MS, 1),
        (-1, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="top",
        color="0.4",
    )
    ax.axhline(0, color="0.6", linewidth=0.6)
    for point in points.to_dict("records"):
        color, marker = styles[point["agent"]]
        time = point["milliseconds"]
        ax.vlines(time, point["iqm_low"], point["iqm_high"], color=color, linewidth=1)
        ax.plot(time, point["iqm"], color=color, marker=marker, **LINE)
    plain_log_axis(ax)
    ax.grid(**GRID)
    ax.set(xlabel="milliseconds of one action", ylabel="IQM of the score")
    return ax


def latency_figure(points: pd.DataFrame, styles: Styles) -> Figure:
    """Score against latency for every group and hardware, all over the same times.

    Args:
        points: as in `latency_scatter`, with `group` and `hardware`.
        styles: from `agent_styles`.
    """
    several = points["hardware"].nunique() > 1
    of_panel = {
        _place(*cell) if several else str(cell[0]): rows
        for cell, rows in points.groupby(["group", "hardware"], sort=False)
    }

    ends = [points["milliseconds"].min(), max(points["milliseconds"].max(), CONTROL_MS)]

    def draw(title: str, ax: Axes) -> None:
        latency_scatter(of_panel[title], styles, ax)
        ax.set_xlim(ends[0] / _ROOM, ends[1] * _ROOM)

    legend = legend_lines(points["agent"], styles)
    return panels(list(of_panel), draw, 1.7, legend)


def _place(group: str, hardware: str) -> str:
    return "\n".join([group, *textwrap.wrap(hardware, _HARDWARE)])
