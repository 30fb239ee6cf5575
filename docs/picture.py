"""Draws the picture at the head of README.md: `python -m docs.picture`.

Left: a plan of MAGE as it grows from coarse to fine, from the report of the comparison. Right: the
leaderboard, interquartile means over all tasks with their 95 % intervals.
"""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.agents.builtin import display_name
from benchmark.plots.style import STYLE, agent_styles, figure_bytes
from benchmark.statistics.aggregates import ALL_TASKS, aggregate_frame, groups
from benchmark.statistics.uncertainty import FloatArray
from docs.parts_of_records import COMPARISON, RESULTS, frames

PICTURE = RESULTS.parent / "docs" / "images" / "front.png"
PLAN = RESULTS / COMPARISON / "report" / "plan-maze2d-large-mage.png"
_SIZE, _DOTS = (10.0, 3.9), 160  # Inches, and dots in each.


def leaderboard() -> pd.DataFrame:
    """The agents with their interquartile means over all tasks, best first."""
    plain = frames().without_variants()
    rows = aggregate_frame(groups(plain.runs, plain.scores))
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


def panels_of_plan(picture: FloatArray) -> list[FloatArray]:
    """The panels of a plan's picture, left to right, without titles and legend.

    Args:
        picture: (height, width, 3 or 4), with walls in grey and white paper around the panels.
    """
    colours = picture[:, :, :3]
    is_wall = (np.ptp(colours, axis=2) < 0.02) & (abs(colours.mean(2) - 0.72) < 0.06)
    walls = _runs(is_wall.mean(1) > 0.1)
    if not len(walls):
        return [picture]
    first, last = walls[0]
    spans = _runs(is_wall[first:last].any(0))
    return [picture[first:last, start:end] for start, end in spans if end - start > 50]


def _runs(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(runs, 2) where each run of true flags starts, and one past its end."""
    edges = np.diff(np.concatenate([[False], flags, [False]]).astype(int))
    return np.flatnonzero(edges).reshape(-1, 2)


def front_figure() -> Figure:
    """The whole picture."""
    panels = panels_of_plan(matplotlib.image.imread(PLAN))
    shown = panels if len(panels) <= 4 else [panels[i] for i in (0, 1, 2, len(panels) - 1)]
    with mpl.rc_context(STYLE):
        figure = Figure(_SIZE, layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(1.35, 1), wspace=0.04)
        for place, panel in enumerate(shown):
            ax = left.add_subplot(2, 2, place + 1)
            ax.imshow(panel)
            ax.axis("off")
            words = {0: "coarse: scale 1", len(shown) - 1: f"fine: scale {len(panels)}"}
            ax.set_title(words.get(place, f"scale {place + 1}"), size=11)
        left.suptitle("MAGE refines a plan scale by scale (orange: plan, blue: path)", size=12)
        draw_leaderboard(right.add_subplot(), leaderboard())
    return figure


def main() -> None:
    """Draws and writes it."""
    PICTURE.parent.mkdir(exist_ok=True)
    with mpl.rc_context({"savefig.dpi": _DOTS}):
        STYLE["savefig.dpi"] = _DOTS
        PICTURE.write_bytes(figure_bytes(front_figure(), "png"))
    print(PICTURE)


if __name__ == "__main__":
    main()
