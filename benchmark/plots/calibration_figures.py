"""Return asked against return reached, one panel per task."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.agents.builtin import ROW_ORDER
from benchmark.plots.style import GRID, LINE, Styles, legend_lines, panels
from benchmark.statistics.score_frames import in_order


def asked_and_reached(asked: pd.DataFrame, styles: Styles, ax: Axes | None = None) -> Axes:
    """A curve for each agent of one task, over its levels; dashed is where both are the same.

    Args:
        asked: rows of one task from `calibration_frames.asked_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    for agent in reversed(in_order(asked["agent"], ROW_ORDER)):  # The first lies on top.
        color, marker = styles[agent]
        points = asked[asked["agent"] == agent].groupby("level")[["asked", "reached"]].mean()
        ax.plot(points["asked"], points["reached"], color=color, marker=marker, **LINE)
    ends = [asked["asked"].min(), asked["asked"].max()]
    ax.plot(ends, ends, color="0.6", linewidth=0.8, linestyle="--", zorder=1)
    ax.grid(**GRID)
    ax.set(xlabel="return asked", ylabel="return reached")
    return ax


def asking_figure(asked: pd.DataFrame, styles: Styles) -> Figure:
    """Return asked against return reached, one panel per task, one legend for all of them.

    Args:
        asked: from `calibration_frames.asked_frame`, tasks called as they are to be shown.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        asked_and_reached(asked[asked["task"] == task], styles, ax)

    legend = legend_lines(asked["agent"], styles)
    return panels(list(asked["task"].unique()), draw, height=1.7, legend=legend)
