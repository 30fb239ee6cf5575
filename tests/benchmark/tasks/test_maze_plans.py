"""Plans of mazes lie where the agents walk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment
from benchmark.tasks.maze_plans import maze_plan


@pytest.mark.parametrize(
    ("name", "side", "extent"),
    [("maze2d-large", 1.0, (-6, 6, -4.5, 4.5)), ("antmaze-umaze", 4.0, (-10, 10, -10, 10))],
)
def test_mazes_of_gymnasium_robotics_are_around_zero(name: str, side: float, extent: Any) -> None:
    plan = maze_plan(TASKS[name])
    assert plan is not None and plan.side == side and plan.extent == extent
    assert plan.walls[0].all() and not plan.walls[1:-1, 1:-1].all()


def test_a_maze_of_ogbench_has_free_cells_where_its_goals_are() -> None:
    pytest.importorskip("ogbench", reason="needs the extra [ogbench]")
    task = TASKS["ogbench-pointmaze-giant-navigate"]
    plan, env = maze_plan(task), make_environment(task)
    assert plan is not None and plan.extent == (-6, 58, -6, 42)
    inner: Any = env.unwrapped
    walls = 0
    for row in range(12):
        for column in range(16):
            x, y = inner.ij_to_xy((row, column))
            place = int((plan.extent[3] - y) / plan.side), int((x - plan.extent[0]) / plan.side)
            assert plan.walls[place] == (inner.maze_map[row, column] == 1)
            walls += plan.walls[place]
    assert walls == np.sum(inner.maze_map)
    assert maze_plan(task) is plan  # It is made once.
    env.close()


def test_without_its_package_a_maze_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.tasks.extras.find_spec", lambda name: None)
    assert maze_plan(TASKS["ogbench-pointmaze-large-stitch"]) is None
