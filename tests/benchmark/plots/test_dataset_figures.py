"""What is drawn of made-up data."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle

from benchmark.interface import Dataset
from benchmark.plots import figure_bytes
from benchmark.plots.dataset_figures import data_figure
from benchmark.tasks import TASKS, Task

UMAZE = TASKS["maze2d-umaze"]


def _panels(dataset: Dataset, task: Task) -> list[Axes]:
    return [ax for ax in data_figure(dataset, task).axes if ax.get_xlabel()]


def _heights(ax: Axes) -> list[float]:
    return [bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle)]


def _goal(ax: Axes) -> list[tuple[float, float, float]]:
    return [(*each.get_xy(), each.get_width()) for each in ax.patches if each.get_label() == "goal"]


def test_other_tasks_have_two_panels(tiny_dataset: Dataset) -> None:
    returns, lengths = _panels(tiny_dataset, TASKS["adroit-door-human"])
    assert returns.get_xlabel() == "return of an episode"
    assert lengths.get_xlabel() == "length of an episode (steps)"
    assert sum(_heights(returns)) == 4
    assert _heights(lengths) == [4], "all episodes have 30 steps"
    assert list(lengths.get_xticks()) == [30]


def test_mazes_have_a_map_too(tiny_dataset: Dataset) -> None:
    figure = data_figure(tiny_dataset, UMAZE)
    assert [ax.get_xlabel() for ax in figure.axes if ax.get_xlabel()] == [
        "return of an episode",
        "length of an episode (steps)",
        "x (m)",
    ]
    assert "steps per 0.1 m x 0.1 m" in [ax.get_ylabel() for ax in figure.axes]
    assert figure.get_suptitle() == "maze2d-umaze: 4 episodes, 120 steps"


def test_few_whole_numbers_have_a_bar_each(tiny_dataset: Dataset) -> None:
    rewards = np.zeros(120, np.float32)
    rewards[[0, 30, 31, 60, 61]] = 1  # Returns 1, 2, 2, 0.
    returns = _panels(replace(tiny_dataset, rewards=rewards), UMAZE)[0]
    assert _heights(returns) == [1, 1, 2]


def test_the_density_is_where_the_agent_was(tiny_dataset: Dataset) -> None:
    observations = np.tile(np.array([1.03, -0.57, 0, 0], np.float32), (120, 1))
    ax = _panels(replace(tiny_dataset, observations=observations), UMAZE)[2]
    (mesh,) = (each for each in ax.collections if isinstance(each, QuadMesh))
    counts = np.ma.filled(mesh.get_array(), 0)
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    corner = mesh.get_coordinates()[row, column]
    assert counts.max() == counts.sum() == 120
    assert corner.tolist() == pytest.approx([1.0, -0.6])


@pytest.mark.parametrize(
    ("name", "corner", "side"),
    [("maze2d-umaze", (-1.5, 0.5), 1), ("antmaze-medium-play", (8.0, -12.0), 4)],
)
def test_the_goals_cell_is_marked(
    tiny_dataset: Dataset, name: str, corner: tuple[float, float], side: float
) -> None:
    assert _goal(_panels(tiny_dataset, TASKS[name])[2]) == [pytest.approx((*corner, side))]


def test_goals_that_differ_are_not_marked(tiny_dataset: Dataset) -> None:
    assert _goal(_panels(tiny_dataset, TASKS["multi2d-umaze"])[2]) == []


def test_walls_are_drawn_where_the_map_has_them(tiny_dataset: Dataset) -> None:
    ax = _panels(tiny_dataset, TASKS["antmaze-umaze"])[2]
    (plan,) = ax.images
    assert plan.get_extent() == [-10, 10, -10, 10]
    assert np.asarray(plan.get_array()).astype(int).tolist() == [
        [1, 1, 1, 1, 1],
        [1, 0, 0, 0, 1],
        [1, 1, 1, 0, 1],
        [1, 0, 0, 0, 1],
        [1, 1, 1, 1, 1],
    ]


def test_drawing_leaves_no_trace_and_repeats_itself(tiny_dataset: Dataset) -> None:
    before = dict(mpl.rcParams)
    first, second = (figure_bytes(data_figure(tiny_dataset, UMAZE), "png") for _ in range(2))
    assert first == second
    assert dict(mpl.rcParams) == before
