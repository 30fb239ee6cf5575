"""Pictures of a task's data: returns, lengths and, in a maze, where the recorded agent was."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from benchmark.interface import Dataset
from benchmark.plots.style import STYLE, WIDTHS
from benchmark.tasks import Task
from benchmark.tasks.maze_plans import MazePlan, maze_plan
from benchmark.tasks.mazes import GridCell, cell_centre

_BLUE, _VERMILION, _WALL = "#0173b2", "#d55e00", "0.72"  # Told apart by colour-blind readers.
_HISTOGRAM, _MAP = 1.7, 2.6  # Inches: how high they are.
_BARS = 30  # At most; few episodes get fewer.
_FEW = 20  # Whole numbers in a range up to this get a bar each.
_BINS_PER_CELL = 10
_ROUND = [1, 2, 5, 10]  # Steps of the tick marks.


def data_figure(dataset: Dataset, task: Task) -> Figure:
    """Histograms of the episodes' returns and lengths; in a maze also a map of the positions.

    Args:
        dataset: after relabelling.
        task: the task that it is for.
    """
    maze = maze_plan(task) if task.position_columns else None
    has_map = maze is not None
    rows: Any = [["returns", "lengths"], *[["map", "map"]] * has_map]
    heights = [_HISTOGRAM, *[_MAP] * has_map]
    with mpl.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.08)
        figure = Figure((WIDTHS[-1], sum(heights) + 0.25), layout=layout)
        panels = figure.subplot_mosaic(rows, height_ratios=heights)
        _histogram(dataset.episode_returns(), "return of an episode", panels["returns"])
        lengths = dataset.ends - dataset.starts
        _histogram(lengths, "length of an episode (steps)", panels["lengths"])
        if maze is not None:
            _map(dataset, task, maze, panels["map"])
        figure.suptitle(f"{task.name}: {len(dataset.ends):,} episodes, {len(dataset):,} steps")
    return figure


def _histogram(values: NDArray[Any], label: str, ax: Axes) -> None:
    """Counts of (episodes,) values, each whole number by itself where these are few."""
    low, high = float(values.min()), float(values.max())
    whole = high - low <= _FEW and bool(np.all(values == np.round(values)))
    if whole:
        bins: Any = np.arange(low - 0.5, high + 1)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=_ROUND))
    else:
        bins = min(_BARS, 2 * math.ceil(math.sqrt(len(values))))
    ax.hist(values, bins, color=_BLUE, rwidth=0.8 if whole else 1.0)
    if low == high:  # A single bar would fill the panel.
        ax.set(xlim=(low - 2.5, low + 2.5), xticks=[low])
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True, steps=_ROUND))
    ax.grid(axis="y", color="0.9", linewidth=0.6)
    ax.set(xlabel=label, ylabel="episodes")


def _map(dataset: Dataset, task: Task, maze: MazePlan, ax: Axes) -> None:
    """How often the recorded agent was where, on a plan of the maze."""
    draw_walls(task, ax)
    left, right, bottom, top = maze.extent
    x, y = (dataset.observations[:, column] for column in task.position_columns)
    rows, columns = _BINS_PER_CELL * np.array(maze.walls.shape)
    area = ((left, right), (bottom, top))
    counts, x_edges, y_edges = np.histogram2d(x, y, (columns, rows), area)
    density = ax.pcolormesh(
        x_edges,
        y_edges,
        np.ma.masked_equal(counts.T, 0),
        cmap="viridis_r",
        norm=LogNorm(1, max(2.0, counts.max())),
    )
    _color_bar(density, maze.side / _BINS_PER_CELL, ax)
    ax.set(xlabel="x (m)", ylabel="y (m)")


def draw_walls(task: Task, ax: Axes) -> None:
    """Draws the walls of a task's maze, and its goal if all episodes have the same.

    Args:
        task: whose maze it is; nothing is drawn where its walls are not known.
        ax: in which metres are drawn.
    """
    if (maze := maze_plan(task)) is None:
        return
    plan = ListedColormap(["white", _WALL])
    ax.set_facecolor(_WALL)  # Around the maze, where a panel shows more than it.
    ax.imshow(maze.walls, plan, extent=maze.extent, interpolation="nearest")
    goal = _goal_cell(task)
    if goal is not None:
        centre = np.array(cell_centre(task.env_kwargs["maze_map"], goal))
        _mark_goal(maze.side * centre, maze.side, ax)


def _color_bar(density: QuadMesh, bin_size: float, ax: Axes) -> None:
    bar = ax.figure.colorbar(density, ax=ax, format=StrMethodFormatter("{x:,.0f}"))
    bar.set_label(f"steps per {bin_size:g} m x {bin_size:g} m")
    bar.minorticks_off()


def _mark_goal(centre: NDArray[np.float64], side: float, ax: Axes) -> None:
    """Frames the goal's cell, and names it on the wall that is all around the maze."""
    x, y = centre
    frame = Rectangle((x - side / 2, y - side / 2), side, side, fill=False, label="goal")
    frame.set(edgecolor=_VERMILION, linewidth=1.5)
    ax.add_patch(frame)
    outwards = 1 if y > 0 else -1
    style: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold", "clip_on": True}
    ax.text(x, y + outwards * side, "goal", **style)


def _goal_cell(task: Task) -> GridCell | None:
    """The (row, column) of the one goal that all evaluations have; None where they differ."""
    if task.goal_cell is not None:
        return task.goal_cell
    cells = task.env_kwargs.get("maze_map", [[]])
    marked = np.argwhere([[cell == "g" for cell in row] for row in cells])
    return (int(marked[0, 0]), int(marked[0, 1])) if len(marked) == 1 else None
