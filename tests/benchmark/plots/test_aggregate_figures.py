from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from benchmark import plots
from benchmark.plots.aggregate_figures import intervals, latency_scatter, profiles

AGENTS = ("mage", "bc", "dt")
STYLES = plots.agent_styles(AGENTS)


@pytest.fixture
def aggregates() -> pd.DataFrame:
    rows = [
        (group, agent, 10.0 * n, 10.0 * n - 2, 10.0 * n + 3, np.nan if agent == "mage" else 0.8)
        for group in ("maze2d", "all tasks")
        for n, agent in enumerate(AGENTS)
    ]
    columns = ["group", "agent", "iqm", "iqm_low", "iqm_high", "improvement"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(improvement_low=0.7, improvement_high=0.9, milliseconds=[1, 10, 100] * 2)


@pytest.fixture
def shares() -> pd.DataFrame:
    rows = [
        ("maze2d", agent, threshold, 100 - threshold, 90 - threshold, 110 - threshold)
        for agent in AGENTS
        for threshold in np.linspace(0, 100, 11)
    ]
    return pd.DataFrame(rows, columns=["group", "agent", "threshold", "share", "low", "high"])


def test_an_estimate_is_a_mark_and_its_interval_a_band(aggregates: pd.DataFrame) -> None:
    ax = intervals(aggregates[aggregates["group"] == "maze2d"], "iqm", STYLES)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MAGE", "BC", "DT"]
    assert [line.get_xdata()[0] for line in ax.lines] == [0.0, 10.0, 20.0]
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(-2, 5), (8, 5), (18, 5)]


def test_improvement_is_drawn_from_its_own_columns(aggregates: pd.DataFrame) -> None:
    row = aggregates[aggregates["agent"] == "bc"].head(1)
    row = row.assign(improvement=0.75, improvement_low=0.5, improvement_high=0.875)
    for value, place, left, width in (
        ("iqm", 10.0, 8.0, 5.0),
        ("improvement", 0.75, 0.5, 0.375),
    ):
        ax = intervals(row, value, STYLES)
        ((bar,), (mark,)) = ax.patches, ax.lines
        assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (place, 0)
        assert (bar.get_x(), bar.get_width()) == (left, width)
        # In the middle of its row.
        assert (bar.get_y(), bar.get_height()) == (-0.3, 0.6)


def test_the_first_agent_stands_above_the_others(aggregates: pd.DataFrame) -> None:
    ax = intervals(aggregates[aggregates["group"] == "maze2d"], "iqm", STYLES)
    assert ax.get_ylim() == (2.6, -0.6)
    assert [line.get_ydata()[0] for line in ax.lines] == [0, 1, 2]
    assert [line.get_color() for line in ax.lines] == [STYLES[agent][0] for agent in AGENTS]


def test_one_seed_gives_a_mark_without_a_band(aggregates: pd.DataFrame) -> None:
    alone = aggregates.assign(iqm_low=np.nan, iqm_high=np.nan)
    figure = plots.interval_figure(alone, STYLES)
    assert plots.figure_bytes(figure, "png")


def test_improvement_is_over_the_others(aggregates: pd.DataFrame) -> None:
    for ax in plots.improvement_figure(aggregates, STYLES, "mage").axes:
        assert [label.get_text() for label in ax.get_yticklabels()] == ["BC", "DT"]
        assert ax.get_xlim() == (-0.04, 1.04)
        assert [line.get_xdata()[0] for line in ax.lines] == [0.8, 0.8, 0.5]


def test_profiles_have_a_line_and_a_band_per_agent(shares: pd.DataFrame) -> None:
    ax = profiles(shares, STYLES)
    assert len(ax.lines) == len(ax.collections) == 3
    assert ax.lines[-1].get_color() == STYLES["mage"][0]  # On top.
    assert len({tuple(line.get_markevery()) for line in ax.lines}) == 3


def test_a_profile_is_the_share_over_the_threshold_within_its_band(shares: pd.DataFrame) -> None:
    ax = profiles(shares[shares["agent"] == "bc"], STYLES)
    (line,), (band,) = ax.lines, ax.collections
    assert list(line.get_xdata()) == list(np.linspace(0, 100, 11))
    assert list(line.get_ydata()) == [100.0 - 10 * n for n in range(11)]
    corners = {tuple(point) for point in band.get_paths()[0].vertices}
    # Of the least threshold from 90 to 110, of the largest from -10 to 10.
    assert {(0.0, 90.0), (0.0, 110.0), (100.0, -10.0), (100.0, 10.0)} <= corners
    assert ax.get_ylim() == (-2.0, 102.0)


def test_latency_is_logarithmic_with_the_limit_of_a_control_loop(aggregates: pd.DataFrame) -> None:
    ax = latency_scatter(aggregates[aggregates["group"] == "maze2d"], STYLES)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines[1:]]
    assert marks == [(1, 0.0), (10, 10.0), (100, 20.0)]
    ends = [lines.get_segments()[0].tolist() for lines in ax.collections]
    assert ends == [[[1, -2], [1, 3]], [[10, 8], [10, 13]], [[100, 18], [100, 23]]]
    assert ax.lines[0].get_xdata()[0] == 50.0
    assert "20 Hz" in [text.get_text() for text in ax.texts]


def test_every_group_has_a_panel_of_its_own_numbers(aggregates: pd.DataFrame) -> None:
    second = aggregates["group"] == "all tasks"
    aggregates = aggregates.assign(iqm=aggregates["iqm"].where(~second, 77.0))
    for figure in (
        plots.interval_figure(aggregates, STYLES),
        plots.latency_figure(aggregates, STYLES),
    ):
        assert [ax.get_title() for ax in figure.axes] == ["maze2d", "all tasks"]
    left, right = plots.interval_figure(aggregates, STYLES).axes
    assert [line.get_xdata()[0] for line in left.lines] == [0.0, 10.0, 20.0]
    assert [line.get_xdata()[0] for line in right.lines] == [77.0] * 3


def test_nothing_reaches_the_edge(aggregates: pd.DataFrame, shares: pd.DataFrame) -> None:
    drawn: list[Figure] = [
        plots.interval_figure(aggregates, STYLES),
        plots.improvement_figure(aggregates, STYLES, "mage"),
        plots.profile_figure(shares, STYLES),
        plots.latency_figure(aggregates, STYLES),
    ]
    for figure in drawn:
        picture = imread(io.BytesIO(plots.figure_bytes(figure, "png")))[..., :3]
        edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
        assert all((edge == 1.0).all() for edge in edges)
