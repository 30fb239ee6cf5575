"""Ways through the mazes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.recipes.ways import Ways
from benchmark.suites import SUITES
from benchmark.tasks import TASKS
from benchmark.tasks.mazes import maze_map


@pytest.mark.parametrize("name", [*SUITES["maze2d"], *SUITES["antmaze"]])
def test_every_free_cell_leads_to_every_other(name: str) -> None:
    ways = Ways(TASKS[name].env_kwargs["maze_map"])
    for goal in ways.free_cells:
        for cell in ways.free_cells:
            steps = 0
            while cell != goal:
                following = ways.next_cell(cell, goal)
                assert ways.is_free(following)
                assert abs(following[0] - cell[0]) + abs(following[1] - cell[1]) == 1
                cell, steps = following, steps + 1
                assert steps < len(ways.free_cells)


def test_the_way_through_the_u() -> None:
    ways = Ways(maze_map("umaze"))
    cell, way = (3, 1), [(3, 1)]
    while cell != (1, 1):
        cell = ways.next_cell(cell, (1, 1))
        way.append(cell)
    assert way == [(3, 1), (3, 2), (3, 3), (2, 3), (1, 3), (1, 2), (1, 1)]


@pytest.mark.parametrize("size", [1.0, 4.0])
def test_cells_and_positions(size: float) -> None:
    ways = Ways(maze_map("large"), size)
    for cell in ways.free_cells:
        for offset in ([0, 0], [0.49, -0.49], [-0.49, 0.49]):
            assert ways.cell_of(ways.centre(cell) + size * np.array(offset)) == cell
    assert ways.centre((1, 1)).tolist() == [-4.5 * size, 3 * size]
    assert not ways.is_free((0, 0))
    assert ways.nearest_free(ways.centre((1, 1)) + size * np.array([-0.7, 0.6])) == (1, 1)
