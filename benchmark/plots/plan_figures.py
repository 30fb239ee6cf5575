"""Plans as they grow, scale by scale, at several moments of an episode, with what then happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.plots.dataset_figures import draw_walls
from benchmark.plots.robot_columns import RobotColumn, robot_columns
from benchmark.plots.style import STYLE, WIDTHS
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import Task
from benchmark.tasks.maze_plans import maze_plan

# Told apart by colour-blind readers.
PLAN: dict[str, Any] = {"color": "#d55e00", "marker": "o", "markersize": 2, "linewidth": 1}
PAST: dict[str, Any] = {"color": "#7f8c99", "linewidth": 1.2, "label": "path so far"}
HERE: dict[str, Any] = {"color": "#0173b2", "marker": "o", "markersize": 5, "linestyle": "none"}
HERE |= {"label": "agent"}
START: dict[str, Any] = {"color": "black", "marker": "s", "markersize": 4, "linestyle": "none"}
START |= {"fillstyle": "none", "label": "start"}
TAKEN: dict[str, Any] = {"color": "#0173b2", "linewidth": 1.2, "label": "path then taken"}
_PANEL = 1.6  # Inches, at most.
_WHOLE = 2.0  # Times as high the picture of the whole maze is.
_MOST_SCALES = 4
_MOMENTS = 3
_MARGIN = 0.75  # Cells of a maze around what is drawn.
_PARTS = 2

Box = tuple[float, float, float, float]
"""Left, right, bottom and top of a part of a maze."""


def plan_figure(trace: PlanTrace, task: Task, steps: Sequence[int] = ()) -> Figure:
    """The picture: in a maze a row for each moment, elsewhere a column.

    Args:
        trace: an episode of an agent that plans.
        task: that it was played on.
        steps: of the moments to draw, each in the episode; three of `moments` if there are none. A
            plan that is kept by then is drawn at the moment at which it was made.
    """
    steps = steps or moments(trace, task, _MOMENTS)
    steps = list(dict.fromkeys(map(trace.made_at, steps)))
    with mpl.rc_context(STYLE):
        if task.position_columns:
            return _maze_figure(trace, task, steps)
        return _joint_figure(trace, task, steps)


def moments(trace: PlanTrace, task: Task, count: int) -> list[int]:
    """At most `count` steps at which plans were made, spread evenly over the episode.

    In a maze they are spread over the way to the goal.
    """
    end = trace.under_way() if task.position_columns else len(trace.plans)
    steps = np.linspace(0, end, count, endpoint=False).astype(int).tolist()
    return list(dict.fromkeys(map(trace.made_at, steps)))


def shown_scales(trace: PlanTrace) -> list[int]:
    """The scales that there is room for, from 0: the first, the last, and some between."""
    last = len(trace.scales) - 1
    return [int(scale) for scale in np.unique(np.linspace(0, last, _MOST_SCALES).round())]


def scale_title(trace: PlanTrace, scale: int) -> str:
    """What a scale is called, and how many tokens it has."""
    tokens = trace.scales[scale]
    return f"scale {scale + 1}: {tokens} token{'s' * (tokens > 1)}"


def maze_box(points: NDArray[np.float32], task: Task) -> Box:
    """What to show of a maze.

    Args:
        points: (n, 2) places that are to be seen, as far as they are inside the maze.
        task: whose maze it is.
    """
    maze = maze_plan(task)
    margin = _MARGIN * (maze.side if maze else 1.0)
    (left, bottom), (right, top) = points.min(0) - margin, points.max(0) + margin
    if maze is not None:
        ends = maze.extent
        left, right = max(left, ends[0]), min(right, ends[1])
        bottom, top = max(bottom, ends[2]), min(top, ends[3])
    return float(left), float(right), float(bottom), float(top)


def mark_own_goal(trace: PlanTrace, task: Task, ax: Axes) -> None:
    """A cross where this episode's goal is, if the observation tells."""
    if task.goal_columns:
        x, y = (trace.path[0, column] for column in task.goal_columns)
        ax.plot(x, y, "x", color="black", markersize=5, label="goal")


def legend_below(figure: Figure, *axes: Axes, columns: int = 3) -> None:
    """One legend for all panels, of what these show; so many entries stand side by side."""
    distinct: dict[str, Any] = {}
    for ax in axes:
        handles, labels = ax.get_legend_handles_labels()
        distinct |= dict(zip(labels, handles, strict=True))
    figure.legend(
        distinct.values(), distinct, loc="outside lower center", ncols=columns, frameon=False
    )


def _maze_figure(trace: PlanTrace, task: Task, steps: Sequence[int]) -> Figure:
    scales, columns = shown_scales(trace), list(task.position_columns)
    boxes = [
        maze_box(np.concatenate([*trace.plans[step][scales], trace.ahead(step)])[:, columns], task)
        for step in steps
    ]
    # All panels are squares of one size, so that lengths compare.
    size = max(max(right - left, top - bottom) for left, right, bottom, top in boxes)
    panel = min(_PANEL, WIDTHS[-1] / len(scales))
    extent = _larger_extent(task, size)
    heights = [1.0] * len(steps) + ([_WHOLE] if extent else [])
    figure = Figure((WIDTHS[-1], panel * sum(heights) + 0.8), layout="constrained")
    places = figure.add_gridspec(len(heights), len(scales), height_ratios=heights)
    shape = len(steps), len(scales)
    grid = np.array([figure.add_subplot(places[at]) for at in np.ndindex(shape)]).reshape(shape)
    for step, box, row in zip(steps, boxes, grid, strict=True):
        for scale, ax in zip(scales, row, strict=True):
            draw_maze_plan(trace, task, step, scale, ax)
            ax.set(xlim=_around(box[:2], size), ylim=_around(box[2:], size), xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            _name_only_what_is_seen(ax)
        row[0].set_ylabel(f"step {step}")
    for scale, ax in zip(scales, grid[0], strict=True):
        ax.set_title(scale_title(trace, scale).replace(": ", "\n"))
    if extent:
        whole = figure.add_subplot(places[-1, :])
        _draw_whole_episode(trace, task, steps, whole, extent)
    legend_below(figure, *figure.axes)
    return figure


def _larger_extent(task: Task, size: float) -> Box | None:
    """The ends of a maze that panels of a size show a part of; None where they show all."""
    maze = maze_plan(task)
    if maze is None:
        return None
    left, right, bottom, top = maze.extent
    return maze.extent if size < max(right - left, top - bottom) else None


def _draw_whole_episode(
    trace: PlanTrace, task: Task, steps: Sequence[int], ax: Axes, extent: Box
) -> None:
    """The whole maze: the path of the episode, and plans of some steps after their last scale."""
    draw_walls(task, ax)
    columns = list(task.position_columns)
    ax.plot(*trace.path[:, columns].T, **TAKEN)
    ax.plot(*trace.path[0, columns], **START)
    for step in steps:
        ax.plot(*trace.plans[step, -1][:, columns].T, **PLAN, label="plan")
        ax.plot(*trace.path[step, columns], **HERE)
    mark_own_goal(trace, task, ax)
    ax.set(title="the whole episode, and these plans", xticks=[], yticks=[], aspect="equal")
    ax.set(xlim=extent[:2], ylim=extent[2:])
    ax.spines[:].set_visible(False)
    _name_only_what_is_seen(ax)


def _name_only_what_is_seen(ax: Axes) -> None:
    """Leaves out of the legend what lies beyond the panel."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for line in ax.lines:
        x, y = np.asarray(line.get_xydata()).T
        if not np.any((x >= left) & (x <= right) & (y >= bottom) & (y <= top)):
            line.set_label("")


def _around(ends: tuple[float, float], size: float) -> tuple[float, float]:
    middle = sum(ends) / 2
    return middle - size / 2, middle + size / 2


def draw_maze_plan(trace: PlanTrace, task: Task, step: int, scale: int, ax: Axes) -> None:
    """One panel: a plan after one of its scales over the walls, and the path before and after it.

    Args:
        trace: an episode in a maze.
        task: that it was played on.
        step: of the plan.
        scale: the last that counts, from 0.
        ax: to draw on.
    """
    draw_walls(task, ax)
    columns = list(task.position_columns)
    ax.plot(*trace.path[0, columns], **START)
    ax.plot(*trace.path[: step + 1, columns].T, **PAST)
    ax.plot(*trace.ahead(step)[:, columns].T, **TAKEN)
    ax.plot(*trace.plans[step, scale][:, columns].T, **PLAN, label="plan")
    ax.plot(*trace.path[step, columns], **HERE)
    mark_own_goal(trace, task, ax)


def _joint_figure(trace: PlanTrace, task: Task, steps: Sequence[int]) -> Figure:
    trace, columns = parts_that_move(trace, task, steps)
    scales = shown_scales(trace)
    panel = min(_PANEL, WIDTHS[-1] / len(steps))
    figure = Figure((WIDTHS[-1], panel * len(columns) + 0.8), layout="constrained")
    grid = figure.subplots(len(columns), len(steps), squeeze=False, sharex="col", sharey="row")
    shades = mpl.colormaps["Oranges"](np.linspace(0.35, 0.9, len(scales)))
    for (at, column), row in zip(columns.items(), grid, strict=True):
        for step, ax in zip(steps, row, strict=True):
            for scale, shade in zip(scales, shades, strict=True):
                plan = PLAN | {"color": shade, "label": f"plan, {scale_title(trace, scale)}"}
                ax.plot(step + trace.steps, trace.plans[step, scale][:, at], **plan)
            ahead = trace.ahead(step)[:, at]
            ax.plot(step + np.arange(len(ahead)), ahead, **TAKEN)
        row[0].set_ylabel(column.name)
    for step, top, bottom in zip(steps, grid[0], grid[-1], strict=True):
        top.set_title(f"step {step}")
        bottom.set_xlabel("environment step")
    figure.supylabel(position_label(columns), size=STYLE["axes.labelsize"])
    legend_below(figure, grid[0, 0], columns=2)
    return figure


def parts_that_move(
    trace: PlanTrace, task: Task, steps: Sequence[int]
) -> tuple[PlanTrace, dict[int, RobotColumn]]:
    """The two parts of a robot, or things, that move most while plans are followed.

    Where parts have several axes, only the one along which anything moves most.

    Args:
        trace: the episode.
        task: that it was played on.
        steps: of the plans.

    Returns:
        The episode with their positions in place of numbers of the observation, and their columns.

    Raises:
        UserError: if nothing is known of what the columns of the observation are.
    """
    columns = robot_columns(task)
    if not columns:
        raise UserError(
            f"nothing of a plan for {task.name} can be drawn: no column of its observation follows "
            "a joint or a place that its environment names; valid: a task that says its "
            "position_columns, or whose robot MuJoCo simulates"
        )
    path, plans = trace.path.copy(), trace.plans.copy()
    for at, column in columns.items():
        path[:, at], plans[..., at] = map(column.positions, (path[:, at], plans[..., at]))
    trace = replace(trace, path=path, plans=plans)
    seen = np.concatenate([trace.ahead(step) for step in steps])
    by_movement = sorted(columns, key=lambda at: -np.ptp(seen[:, at]))
    parts = list(dict.fromkeys(columns[at].part for at in by_movement))[:_PARTS]
    # All along the axis of the largest movement, so that one sees what meets what.
    axis = columns[by_movement[0]].axis if by_movement else ""
    shown = [at for at in by_movement if columns[at].part in parts and columns[at].axis == axis]
    return trace, {at: columns[at] for at in shown}


def position_label(columns: Mapping[int, RobotColumn]) -> str:
    """What an axis of such positions is called."""
    units = dict.fromkeys(column.unit for column in columns.values())
    return f"position ({', '.join(units)})"
