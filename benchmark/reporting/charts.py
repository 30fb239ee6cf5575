"""Curves as numbers that a page draws by itself, so that each of their points can be read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.plots import NORMALISED_SCORE, Styles
from benchmark.statistics.score_frames import in_order

_DIGITS = 2


@dataclass(frozen=True)
class ChartLine:
    """One agent in one panel.

    Attributes:
        name: what the agent is called.
        color: as in the picture.
        points: each `[share of the budget (percent), mean score, lowest seed, highest seed]`, in
            order of the share.
    """

    name: str
    color: str
    points: list[list[float]]


@dataclass(frozen=True)
class ChartPanel:
    """One task.

    Attributes:
        title: the task.
        lines: one or more, in the order of tables.
    """

    title: str
    lines: list[ChartLine]


@dataclass(frozen=True)
class Chart:
    """Panels that share their axes' names.

    Attributes:
        x: what is across.
        y: what is upwards.
        panels: in order.
    """

    x: str
    y: str
    panels: list[ChartPanel]


def curve_chart(means: pd.DataFrame, styles: Styles, scores: str = NORMALISED_SCORE) -> Chart:
    """Learning curves of every agent, one panel per task.

    Args:
        means: from `curves.mean_curve_frame`, tasks called as they are to be shown.
        styles: from `plots.agent_styles`.
        scores: what they are, in words.
    """
    columns = ["share", "score", "low", "high"]
    panels = []
    for task, rows in means.groupby("task", sort=False):
        by_agent = dict(list(rows.groupby("agent")))
        lines = [
            ChartLine(
                display_name(agent),
                styles[agent][0],
                by_agent[agent].sort_values("share")[columns].round(_DIGITS).to_numpy().tolist(),
            )
            for agent in in_order(by_agent, ROW_ORDER)
        ]
        panels.append(ChartPanel(str(task), lines))
    return Chart("gradient steps (% of budget)", scores, panels)
