"""Rows of the point mazes, against what they are taken from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmark.tasks.point_maze import MAZE2D, MULTI2D
from tests.benchmark.tasks.literals import PLAIN

TASKS = {task.name: task for task in (*MAZE2D, *MULTI2D)}

# D4RL's horizons and reference scores (d4rl/infos.py).
SIZES: dict[str, dict[str, Any]] = {
    "umaze": {
        "env_id": "PointMaze_UMaze-v3",
        "max_steps": 300,
        "min_score": 23.85,
        "max_score": 161.86,
    },
    "medium": {
        "env_id": "PointMaze_Medium-v3",
        "max_steps": 600,
        "min_score": 13.13,
        "max_score": 277.39,
    },
    "large": {
        "env_id": "PointMaze_Large-v3",
        "max_steps": 800,
        "min_score": 6.7,
        "max_score": 273.99,
    },
}
# D4RL's hidden goals: (row, column) in the map.
HIDDEN = {"umaze": (1, 1), "medium": (6, 6), "large": (7, 9)}

NAMES = [f"{benchmark}-{size}" for benchmark in ("maze2d", "multi2d") for size in SIZES]


def test_each_size_has_a_row_with_a_hidden_and_one_with_a_shown_goal() -> None:
    assert list(TASKS) == [
        *("maze2d-umaze", "maze2d-medium", "maze2d-large"),
        *("multi2d-umaze", "multi2d-medium", "multi2d-large"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    benchmark, size = name.split("-")
    task = TASKS[name]
    hidden = benchmark == "maze2d"
    cell = HIDDEN[size]
    found = asdict(task)
    options = found.pop("env_kwargs")
    cells = options.pop("maze_map")
    assert options == {"continuing_task": True, "reset_target": False}
    # Starts (r) in every free cell; where the goal is hidden, in its cell both (c), else in all.
    marks = {(i, j): mark for i, row in enumerate(cells) for j, mark in enumerate(row) if mark != 1}
    assert len(marks) == {"umaze": 7, "medium": 26, "large": 46}[size]
    assert set(marks.values()) == ({"r", "c"} if hidden else {"c"})
    assert not hidden or [place for place in marks if marks[place] == "c"] == [cell]
    own: dict[str, Any] = (
        {"observation_parts": {"observation": 4}, "goal_cell": cell}
        if hidden
        else {
            "observation_parts": {"observation": 4, "desired_goal": 2},
            "goal_columns": (4, 5),
            "hindsight": {
                "goal_columns": (4, 5),
                "state_columns": (0, 1),
                "radius": 0.45,
                "random_goals": 0.0,
            },
        }
    )
    assert {"env_kwargs": {}, **found} == {
        **PLAIN,
        "name": name,
        "benchmark": benchmark,
        "dataset": f"D4RL/pointmaze/{size}-v2",
        "recipe": f"mage/maze2d/{size}-v0",
        "relabel": benchmark,
        "discount": 0.98,
        "return_scale": 100,
        "position_columns": (0, 1),
        "target_return": 250,
        **SIZES[size],
        **own,
    }
