"""Shortest paths through the mazes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.data.recipes.shortest_paths import ShortestPaths
from benchmark.tasks import TASKS
from benchmark.tasks.mazes import maze_map
from benchmark.tasks.suites import SUITES


@pytest.mark.parametrize("name", [*SUITES["maze2d"], *SUITES["antmaze"]])
def test_every_free_cell_leads_to_every_other(name: str) -> None:
    paths = ShortestPaths(TASKS[name].env_kwargs["maze_map"])
    for goal in paths.free_cells:
        for cell in paths.free_cells:
            steps = 0
            while cell != goal:
                following = paths.next_cell(cell, goal)
                assert paths.is_free(following)
                assert abs(following[0] - cell[0]) + abs(following[1] - cell[1]) == 1
                cell, steps = following, steps + 1
                assert steps < len(paths.free_cells)


def test_the_way_through_the_u() -> None:
    paths = ShortestPaths(maze_map("umaze"))
    cell, way = (3, 1), [(3, 1)]
    while cell != (1, 1):
        cell = paths.next_cell(cell, (1, 1))
        way.append(cell)
    assert way == [(3, 1), (3, 2), (3, 3), (2, 3), (1, 3), (1, 2), (1, 1)]


# A ring: from each cell to the opposite one there are two ways of four steps.
RING = ["11111", "10001", "10101", "10001", "11111"]


def test_the_shortest_way_round_a_ring_is_taken() -> None:
    paths = ShortestPaths([[int(cell) for cell in row] for row in RING])
    assert paths.free_cells == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2), (3, 3)]

    def steps(here: tuple[int, int]) -> int:
        return 0 if here == (1, 1) else 1 + steps(paths.next_cell(here, (1, 1)))

    assert [steps(cell) for cell in paths.free_cells] == [0, 1, 2, 1, 3, 2, 3, 4]
    assert paths.next_cell((1, 3), (1, 1)) == (1, 2)
    assert paths.next_cell((3, 2), (1, 1)) == (3, 1)
    assert paths.next_cell((1, 1), (1, 1)) == (1, 1)


def test_marks_on_a_map_are_no_walls() -> None:
    paths = ShortestPaths(maze_map("umaze", {(1, 1): "g", (3, 1): "r"}))
    assert paths.is_free((1, 1)) and paths.is_free((3, 1))
    assert not paths.is_free((2, 1)) and not paths.is_free((9, 9))


def test_a_cell_begins_at_its_upper_left_corner() -> None:
    # 9 rows and 12 columns of 4: x from -24 to 24, y from 18 down to -18.
    paths = ShortestPaths(maze_map("large"), 4.0)
    assert paths.cell_of(np.array([-24.0, 18.0])) == (0, 0)
    assert paths.cell_of(np.array([-20.1, 14.1])) == (0, 0)
    assert paths.cell_of(np.array([-20.0, 14.1])) == (0, 1)
    assert paths.cell_of(np.array([-20.1, 13.9])) == (1, 0)
    assert paths.cell_of(np.array([1.0, -17.0])) == (8, 6)


@pytest.mark.parametrize("size", [1.0, 4.0])
def test_cells_and_positions(size: float) -> None:
    paths = ShortestPaths(maze_map("large"), size)
    for cell in paths.free_cells:
        for offset in ([0, 0], [0.49, -0.49], [-0.49, 0.49]):
            assert paths.cell_of(paths.centre(cell) + size * np.array(offset)) == cell
    assert paths.centre((1, 1)).tolist() == [-4.5 * size, 3 * size]
    of_side_1 = ShortestPaths(maze_map("large"))
    assert of_side_1.centre((1, 1)).tolist() == [-4.5, 3], "a side is 1 unless given"
    assert not paths.is_free((0, 0))
    assert paths.nearest_free(paths.centre((1, 1)) + size * np.array([-0.7, 0.6])) == (1, 1)
