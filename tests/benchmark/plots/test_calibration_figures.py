"""A curve for each agent, beside what would be exactly as asked."""

from __future__ import annotations

import pandas as pd

from benchmark import plots
from benchmark.plots.calibration_figures import asked_and_reached, asking_figure

ROWS = [
    # task, agent, seed, level, asked, reached
    ("a", "mage", 0, 0.0, 10.0, 12.0),
    ("a", "mage", 1, 0.0, 10.0, 14.0),
    ("a", "mage", 0, 1.0, 20.0, 18.0),
    ("a", "mage", 1, 1.0, 22.0, 18.0),
    ("a", "dt", 0, 1.0, 5.0, 40.0),
    ("b", "dt", 0, 1.0, 7.0, 8.0),
]
ASKED = pd.DataFrame(ROWS, columns=["task", "agent", "seed", "level", "asked", "reached"])
STYLES = plots.agent_styles(["mage", "dt"])


def test_points_are_means_over_seeds_by_level() -> None:
    ax = asked_and_reached(ASKED[ASKED["task"] == "a"], STYLES)
    dt, mage, diagonal = ax.lines
    assert mage.get_xydata().tolist() == [[10, 13], [21, 18]]
    assert mage.get_color() == STYLES["mage"][0]
    assert dt.get_xydata().tolist() == [[5, 40]]
    assert diagonal.get_xydata().tolist() == [[5, 5], [22, 22]]


def test_a_panel_for_each_task_and_one_legend() -> None:
    figure = asking_figure(ASKED, STYLES)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["MAGE", "DT"]
    assert plots.figure_bytes(figure, "png").startswith(b"\x89PNG")
