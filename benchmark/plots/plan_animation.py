"""An episode in motion: the plan grows scale by scale, the agent goes on, and plans anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.animation import PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.plots.dataset_figures import draw_walls
from benchmark.plots.plan_figures import (
    HERE,
    PAST,
    PLAN,
    START,
    legend_below,
    mark_own_goal,
    maze_box,
    moments,
    parts_that_move,
    plan_figure,
    position_label,
    scale_title,
    shown_scales,
)
from benchmark.plots.style import STYLE, figure_bytes
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import Task

_PER_SECOND, _DOTS_PER_INCH = 5, 110  # Frames, and pixels.
_MOMENTS = 10
_ON_THE_WAY = 2  # Frames between two of them, in which the agent follows its plan.
_WIDTH, _HEIGHT = 3.4, 2.6  # Inches; a maze is as high as its shape asks for.

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """One frame of the animation.

    Attributes:
        now: the step that the agent is at.
        planned: the step that the plan in sight was made at.
        scale: up to which the plan has grown, from 0.
    """

    now: int
    planned: int
    scale: int


def plan_picture(
    trace: PlanTrace, task: Task, ending: str, steps: Sequence[int] | None = None
) -> bytes:
    """The content of a file with a picture of plans.

    Args:
        trace: an episode of an agent that plans.
        task: that it was played on.
        ending: of the file: `png` and `pdf` stand still, `gif` moves.
        steps: of the moments that a still picture shows; see `plan_figure`.
    """
    if ending == "gif":
        return plan_animation(trace, task)
    return figure_bytes(plan_figure(trace, task, steps or ()), ending)


def plan_animation(trace: PlanTrace, task: Task) -> bytes:
    """The content of a GIF, which repeats for ever.

    Args:
        trace: an episode of an agent that plans.
        task: that it was played on.
    """
    steps = moments(trace, task, _MOMENTS)
    with mpl.rc_context(STYLE), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gif"
        figure, views = (
            _maze(trace, task, steps) if task.position_columns else _joints(trace, task, steps)
        )
        shown = list(frames(trace, task, steps))
        _show(shown[0], trace, views)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # Nothing moves but what is meant to.
        writer = PillowWriter(fps=_PER_SECOND)
        with writer.saving(figure, path, _DOTS_PER_INCH):
            for frame in shown:
                _show(frame, trace, views)
                writer.grab_frame()
        return path.read_bytes()


def frames(trace: PlanTrace, task: Task, steps: list[int]) -> Iterator[Frame]:
    """At each of some steps the plan grows; on the way to the next it stays in sight."""
    scales = shown_scales(trace)
    end = trace.under_way() if task.position_columns else len(trace.plans)
    for step, following in pairwise([*steps, max(end, steps[-1])]):
        yield from (Frame(step, step, scale) for scale in scales)
        way = np.linspace(step, following, _ON_THE_WAY + 2)[1:-1]
        yield from (Frame(int(now), step, scales[-1]) for now in way)
    yield Frame(following, step, scales[-1])


class PlanView:
    """Axes in which a plan and a path move: over a maze, or over time.

    Args:
        ax: axes to draw on.
        trace: what moves.
        across: column of the observation to the right; None for the time.
        up: column of the observation that goes up.
    """

    def __init__(self, ax: Axes, trace: PlanTrace, across: int | None, up: int) -> None:
        self.ax = ax
        self._trace, self._across, self._up = trace, across, up
        (self._past,) = ax.plot([], [], **PAST)
        (self._plan,) = ax.plot([], [], **PLAN, label="plan")
        (self._here,) = ax.plot([], [], **HERE)

    def show(self, frame: Frame) -> None:
        """Moves everything to where it is at a frame."""
        trace, path = self._trace, self.path()
        self._past.set_data(*path[: frame.now + 1].T)
        self._here.set_data(*path[frame.now : frame.now + 1].T)
        plan, times = trace.plans[frame.planned, frame.scale], frame.planned + trace.steps
        across = times if self._across is None else plan[:, self._across]
        self._plan.set_data(across, plan[:, self._up])

    def path(self) -> Points:
        """(T + 1, 2) places of the whole episode."""
        path = self._trace.path
        across = np.arange(len(path)) if self._across is None else path[:, self._across]
        return np.stack([across, path[:, self._up]], axis=1)


def _show(frame: Frame, trace: PlanTrace, views: list[PlanView]) -> None:
    for view in views:
        view.show(frame)
    grown = scale_title(trace, frame.scale)
    views[0].ax.set_title(f"step {frame.now}, plan at {grown}")


def _maze(trace: PlanTrace, task: Task, steps: list[int]) -> tuple[Figure, list[PlanView]]:
    columns = list(task.position_columns)
    plans = np.concatenate(list(trace.plans[steps, -1]))[:, columns]
    way = trace.path[: trace.under_way() + 1, columns]
    left, right, bottom, top = maze_box(np.concatenate([plans, way]), task)
    height = _WIDTH * (top - bottom) / (right - left) + 0.7
    figure = Figure((_WIDTH, height), layout="constrained")
    ax = figure.subplots()
    draw_walls(task, ax)
    ax.plot(*trace.path[0, columns], **START)
    view = PlanView(ax, trace, *columns)
    mark_own_goal(trace, task, ax)
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    legend_below(figure, ax)
    return figure, [view]


def _joints(trace: PlanTrace, task: Task, steps: list[int]) -> tuple[Figure, list[PlanView]]:
    trace, columns = parts_that_move(trace, task, steps)
    figure = Figure((_WIDTH, _HEIGHT), layout="constrained")
    grid = figure.subplots(len(columns), 1, squeeze=False, sharex=True)[:, 0]
    for (at, column), ax in zip(columns.items(), grid, strict=True):
        seen = np.concatenate([trace.path[:, at], trace.plans[steps, -1, :, at].ravel()])
        margin = 0.05 * max(float(np.ptp(seen)), 1e-3)
        ax.set(ylabel=column.name, ylim=(seen.min() - margin, seen.max() + margin))
        ax.set_xlim(0, steps[-1] + trace.steps[-1])
    grid[-1].set_xlabel("environment step")
    figure.supylabel(position_label(columns), size=STYLE["axes.labelsize"])
    views = [PlanView(ax, trace, None, at) for at, ax in zip(columns, grid, strict=True)]
    legend_below(figure, grid[0])
    return figure, views
