"""Where the walls of a task's maze are, for pictures of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.tasks.extras import missing_extra, needed_extra
from benchmark.tasks.mazes import ANT_CELL_SIZE
from benchmark.tasks.task import Task

# By environment, since to make one takes a moment.
_read: dict[str, MazePlan] = {}


@dataclass(frozen=True)
class MazePlan:
    """A maze on the ground.

    Attributes:
        walls: (rows, columns) where walls are; the first row is the one with the largest y.
        side: of a cell, in metres.
        corner: x and y of the lower left corner.
    """

    walls: NDArray[np.bool_]
    side: float
    corner: tuple[float, float]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top, in metres."""
        (left, bottom), (rows, columns) = self.corner, self.walls.shape
        return left, left + self.side * columns, bottom, bottom + self.side * rows


def maze_plan(task: Task) -> MazePlan | None:
    """The maze of a task; None if that is not known, or to a package that is not installed."""
    if "maze_map" in task.env_kwargs:  # Of gymnasium-robotics, around (0, 0).
        walls = np.array([[cell == 1 for cell in row] for row in task.env_kwargs["maze_map"]])
        side = ANT_CELL_SIZE if task.relabel == "antmaze" else 1.0
        rows, columns = walls.shape
        return MazePlan(walls, side, (-side * columns / 2, -side * rows / 2))
    if needed_extra(task) != "ogbench" or missing_extra(task) is not None:
        return None
    if str(task.env_id) not in _read:
        _read[str(task.env_id)] = _of_ogbench(task)
    return _read[str(task.env_id)]


def _of_ogbench(task: Task) -> MazePlan:
    # Keeps MuJoCo out of what draws other mazes.
    from benchmark.tasks.environments import make_environment

    env = make_environment(task)
    inner: Any = env.unwrapped
    walls, side = np.array(inner.maze_map) == 1, float(inner._maze_unit)
    x, y = inner.ij_to_xy((0, 0))
    env.close()
    return MazePlan(walls[::-1], side, (x - side / 2, y - side / 2))  # Rows go up with y.
