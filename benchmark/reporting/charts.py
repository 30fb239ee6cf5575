"""Curves as numbers that a page draws by itself, so that each of their points can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.plots import NORMALISED_SCORE, Styles
from benchmark.statistics.reference_scales import DECIMALS
from benchmark.statistics.score_frames import in_order


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
        decimals: that its scores are printed with.
        lines: one or more, in the order of tables.
    """

    title: str
    decimals: int
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


def curve_chart(
    means: pd.DataFrame,
    styles: Styles,
    scores: str = NORMALISED_SCORE,
    decimals: Mapping[str, int] = MappingProxyType({}),
) -> Chart:
    """Learning curves of every agent, one panel per task.

    Args:
        means: from `curves.mean_curve_frame`, tasks called as they are to be shown.
        styles: from `plots.agent_styles`.
        scores: what they are, in words.
        decimals: task, as it is called there -> of its scores, if not `DECIMALS`.
    """
    columns = ["share", "score", "low", "high"]
    panels = []
    for task, rows in means.groupby("task", sort=False):
        by_agent, digits = dict(list(rows.groupby("agent"))), decimals.get(str(task), DECIMALS)
        lines = [
            ChartLine(
                display_name(agent),
                styles[agent][0],
                by_agent[agent].sort_values("share")[columns].round(digits + 1).to_numpy().tolist(),
            )
            for agent in in_order(by_agent, ROW_ORDER)
        ]
        panels.append(ChartPanel(str(task), digits, lines))
    return Chart("gradient steps (% of budget)", scores, panels)
