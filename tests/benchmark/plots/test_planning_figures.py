"""What a planner scores beyond each yardstick, task by task."""

from __future__ import annotations

import math

import matplotlib as mpl
import pandas as pd

from benchmark import plots
from benchmark.plots.planning_figures import planning_figure, planning_gains
from benchmark.statistics.planning import ANOTHER, BEST, PLANLESS

ROWS = [
    # benchmark, task, yardstick, difference, low, high
    ("maze2d", "umaze (collected here)", BEST, 10.0, 5.0, 15.0),
    ("maze2d", "umaze (collected here)", ANOTHER, 60.0, 55.0, 65.0),
    ("maze2d", "large", BEST, -3.0, math.nan, math.nan),
    ("kitchen", "complete", BEST, 1.0, -1.0, 3.0),
]
GAINS = pd.DataFrame(ROWS, columns=["benchmark", "task", "yardstick", "difference", "low", "high"])


def test_a_mark_and_an_interval_for_each_yardstick_of_a_task() -> None:
    ax = planning_gains(GAINS[GAINS["benchmark"] == "maze2d"])
    band, mark, of_another, another, nothing, alone, zero = ax.lines
    (low, place), (high, _) = band.get_xydata()
    assert (low, high) == (5, 15) and mark.get_xydata().tolist() == [[10, place]]
    # Both stand around the row of their task, which is the first one.
    assert another.get_xydata().tolist() == [[60, -place]] and -0.3 < place < 0
    assert of_another.get_color() == another.get_color() != mark.get_color()
    # From one seed there is no interval.
    assert alone.get_xydata()[0][0] == -3 and all(map(math.isnan, nothing.get_xdata()))
    assert list(zero.get_xdata()) == [0, 0]
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["umaze (collected here)", "large"]


def test_a_panel_for_each_benchmark_and_a_legend_of_what_was_measured() -> None:
    figure = planning_figure(GAINS)
    assert [ax.get_title() for ax in figure.axes] == ["maze2d", "kitchen"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [BEST, ANOTHER]
    assert PLANLESS not in {BEST, ANOTHER}
    assert plots.figure_bytes(figure, "png").startswith(b"\x89PNG")


def test_no_name_is_drawn_over_another() -> None:
    titles = [f"ogbench-pointmaze-{size}-navigate (collected here)" for size in ("large", "giant")]
    gains = pd.concat([GAINS[:1].assign(task=title) for title in titles])
    figure = planning_figure(gains)
    with mpl.rc_context(plots.STYLE):
        figure.draw_without_rendering()
    first, second = figure.axes[0].get_yticklabels()
    assert first.get_window_extent().y0 > second.get_window_extent().y1
