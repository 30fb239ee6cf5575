"""What planning buys: differences with their intervals, one panel per benchmark."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmark.plots.style import GRID, LINE, LINE_HEIGHT, STYLE, WIDTHS, wrapped_title
from benchmark.statistics.planning import YARDSTICKS, measured_yardsticks

_STYLES = dict(zip(YARDSTICKS, [("#0173b2", "o"), ("#de8f05", "s"), ("#029e73", "D")], strict=True))
_NAME = 1.5  # Inches of a task's name.
_APART = 0.24  # Between the yardsticks of a task, in rows.


def planning_gains(gains: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A row for each task: what the planner scores beyond each yardstick; at 0 a line.

    Args:
        gains: rows of one benchmark from `planning.planning_frame`, tasks called as they are to be
            shown.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    tasks, measured = list(gains["task"].unique()), measured_yardsticks(gains)
    for row in gains.itertuples():
        color, marker = _STYLES[row.yardstick]
        beside = measured.index(row.yardstick) - (len(measured) - 1) / 2
        place = tasks.index(row.task) + _APART * beside
        ax.plot([row.low, row.high], [place, place], color=color, linewidth=1.2)
        ax.plot(row.difference, place, color=color, marker=marker, **LINE)
    ax.axvline(0, color="0.1", linewidth=0.6)
    ax.set_yticks(range(len(tasks)), [wrapped_title(task, _NAME) for task in tasks])
    ax.grid(axis="x", **GRID)
    ax.set(ylim=(len(tasks) - 0.4, -0.6), xlabel="difference of scores", ylabel="")
    return ax


def planning_figure(gains: pd.DataFrame) -> Figure:
    """What planning buys on every task: a panel per benchmark below each other, and a legend.

    Args:
        gains: from `planning.planning_frame`, tasks called as they are to be shown.
    """
    benchmarks = gains.groupby("benchmark", sort=False)
    rows = list(benchmarks["task"].nunique())
    legend = [
        Line2D([], [], **LINE, color=color, marker=marker, label=name)
        for name in measured_yardsticks(gains)
        for color, marker in [_STYLES[name]]
    ]
    lines = max(wrapped_title(task, _NAME).count("\n") + 1 for task in gains["task"])
    height = (lines + 1) * LINE_HEIGHT * sum(rows) + 0.35 * len(rows) + 2 * LINE_HEIGHT + 0.2
    with mpl.rc_context(STYLE):
        figure = Figure((WIDTHS[-1], height), layout="constrained")
        axes = figure.subplots(len(rows), squeeze=False, height_ratios=rows)[:, 0]
        for ax, (benchmark, part) in zip(axes, benchmarks, strict=True):
            planning_gains(part, ax)
            ax.set(title=benchmark, xlabel="")
        figure.supxlabel("difference of scores", size=STYLE["axes.labelsize"])
        figure.legend(handles=legend, loc="outside upper center", ncols=3, frameon=False)
    return figure
