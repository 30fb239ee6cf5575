"""Maps of mazes."""

from __future__ import annotations

import pytest

from benchmark.tasks.mazes import maze_map


@pytest.mark.parametrize("size", ["umaze", "medium", "large"])
def test_maps_are_those_of_gymnasium_robotics(size: str) -> None:
    from gymnasium_robotics.envs.maze import maps

    names = {"umaze": maps.U_MAZE, "medium": maps.MEDIUM_MAZE, "large": maps.LARGE_MAZE}
    assert maze_map(size) == names[size]


def test_marks_on_a_map() -> None:
    marked = maze_map("umaze", {(1, 1): "c"}, free="r")
    assert marked[1] == [1, "c", "r", "r", 1]
