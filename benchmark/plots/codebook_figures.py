"""How much of the codebook each scale uses while it is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmark.plots.style import GRID, LINE, MARKERS, panels


def codebook_use(
    codebook: pd.DataFrame, ax: Axes | None = None, scales: Sequence[int] | None = None
) -> Axes:
    """Share of the codes in use against share of the budget, a line for every scale of one task.

    Args:
        codebook: rows of one task and agent from `curves.codebook_frame`.
        ax: axes to draw on; of a new figure if not given.
        scales: ascending, of all tasks that are drawn alike; those of this one if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    scales = sorted(codebook["scale"].unique()) if scales is None else scales
    for line, (_, rows) in zip(_lines(codebook, scales), codebook.groupby("scale"), strict=True):
        line.set_data(rows["share"], rows["use"])
        ax.add_line(line)
    ax.autoscale_view()
    ax.grid(**GRID)
    ax.set(xlabel="gradient steps (% of budget)", ylabel="codes in use (%)", ylim=(0, 103))
    ax.set_xlim(left=0)
    return ax


def codebook_figure(codebook: pd.DataFrame) -> Figure:
    """Use of the codebook by one agent, one panel per task, one legend for all of them."""
    scales = sorted(codebook["scale"].unique())

    def draw(task: str, ax: Axes) -> None:
        codebook_use(codebook[codebook["task"] == task], ax, scales)

    tasks = list(codebook["task"].unique())
    return panels(tasks, draw, height=1.6, legend=_lines(codebook, scales))


def _lines(codebook: pd.DataFrame, among: Sequence[int]) -> list[Line2D]:
    """A line without points for every scale: the finer, the lighter; alike in all panels."""
    colors = mpl.colormaps["viridis"](np.linspace(0, 0.9, len(among)))
    there = set(codebook["scale"])
    return [
        Line2D([], [], color=color, marker=marker, label=f"scale {scale}", **LINE)
        for scale, color, marker in zip(among, colors, cycle(MARKERS), strict=False)
        if scale in there
    ]
