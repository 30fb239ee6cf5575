"""Learning curves: one panel per task, or several where there are many agents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.plots.style import (
    GRID,
    LINE,
    LINE_HEIGHT,
    MOST_TOGETHER,
    NORMALISED_SCORE,
    Styles,
    panels,
    picture_name,
)
from benchmark.statistics.score_frames import in_order

_HEIGHT = 1.7  # Inches of a panel.
_AXES_HEIGHT = 1.2  # Of that, what its title and its ticks leave.


def learning_curves(
    curves: pd.DataFrame,
    means: pd.DataFrame,
    styles: Styles,
    agents: Sequence[str] | None = None,
    ax: Axes | None = None,
    scores: str = NORMALISED_SCORE,
) -> Axes:
    """Score against share of the budget for one task, each agent called at the end of its line.

    Args:
        curves: rows of one task from `curves.curve_frame`; drawn only where seeds have no point in
            common, so that there is no mean.
        means: rows of the task from `curves.mean_curve_frame`: a line, and a band over the seeds.
        styles: from `agent_styles`.
        agents: that have a colour and a name; the others are thin and grey. All if not given.
        ax: axes to draw on; of a new figure if not given.
        scores: what they are, in words.
    """
    ax = Figure().subplots() if ax is None else ax
    every = in_order(curves["agent"], ROW_ORDER)
    shown = every if agents is None else list(agents)
    rows = dict(list(means.groupby("agent")))
    behind = [rows[agent] for agent in every if agent not in shown and agent in rows]
    lines = [part[["share", "score"]].to_numpy() for part in behind]
    ax.add_collection(LineCollection(lines, colors="0.85", linewidths=0.8))
    ends = {}
    for agent in reversed(shown):  # The first lies on top.
        color, marker = styles[agent]
        if agent in rows:
            mean = rows[agent]
            ax.fill_between(
                mean["share"], mean["low"], mean["high"], color=color, alpha=0.13, linewidth=0
            )
            ax.plot(mean["share"], mean["score"], color=color, marker=marker, **LINE)
            ends[agent] = mean.iloc[-1]["share"], mean.iloc[-1]["score"]
        else:
            ends[agent] = _seeds(curves[curves["agent"] == agent], color, ax)
    _scale(curves, means, ax)
    _name_lines(ends, styles, ax)
    ax.grid(**GRID)
    ax.set(xlabel="gradient steps (% of budget)", ylabel=scores)
    return ax


def _seeds(curves: pd.DataFrame, color: str, ax: Axes) -> tuple[float, float]:
    """Draws each seed of an agent by itself, and returns where one of them ends."""
    lines = [part[["share", "score"]].to_numpy() for _, part in curves.groupby("seed")]
    ax.add_collection(LineCollection(lines, colors=color, linewidths=0.8))
    share, score = lines[-1][-1]
    return float(share), float(score)


def _scale(curves: pd.DataFrame, means: pd.DataFrame, ax: Axes) -> None:
    """Axes from the first point to the last; the same whichever agents have a colour."""
    alone = curves.loc[~curves["agent"].isin(means["agent"]), "score"]
    scores = pd.concat([means["low"], means["high"], alone])
    margin = 0.05 * (scores.max() - scores.min()) or 1.0
    first, last = curves["share"].min(), curves["share"].max()
    ax.set_ylim(scores.min() - margin, scores.max() + margin)
    ax.set_xlim(first - 1, max(last, first + 1) + 1)
    ax.xaxis.set_major_locator(MaxNLocator(4))


def _name_lines(ends: dict[str, tuple[float, float]], styles: Styles, ax: Axes) -> None:
    """Writes the name of each agent at the right, as near to the end of its line as may be."""
    low, high = ax.get_ylim()
    ordered = sorted(ends, key=lambda agent: ends[agent][1])
    names = [picture_name(agent) for agent in ordered]
    wanted = np.array([(ends[agent][1] - low) / (high - low) for agent in ordered])
    heights = np.array([name.count("\n") + 1 for name in names]) * LINE_HEIGHT / _AXES_HEIGHT
    for agent, name, place in zip(ordered, names, moved_apart(wanted, heights), strict=True):
        line: dict[str, Any] = {"arrowstyle": "-", "color": styles[agent][0], "linewidth": 0.8}
        ax.annotate(
            name,
            ends[agent],
            (1.06, place),
            textcoords="axes fraction",
            va="center",
            arrowprops={**line, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)},
        )


def moved_apart(wanted: NDArray[np.float64], heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest places to those wanted at which texts do not overlap.

    Args:
        wanted: (n,) centres, ascending, in parts of the whole height.
        heights: (n,) of the texts.

    Returns:
        (n,) centres, ascending, inside the whole height where there is room.
    """
    # With what must lie below each centre taken off, centres may coincide, but not change order.
    below = np.cumsum(heights) - heights / 2
    if not len(wanted):
        return wanted
    packed = isotonic_regression(wanted - below).x
    places: NDArray[np.float64] = np.clip(packed, 0, max(0.0, 1 - heights.sum())) + below
    return places


def curve_figure(
    curves: pd.DataFrame, means: pd.DataFrame, styles: Styles, scores: str = NORMALISED_SCORE
) -> Figure:
    """Learning curves of one benchmark, one panel per task.

    Where there are more agents than one panel can tell apart, a task has several: in each, some
    have their colours, and all others are grey.

    Args:
        curves: rows of one benchmark from `curves.curve_frame`.
        means: its rows from `curves.mean_curve_frame`.
        styles: from `agent_styles`.
        scores: what they are, in words.
    """
    agents = in_order(curves["agent"], ROW_ORDER)
    count = math.ceil(len(agents) / MOST_TOGETHER)
    parts = [list(part) for part in np.array_split(np.array(agents, dtype=object), count)]
    cells = product(curves["task"].unique(), parts)
    of_panel = {_title(task, part, count): (task, part) for task, part in cells}

    def draw(title: str, ax: Axes) -> None:
        task, part = of_panel[title]
        of_task = curves[curves["task"] == task]
        here = [agent for agent in part if agent in set(of_task["agent"])]
        learning_curves(of_task, means[means["task"] == task], styles, here, ax, scores)

    return panels(list(of_panel), draw, _HEIGHT)


def _title(task: str, part: Sequence[str], count: int) -> str:
    return task if count == 1 else f"{task}\n{display_name(part[0])} to {display_name(part[-1])}"
