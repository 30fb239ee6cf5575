"""The shortest paths through a maze, cell by cell."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.tasks.mazes import GridCell, cell_centre

Position = NDArray[np.float64]


class ShortestPaths:
    """Knows the free cells of a maze and the shortest path between any two.

    Args:
        maze_map: rows of cells in gymnasium-robotics' form; 1 is a wall.
        cell_size: length of a cell's side.

    Attributes:
        free_cells: (row, column) of every cell without a wall.
        cell_size: length of a cell's side.
    """

    def __init__(self, maze_map: Sequence[Sequence[Any]], cell_size: float = 1.0) -> None:
        self.cell_size = cell_size
        self._walls = np.array([[cell == 1 for cell in row] for row in maze_map])
        self.free_cells = [(int(row), int(column)) for row, column in np.argwhere(~self._walls)]
        self._centres = {
            cell: cell_size * np.array(cell_centre(maze_map, cell)) for cell in self.free_cells
        }
        self._next_cells = {goal: self._flow_to(goal) for goal in self.free_cells}

    def _flow_to(self, goal: GridCell) -> dict[GridCell, GridCell]:
        """From every free cell, the neighbour that is nearest to the goal (breadth first)."""
        following = {goal: goal}
        queue = deque([goal])
        while queue:
            row, column = cell = queue.popleft()
            for near in (
                (row + 1, column),
                (row - 1, column),
                (row, column + 1),
                (row, column - 1),
            ):
                if not self._walls[near] and near not in following:
                    following[near] = cell
                    queue.append(near)
        return following

    def centre(self, cell: GridCell) -> Position:
        """(2,) x and y of a free cell's centre."""
        return self._centres[cell]

    def cell_of(self, position: Position) -> GridCell:
        """The (row, column) that a position (2,) lies in; it may be a wall's."""
        rows, columns = self._walls.shape
        x, y = position / self.cell_size
        return int(np.floor(rows / 2 - y)), int(np.floor(x + columns / 2))

    def is_free(self, cell: GridCell) -> bool:
        """Whether a (row, column) is a cell without a wall."""
        return cell in self._centres

    def nearest_free(self, position: Position) -> GridCell:
        """The free cell whose centre is nearest to a position (2,)."""
        return min(self.free_cells, key=lambda cell: np.linalg.norm(self.centre(cell) - position))

    def next_cell(self, here: GridCell, goal: GridCell) -> GridCell:
        """The free cell that comes after `here` on the path to `goal`; `here` if it is the goal."""
        return self._next_cells[goal][here]
