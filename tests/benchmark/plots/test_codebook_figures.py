from __future__ import annotations

import pandas as pd
import pytest

from benchmark.plots import codebook_figure
from benchmark.plots.codebook_figures import codebook_use


@pytest.fixture
def codebook() -> pd.DataFrame:
    rows = [
        ("maze2d", task, "mage", share, scale, 10.0 * scale + share, 5.0)
        for task in ("maze2d-umaze", "maze2d-medium")
        for share in (2.0, 4.0)
        for scale in (1, 2, 3)
    ]
    columns = ["benchmark", "task", "agent", "share", "scale", "use", "perplexity"]
    return pd.DataFrame(rows, columns=columns)


def test_every_scale_has_a_line_of_its_own(codebook: pd.DataFrame) -> None:
    ax = codebook_use(codebook[codebook["task"] == "maze2d-umaze"])
    assert [list(line.get_xdata()) for line in ax.lines] == [[2.0, 4.0]] * 3
    used = [[12.0, 14.0], [22.0, 24.0], [32.0, 34.0]]
    assert [list(line.get_ydata()) for line in ax.lines] == used
    assert ax.get_ylim() == (0, 103) and ax.get_xlim()[0] == 0
    assert len({line.get_color() for line in map(_plain, ax.lines)}) == 3


def _plain(line):
    line.set_color(tuple(line.get_color()))
    return line


def test_the_figure_has_a_panel_per_task_and_one_legend(codebook: pd.DataFrame) -> None:
    figure = codebook_figure(codebook)
    assert [ax.get_title() for ax in figure.axes] == ["maze2d-umaze", "maze2d-medium"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["scale 1", "scale 2", "scale 3"]
