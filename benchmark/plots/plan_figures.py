"""A plan as it grows, scale by scale, with what then happened."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmark.plots.dataset_figures import draw_walls
from benchmark.plots.style import STYLE
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment

_PLAN, _PATH = "#d55e00", "#0173b2"  # Told apart by colour-blind readers.
_PANEL = 1.9  # Inches.
_COLUMNS = 4
_JOINTS = 2
# To find a joint in the observations: steps compared, and by how much they may be off (the kitchen
# adds up to 0.001 rad).
_COMPARED = 10
_NOISE = 0.005


def plan_figure(trace: PlanTrace, task: Task) -> Figure:
    """The picture: a panel for each scale in a maze, one for each joint elsewhere."""
    with mpl.rc_context(STYLE):
        if task.position_columns:
            return _maze_figure(trace, task)
        return _joint_figure(trace, task)


def _maze_figure(trace: PlanTrace, task: Task) -> Figure:
    count = len(trace.scales)
    rows, columns = -(-count // _COLUMNS), min(count, _COLUMNS)
    cells = np.array(task.env_kwargs["maze_map"]).shape
    height = _PANEL * cells[0] / cells[1] + 0.25  # With the title.
    figure = Figure((_PANEL * columns, height * rows + 0.35), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for panel in panels[count:]:
        panel.set_axis_off()
    for scale, panel in enumerate(panels[:count]):
        draw_walls(task, panel)
        x, y = (trace.plan[scale][:, column] for column in task.position_columns)
        panel.plot(x, y, "o-", color=_PLAN, markersize=2.5, linewidth=1, label="plan")
        x, y = (trace.path[:, column] for column in task.position_columns)
        panel.plot(x, y, color=_PATH, linewidth=1.2, label="path taken")
        panel.plot(x[0], y[0], "o", color=_PATH, markersize=4)
        _mark_own_goal(trace, task, panel)
        panel.set(title=_title(trace, scale), xticks=[], yticks=[])
    _legend(figure, panels[0])
    return figure


def _mark_own_goal(trace: PlanTrace, task: Task, panel: Axes) -> None:
    """A cross where this episode's goal is, if the observation tells."""
    if task.goal_columns:
        x, y = (trace.path[0, column] for column in task.goal_columns)
        panel.plot(x, y, "x", color="black", markersize=5, label="goal")


def _joint_figure(trace: PlanTrace, task: Task) -> Figure:
    names, path = joint_names(task), trace.path[: trace.steps[-1] + 1]
    moves = np.array([np.ptp(path[:, column]) for column in names])
    chosen = [list(names)[place] for place in np.argsort(-moves)[:_JOINTS]]
    figure = Figure((2 * _PANEL * len(chosen), 2 * _PANEL), layout="constrained")
    panels = figure.subplots(1, len(chosen), squeeze=False)[0]
    shades = mpl.colormaps["Oranges"](np.linspace(0.35, 0.9, len(trace.scales)))
    for column, panel in zip(chosen, panels, strict=True):
        for scale, shade in enumerate(shades):
            label = f"plan, {_title(trace, scale)}"
            panel.plot(trace.steps, trace.plan[scale][:, column], color=shade, label=label)
        panel.plot(path[:, column], color=_PATH, linewidth=1.8, label="path taken")
        panel.set(title=f"joint {names[column]}", xlabel="environment steps from now")
    panels[0].set_ylabel("position (rad; m where a joint slides)")
    _legend(figure, panels[0])
    return figure


def joint_names(task: Task) -> dict[int, str]:
    """The columns of the observation that are positions of joints, and the joints' names.

    Found by comparing observations, which may be noisy, with the simulator's own state. A joint at
    rest beside others like it is left out.
    """
    env = make_environment(task)
    simulator: Any = env.unwrapped
    env.reset(seed=0)
    env.action_space.seed(0)
    observations, angles = [], []
    for _ in range(_COMPARED):
        observations.append(env.step(env.action_space.sample())[0])
        angles.append(simulator.data.qpos[simulator.model.jnt_qposadr].copy())
    difference_TOJ = np.abs(np.array(observations)[:, :, None] - np.array(angles)[:, None])
    names = {}
    for joint, difference_O in enumerate(difference_TOJ.max(0).T):
        nearest, second = np.argsort(difference_O)[:2]
        if difference_O[nearest] < min(_NOISE, 0.1 * difference_O[second]):
            names[int(nearest)] = simulator.model.joint(joint).name
    env.close()
    return names


def _title(trace: PlanTrace, scale: int) -> str:
    tokens = trace.scales[scale]
    return f"scale {scale + 1}: {tokens} token{'s' * (tokens > 1)}"


def _legend(figure: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
