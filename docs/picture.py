"""Draws the picture at the head of README.md: `python -m docs.picture RUN [SEED]`.

Left: a plan of the trained MAGE of a run in a maze, as it grows from coarse to fine, in the episode
of a seed (0). Right: the leaderboard, interquartile means over all tasks with 95 % intervals.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from benchmark.agents.builtin import display_name
from benchmark.agents.saved import load_agent, trained_task
from benchmark.evaluation.plan_trace_recorder import record_plan_trace
from benchmark.interface import PlanSketcher
from benchmark.plots.dataset_figures import draw_walls
from benchmark.plots.plan_figures import TAKEN, draw_maze_plan, scale_title, shown_scales
from benchmark.plots.style import STYLE, agent_styles, figure_bytes
from benchmark.records.plan_trace import PlanTrace
from benchmark.statistics.aggregates import ALL_TASKS
from benchmark.tasks import Task
from docs.parts_of_records import RESULTS, frames

PICTURE = RESULTS.parent / "docs" / "images" / "front.png"
_SIZE, _DOTS = (10.0, 3.9), 160  # Inches, and dots in each.


def leaderboard() -> pd.DataFrame:
    """The agents with their interquartile means over all tasks, best first."""
    rows = frames().plain.aggregates
    rows = rows[rows["group"] == ALL_TASKS]
    return rows.sort_values("iqm", ascending=False, ignore_index=True)


def draw_leaderboard(ax: Axes, rows: pd.DataFrame) -> None:
    """A bar for each agent, with its interval and its number."""
    styles = agent_styles(rows["agent"])
    errors = np.abs(rows[["iqm_low", "iqm_high"]].to_numpy().T - rows["iqm"].to_numpy())
    ax.barh(
        rows.index,
        rows["iqm"],
        xerr=errors,
        color=[styles[agent][0] for agent in rows["agent"]],
        height=0.65,
        error_kw={"elinewidth": 1.2, "ecolor": "0.25", "capsize": 2.5},
    )
    end = float(rows["iqm_high"].max())
    for place, (value, high) in enumerate(zip(rows["iqm"], rows["iqm_high"], strict=True)):
        ax.text(max(high, 0) + 0.03 * end, place, f"{value:.0f}", va="center", size=11)
    ax.set_yticks(rows.index, [display_name(agent) for agent in rows["agent"]], size=11)
    ax.set(xlim=(min(0, 1.1 * float(rows["iqm_low"].min())), 1.18 * end))
    ax.invert_yaxis()
    ax.tick_params(left=False, labelsize=11)
    ax.tick_params(axis="x", labelsize=9)
    tasks, preset = int(rows["tasks"].max()), frames().runs["preset"].iloc[0]
    ax.set_title(f"Interquartile mean, {tasks} tasks, {preset}", size=12, loc="left", pad=10)


def plan_figures(figure: SubFigure, trace: PlanTrace, task: Task) -> None:
    """The plan of the first step after each of at most four scales; the path, if there is room."""
    scales = shown_scales(trace)
    panels = [figure.add_subplot(2, 2, place + 1) for place in range(min(len(scales) + 1, 4))]
    for scale, ax in zip(scales, panels, strict=False):
        draw_maze_plan(trace, task, 0, scale, ax)
        ax.set_title(scale_title(trace, scale), size=11)
    if len(panels) > len(scales):
        draw_walls(task, panels[-1])
        panels[-1].plot(*trace.path[:, list(task.position_columns)].T, **TAKEN)
        panels[-1].set_title("the whole path", size=11)
    for ax in panels:
        ax.axis("off")
    figure.suptitle("MAGE refines a plan scale by scale (orange: plan, blue: path)", size=12)


def front_figure(trace: PlanTrace, task: Task) -> Figure:
    """The whole picture.

    Args:
        trace: an episode of MAGE in a maze.
        task: that it was played on.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(_SIZE, layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(1.35, 1), wspace=0.04)
        plan_figures(left, trace, task)
        draw_leaderboard(right.add_subplot(), leaderboard())
    return figure


def main(run: Path, seed: int = 0) -> None:
    """Plays an episode with the trained agent of a run, draws and writes."""
    task = trained_task(run)
    agent = load_agent(run)
    if not isinstance(agent, PlanSketcher) or not task.position_columns:
        raise SystemExit(f"{run} is no run of MAGE in a maze")
    figure = front_figure(record_plan_trace(agent, task, seed), task)
    PICTURE.parent.mkdir(exist_ok=True)
    with mpl.rc_context({"savefig.dpi": _DOTS}):
        STYLE["savefig.dpi"] = _DOTS
        PICTURE.write_bytes(figure_bytes(figure, "png"))
    print(PICTURE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
