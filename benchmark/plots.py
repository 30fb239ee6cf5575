"""Aggregates -> pictures: score bars and learning curves, one panel per task.

Every drawing function takes numbers and, if wanted, the axes to draw on, and returns the axes.
No figure goes through pyplot, so that no display is needed and nothing global is changed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmark.statistics import AGENT_NAMES, SCORED, display_name, in_order

# Seaborn's palette for colour-blind readers, then black and two dark tones of Paul Tol's muted one.
# The first belong to the agents of AGENT_NAMES, in that order; the one hardest to see on white
# comes last. Markers tell apart what colours leave alike.
_COLORS = (
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#949494"),
    *("#56b4e9", "#ca9161", "#332288", "#882255", "#000000", "#ece133"),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "p")

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 7,
    "axes.titlesize": 8,
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.parse_math": False,  # a dollar sign in an agent's name is a dollar sign
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}
_LINE: dict[str, Any] = {"linewidth": 1.2, "markersize": 4, "markeredgewidth": 0.3}
# Widths in inches of figures with one, two and three panels side by side: one column of a
# two-column paper, and up to the full page.
_WIDTHS = (3.4, 5.2, 7.0)

Draw = Callable[[str, Axes], object]


def agent_styles(agents: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of every agent; those in `AGENT_NAMES` always have the same ones.

    Others follow in the order of their names; beyond twelve agents colours repeat, but no pair of
    colour and marker does before the 132nd.
    """
    others = [name for name in in_order(agents, AGENT_NAMES) if name not in AGENT_NAMES]
    return {
        name: (_COLORS[index % len(_COLORS)], _MARKERS[index % len(_MARKERS)])
        for index, name in enumerate([*AGENT_NAMES, *others])
    }


def score_bars(
    scores: pd.DataFrame,
    runs: pd.DataFrame,
    styles: Mapping[str, tuple[str, str]],
    ax: Axes | None = None,
) -> Axes:
    """One bar per agent for one task: mean, standard error, and a point for every seed.

    Args:
        scores: rows of one task from `statistics.score_frame`; one without a mean shows its
            status in words.
        runs: rows of the task from `statistics.run_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    agents = list(scores["agent"])
    colors = {agent: styles[agent][0] for agent in agents}
    y: dict[str, Any] = {"y": "agent", "order": agents, "ax": ax, "legend": False}
    sns.barplot(
        scores, x="mean", hue="agent", palette=colors, errorbar=None, saturation=1, width=0.7, **y
    )
    seeds = {"color": "white", "edgecolor": "0.1", "linewidth": 0.5, "size": 2.8, "jitter": False}
    sns.stripplot(runs.dropna(subset="score"), x="score", zorder=4, **seeds, **y)
    ax.errorbar(
        scores["mean"],
        range(len(agents)),
        xerr=scores["standard_error"],
        fmt="none",
        ecolor="0.1",
        elinewidth=0.8,
        capsize=2,
        zorder=3,
    )
    for row, status in enumerate(scores["status"]):
        if status != SCORED:
            ax.annotate(
                status,
                (0, row),
                (2, 0),
                textcoords="offset points",
                va="center_baseline",
                color="0.35",
            )
    ax.axvline(0, color="0.1", linewidth=0.6)
    ax.set_yticks(range(len(agents)), [display_name(agent) for agent in agents])
    ax.grid(axis="x", color="0.9", linewidth=0.6)
    ax.set(xlabel="normalised score", ylabel="", ylim=(len(agents) - 0.4, -0.6))
    return ax


def learning_curves(
    curves: pd.DataFrame,
    means: pd.DataFrame,
    styles: Mapping[str, tuple[str, str]],
    ax: Axes | None = None,
) -> Axes:
    """Score against share of the budget for one task: thick for the mean, thin for each seed.

    Args:
        curves: rows of one task from `statistics.curve_frame`.
        means: rows of the task from `statistics.mean_curve_frame`.
        styles: from `agent_styles`.
        ax: axes to draw on; of a new figure if not given.
    """
    ax = Figure().subplots() if ax is None else ax
    agents = in_order(curves["agent"], AGENT_NAMES)
    lines: dict[str, Any] = {"x": "share", "y": "score", "hue": "agent", "hue_order": agents}
    lines |= {"palette": {agent: styles[agent][0] for agent in agents}, "legend": False, "ax": ax}
    sns.lineplot(curves, units="seed", estimator=None, linewidth=0.5, alpha=0.4, **lines)
    marks = {"style": "agent", "markers": {agent: styles[agent][1] for agent in agents}}
    if len(means):
        sns.lineplot(means, **marks, dashes=False, **_LINE, **lines)
    ax.grid(color="0.9", linewidth=0.6)
    ax.set(xlabel="gradient steps (% of budget)", ylabel="normalised score", xlim=(0, 103))
    return ax


def score_figure(
    scores: pd.DataFrame, runs: pd.DataFrame, styles: Mapping[str, tuple[str, str]]
) -> Figure:
    """Score bars of one benchmark, one panel per task on one scale.

    Args:
        scores: rows of one benchmark's tasks from `statistics.score_frame`, without averages.
        runs: its rows from `statistics.run_frame`.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        score_bars(scores[scores["task"] == task], runs[runs["task"] == task], styles, ax)

    height = 0.55 + 0.17 * scores["agent"].nunique()
    figure = _panels(list(scores["task"].unique()), draw, height)
    edges = [edge for ax in figure.axes for edge in ax.get_xlim()]
    for index, ax in enumerate(figure.axes):
        ax.set_xlim(min(edges), max(edges))
        if index % _columns(len(figure.axes)):
            ax.tick_params(axis="y", labelleft=False)
    return figure


def curve_figure(
    curves: pd.DataFrame, means: pd.DataFrame, styles: Mapping[str, tuple[str, str]]
) -> Figure:
    """Learning curves of one benchmark, one panel per task, one legend for all of them.

    Args:
        curves: rows of one benchmark from `statistics.curve_frame`.
        means: its rows from `statistics.mean_curve_frame`.
        styles: from `agent_styles`.
    """

    def draw(task: str, ax: Axes) -> None:
        learning_curves(curves[curves["task"] == task], means[means["task"] == task], styles, ax)

    legend = [
        Line2D([], [], **_LINE, color=color, marker=marker, label=display_name(agent))
        for agent in in_order(curves["agent"], AGENT_NAMES)
        for color, marker in [styles[agent]]
    ]
    return _panels(list(curves["task"].unique()), draw, height=1.6, legend=legend)


def _columns(panels: int) -> int:
    return min(panels, len(_WIDTHS))


def _panels(tasks: list[str], draw: Draw, height: float, legend: Sequence[Line2D] = ()) -> Figure:
    """A grid with one panel per task, read row by row; `height` is that of a row in inches."""
    columns = _columns(len(tasks))
    rows, width = math.ceil(len(tasks) / columns), _WIDTHS[columns - 1]
    longest = max((len(str(line.get_label())) for line in legend), default=0)
    entries = max(1, int(width / (0.42 + 0.058 * longest)))  # side by side, at the legend's size
    lines = math.ceil(len(legend) / entries)
    with mpl.rc_context(STYLE):
        figure = Figure((width, 0.2 + height * rows + 0.16 * lines), layout="constrained")
        for index, task in enumerate(tasks):
            ax = figure.add_subplot(rows, columns, index + 1)
            draw(task, ax)
            labels = ax.get_xlabel(), ax.get_ylabel()
            ax.set(title=task, xlabel="", ylabel="")
        figure.supxlabel(labels[0], size=STYLE["axes.labelsize"])
        figure.supylabel(labels[1], size=STYLE["axes.labelsize"])
        if legend:
            figure.legend(
                handles=legend,
                loc="outside upper center",
                ncols=math.ceil(len(legend) / lines),
                frameon=False,
            )
    return figure


def figure_bytes(figure: Figure, extension: str) -> bytes:
    """The figure as the content of a `png` or `pdf` file."""
    # Dates and version numbers would make every rebuilt file differ from the last.
    dates = {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format=extension, metadata=dates[extension])
    return buffer.getvalue()
