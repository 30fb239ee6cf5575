from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from benchmark import plots
from benchmark.records.record import Record
from benchmark.statistics.score_frames import AVERAGE, run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def dots(records: list[Record]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[str, str]]]:
    runs = run_frame(records)
    scores = score_frame(runs)
    return scores[scores["task"] != AVERAGE], runs, plots.agent_styles(runs["agent"])


def test_rows_show_means_errors_seeds_and_what_is_missing() -> None:
    records = [
        completed(UMAZE, "mage", 0, 10.0),
        completed(UMAZE, "mage", 1, 20.0),
        completed(UMAZE, "mage", 2, 15.0),
        failed(UMAZE, "bc", 0),
    ]
    ax = plots.score_dots(*dots(records))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MAGE", "BC"]
    assert [text.get_text() for text in ax.texts] == ["failed"]
    seeds = ax.collections[0].get_offsets()
    assert sorted(seeds.tolist()) == [[10.0, 0.0], [15.0, 0.0], [20.0, 0.0]]
    (error,) = ax.containers[0].lines[2]
    # Deviations of -5, 5 and 0 from the mean: variance 25, over three.
    half = 5 / np.sqrt(3)
    assert error.get_segments()[0].tolist() == [
        [pytest.approx(15 - half), 0],
        [pytest.approx(15 + half), 0],
    ]
    means = [line for line in ax.lines if list(line.get_xdata()) == [15.0]]
    assert means[-1].get_color() == plots.agent_styles(["mage"])["mage"][0]
    assert ax.get_ylim() == (1.6, -0.6)  # The first agent on top.


def test_drawing_uses_the_axes_it_is_given() -> None:
    ax = Figure().subplots()
    assert plots.score_dots(*dots([completed(UMAZE, "mage", 0, 1.0)]), ax) is ax


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
    figure = plots.score_figure(*dots(records))
    assert len(figure.axes) == tasks
    picture = imread(io.BytesIO(plots.figure_bytes(figure, "png")))[..., :3]
    edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    assert all((edge == 1.0).all() for edge in edges)


def test_the_label_is_true_of_all_panels() -> None:
    own = {"dataset": {"id": "mine", "kind": "own data"}, "scale": "returns"}
    records = [completed(UMAZE, "bc", 0, 1.0), completed("maze2d-mine", "bc", 0, 3.0, **own)]
    figure = plots.score_figure(*dots(records))
    assert figure.get_supxlabel() == "score"


def test_each_task_has_an_axis_of_its_own_with_zero_on_it() -> None:
    records = [completed(UMAZE, "mage", 0, 150.0), completed(MEDIUM, "mage", 0, -30.0)]
    left, right = plots.score_figure(*dots(records)).axes
    assert left.get_xlim() == pytest.approx((-7.5, 157.5))
    assert right.get_xlim() == pytest.approx((-31.5, 1.5))
    # Lines at a random policy and at an expert, where they are in sight.
    upright = [
        [line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]]
        for ax in (left, right)
    ]
    assert upright == [[0, 100], [0]]


def test_an_axis_makes_nothing_of_tiny_differences() -> None:
    records = [completed(UMAZE, agent, 0, score) for agent, score in (("mage", 0.2), ("bc", -0.2))]
    ax = plots.score_dots(*dots(records))
    assert ax.get_xlim() == pytest.approx((-0.7, 10.3))


def test_task_without_any_score_is_drawn_in_words() -> None:
    records = [failed(UMAZE, "mage", 0), completed(MEDIUM, "mage", 0, 1.0)]
    first, _ = plots.score_figure(*dots(records)).axes
    assert [text.get_text() for text in first.texts] == ["failed"]


def test_dollar_signs_are_no_formula() -> None:
    figure = plots.score_figure(*dots([completed(UMAZE, "cheap$er$_{", 0, 1.0)]))
    assert plots.figure_bytes(figure, "png")


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_pictures_are_the_same_when_rebuilt(kind: str) -> None:
    frames = dots([completed(UMAZE, "mage", 0, 1.0)])
    first, second = (plots.figure_bytes(plots.score_figure(*frames), kind) for _ in range(2))
    assert first == second
    assert b"CreationDate" not in first


def test_drawing_changes_no_global_setting() -> None:
    before = dict(mpl.rcParams)
    plots.figure_bytes(plots.score_figure(*dots([completed(UMAZE, "mage", 0, 1.0)])), "png")
    assert dict(mpl.rcParams) == before
