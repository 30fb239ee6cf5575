"""Pictures of a task's data: returns, lengths and, in a maze, where the recorded agent was."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from benchmark.datasets.views import cell_centre
from benchmark.interface import Dataset
from benchmark.recipes.antmaze import CELL_SIZE as ANT_CELL_SIZE
from benchmark.tasks import Task
from benchmark.tasks.mazes import Cell

_BLUE, _VERMILION, _WALL = "#0173b2", "#d55e00", "0.72"  # Told apart by colour-blind readers.
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "figure.titlesize": 8,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}
_PANEL, _HEIGHT = 2.4, 2.1  # Inches.
_BARS = 30
_FEW = 20  # Whole numbers up to this range get a bar each.
_BINS_PER_CELL = 12


def data_figure(dataset: Dataset, task: Task) -> Figure:
    """Histograms of the episodes' returns and lengths; in a maze also a map of the positions.

    Args:
        dataset: after the task's view.
        task: the task that it is for.
    """
    maze = task.env_kwargs["maze_map"] if task.position_columns else None
    map_width = _HEIGHT * len(maze[0]) / len(maze) + 0.4 if maze else 0.0
    widths = [_PANEL, _PANEL] + [map_width] * bool(maze)
    with mpl.rc_context(_STYLE):
        figure = Figure((sum(widths), _HEIGHT), layout="constrained")
        panels = figure.subplots(1, len(widths), width_ratios=widths)
        _histogram(dataset.episode_returns(), "return of an episode", panels[0])
        _histogram(dataset.ends - dataset.starts, "length of an episode (steps)", panels[1])
        if maze:
            _map(dataset, task, panels[2])
        figure.suptitle(f"{task.name}: {len(dataset.ends):,} episodes, {len(dataset):,} steps")
    return figure


def _histogram(values: NDArray[Any], label: str, ax: Axes) -> None:
    """Counts of (episodes,) values, each whole number by itself where these are few."""
    low, high = float(values.min()), float(values.max())
    whole = high - low <= _FEW and bool(np.all(values == np.round(values)))
    if whole:
        bins: Any = np.arange(low - 0.5, high + 1)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    else:
        bins = _BARS
    ax.hist(values, bins, color=_BLUE, rwidth=0.8 if whole else 1.0)
    if low == high:  # A single bar would fill the panel.
        ax.set(xlim=(low - 2.5, low + 2.5), xticks=[low])
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(axis="y", color="0.9", linewidth=0.6)
    ax.set(xlabel=label, ylabel="episodes")


def _map(dataset: Dataset, task: Task, ax: Axes) -> None:
    """How often the recorded agent was where, on a plan of the maze."""
    maze = task.env_kwargs["maze_map"]
    side = ANT_CELL_SIZE if task.view == "antmaze" else 1.0
    right, top = side * len(maze[0]) / 2, side * len(maze) / 2
    walls = np.array([[cell == 1 for cell in row] for row in maze])
    plan = ListedColormap(["white", _WALL])
    ax.imshow(walls, plan, extent=(-right, right, -top, top), interpolation="nearest")
    x, y = (dataset.observations[:, column] for column in task.position_columns)
    bins = _BINS_PER_CELL * np.array(walls.shape[::-1])
    counts, x_edges, y_edges = np.histogram2d(x, y, bins, [[-right, right], [-top, top]])
    density = ax.pcolormesh(
        x_edges,
        y_edges,
        np.ma.masked_equal(counts.T, 0),
        cmap="viridis_r",
        norm=LogNorm(1, max(2.0, counts.max())),
        rasterized=True,
    )
    bin_size = side / _BINS_PER_CELL
    assert ax.figure is not None
    ax.figure.colorbar(density, ax=ax, label=f"steps per {bin_size:.2f} m x {bin_size:.2f} m")
    goal = _goal_cell(task)
    if goal is not None:
        corner = side * (cell_centre(task, goal) - 0.5)
        mark = Rectangle((corner[0], corner[1]), side, side, fill=False, label="goal")
        mark.set(edgecolor=_VERMILION, linewidth=1.5)
        ax.add_patch(mark)
    ax.set(xlabel="x (m)", ylabel="y (m)")


def _goal_cell(task: Task) -> Cell | None:
    """The (row, column) of the one goal that all evaluations have; None where they differ."""
    if task.goal_cell is not None:
        return task.goal_cell
    marked = np.argwhere([[cell == "g" for cell in row] for row in task.env_kwargs["maze_map"]])
    return (int(marked[0, 0]), int(marked[0, 1])) if len(marked) == 1 else None
