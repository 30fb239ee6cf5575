"""Maps of mazes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment
from benchmark.tasks.mazes import cell_centre, maze_map
from benchmark.tasks.point_maze import MAZE2D


@pytest.mark.parametrize("size", [task.name.removeprefix("maze2d-") for task in MAZE2D])
def test_maps_are_those_of_gymnasium_robotics(size: str) -> None:
    from gymnasium_robotics.envs.maze import maps

    names = {"umaze": maps.U_MAZE, "medium": maps.MEDIUM_MAZE, "large": maps.LARGE_MAZE}
    assert maze_map(size) == names[size]


def test_marks_on_a_map() -> None:
    marked = maze_map("umaze", {(1, 2): "c", (3, 1): "g"}, free="r")
    assert marked[1:4] == [[1, "r", "c", "r", 1], [1, 1, 1, "r", 1], [1, "g", "r", "r", 1]]
    assert maze_map("umaze", {(3, 2): "g"})[3] == [1, 0, "g", 0, 1]
    assert maze_map("umaze")[3] == [1, 0, 0, 0, 1], "each map is one of its own"


@pytest.mark.parametrize(
    ("cell", "place"),
    [((0, 0), (-5.5, 4.0)), ((7, 9), (3.5, -3.0)), ((4, 5), (-0.5, 0.0)), ((8, 11), (5.5, -4.0))],
)
def test_a_map_of_9_rows_and_12_columns_lies_around_0(
    cell: tuple[int, int], place: tuple[float, float]
) -> None:
    # Rows go down, so y falls with them: centres of columns are at -5.5 to 5.5, of rows at 4 to -4.
    assert cell_centre(maze_map("large"), cell) == place


def test_centres_of_cells_are_those_of_the_environment() -> None:
    assert cell_centre(maze_map("umaze"), (1, 3)) == (1, 1)
    task = TASKS["maze2d-large"]
    env = make_environment(task)
    for cell in ((1, 1), (1, 3), (3, 2)):
        expected = env.unwrapped.maze.cell_rowcol_to_xy(np.array(cell))
        assert np.allclose(cell_centre(task.env_kwargs["maze_map"], cell), expected)
    env.close()
