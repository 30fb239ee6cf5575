from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.image import imread

from benchmark import plots
from benchmark.records.record import Record
from benchmark.statistics.curves import curve_frame, mean_curve_frame
from benchmark.statistics.score_frames import AVERAGE, run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def bars(records: list[Record]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[str, str]]]:
    runs = run_frame(records)
    scores = score_frame(runs)
    return scores[scores["task"] != AVERAGE], runs, plots.agent_styles(runs["agent"])


def curves(records: list[Record]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[str, str]]]:
    frame = curve_frame(records)
    return frame, mean_curve_frame(frame), plots.agent_styles(frame["agent"])


def test_bars_show_means_errors_seeds_and_what_is_missing() -> None:
    records = [
        completed(UMAZE, "mage", 0, 10.0),
        completed(UMAZE, "mage", 1, 20.0),
        completed(UMAZE, "mage", 2, 15.0),
        failed(UMAZE, "bc", 0),
    ]
    ax = plots.score_bars(*bars(records))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MAGE", "BC"]
    assert [bar.get_width() for bar in ax.patches if bar.get_width() > 0] == [15.0]
    assert [text.get_text() for text in ax.texts] == ["failed"]
    points = [c.get_offsets()[:, 0] for c in ax.collections if isinstance(c, PathCollection)]
    assert sorted(np.concatenate(points)) == [10.0, 15.0, 20.0]
    (error,) = ax.containers[-1].lines[2]
    # Deviations of -5, 5 and 0 from the mean: variance 25, over three.
    half = 5 / np.sqrt(3)
    assert error.get_segments()[0].tolist() == [
        [pytest.approx(15 - half), 0],
        [pytest.approx(15 + half), 0],
    ]
    assert ax.get_ylim() == (1.6, -0.6)  # The first agent on top.


def test_drawing_uses_the_axes_it_is_given() -> None:
    ax = Figure().subplots()
    assert plots.score_bars(*bars([completed(UMAZE, "mage", 0, 1.0)]), ax) is ax
    assert plots.learning_curves(*curves([completed(UMAZE, "mage", 0, 1.0)]), ax) is ax


def test_curves_have_a_line_per_seed_and_one_for_the_mean() -> None:
    records = [
        completed(
            *(UMAZE, "mage", seed, 1.0),
            curve=[{"step": 60, "score": 5.0 + seed}, {"step": 100, "score": 7.0 - seed}],
        )
        for seed in (0, 1)
    ]
    ax = plots.learning_curves(*curves(records))
    (seeds,), (mean,) = ax.collections, ax.lines
    lines = [segment.tolist() for segment in seeds.get_segments()]
    assert lines == [[[60, 5], [100, 7]], [[60, 6], [100, 6]]]
    assert list(mean.get_xdata()) == [60.0, 100.0]
    assert list(mean.get_ydata()) == [5.5, 6.5]
    assert ax.get_xlim() == (0, 103)
    assert mean.get_linewidth() > seeds.get_linewidths()[0]


def test_curves_of_seeds_without_a_common_point_have_no_mean() -> None:
    records = [
        completed(UMAZE, "mage", seed, 1.0, curve=[{"step": step, "score": 1.0}])
        for seed, step in enumerate((40, 100))
    ]
    assert plots.curve_figure(*curves(records)).axes


@pytest.mark.parametrize(("tasks", "agents"), [(1, 8), (3, 6), (12, 2)])
def test_figures_have_a_panel_per_task_and_nothing_reaches_the_edge(
    tasks: int, agents: int
) -> None:
    records = [
        completed(f"maze2d-{task}", f"agent-{agent}", seed, 10.0 * agent + seed)
        for task in range(tasks)
        for agent in range(agents)
        for seed in range(2)
    ]
    for figure in (plots.score_figure(*bars(records)), plots.curve_figure(*curves(records))):
        assert len(figure.axes) == tasks
        picture = imread(io.BytesIO(plots.figure_bytes(figure, "png")))[..., :3]
        edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
        assert all((edge == 1.0).all() for edge in edges)


def test_panels_of_a_benchmark_share_one_scale() -> None:
    records = [completed(UMAZE, "mage", 0, 150.0), completed(MEDIUM, "mage", 0, -10.0)]
    left, right = plots.score_figure(*bars(records)).axes
    assert left.get_xlim() == right.get_xlim()
    low, high = left.get_xlim()
    assert low <= -10 and high >= 150
    assert [ax.patches[0].get_width() for ax in (left, right)] == [150.0, -10.0]


def test_task_without_any_score_is_drawn_in_words() -> None:
    records = [failed(UMAZE, "mage", 0), completed(MEDIUM, "mage", 0, 1.0)]
    first, _ = plots.score_figure(*bars(records)).axes
    assert [text.get_text() for text in first.texts] == ["failed"]


def test_dollar_signs_are_no_formula() -> None:
    figure = plots.curve_figure(*curves([completed(UMAZE, "cheap$er$_{", 0, 1.0)]))
    assert plots.figure_bytes(figure, "png")


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_pictures_are_the_same_when_rebuilt(kind: str) -> None:
    frames = bars([completed(UMAZE, "mage", 0, 1.0)])
    first, second = (plots.figure_bytes(plots.score_figure(*frames), kind) for _ in range(2))
    assert first == second
    assert b"CreationDate" not in first


def test_drawing_changes_no_global_setting() -> None:
    before = dict(mpl.rcParams)
    plots.figure_bytes(plots.score_figure(*bars([completed(UMAZE, "mage", 0, 1.0)])), "png")
    assert dict(mpl.rcParams) == before
