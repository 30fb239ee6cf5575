"""Rows of AntMaze, against what they are taken from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmark.tasks.antmaze import ANTMAZE
from tests.benchmark.tasks.literals import PLAIN

TASKS = {task.name: task for task in ANTMAZE}

# Size, environment, D4RL's steps.
ROWS = {
    "umaze": ("umaze", "AntMaze_UMaze-v4", 700),
    "umaze-diverse": ("umaze", "AntMaze_UMaze-v4", 700),
    "medium-play": ("medium", "AntMaze_Medium-v4", 1000),
    "medium-diverse": ("medium", "AntMaze_Medium-v4", 1000),
    "large-play": ("large", "AntMaze_Large-v4", 1000),
    "large-diverse": ("large", "AntMaze_Large-v4", 1000),
}

# The evaluation of D4RL has one start (r) and one goal (g).
MAPS = {
    "umaze": """
        #####
        #g..#
        ###.#
        #r..#
        #####""",
    "medium": """
        ########
        #r.##..#
        #..#...#
        ##...###
        #..#...#
        #.#..#.#
        #...#.g#
        ########""",
    "large": """
        ############
        #r...#.....#
        #.##.#.#.#.#
        #......#...#
        #.####.###.#
        #..#.#.....#
        ##.#.#.#.###
        #..#...#.g.#
        ############""",
}


def _drawn(cells: list[list[Any]]) -> list[str]:
    return ["".join({1: "#", 0: "."}.get(cell, str(cell)) for cell in row) for row in cells]


def test_three_sizes_have_data_of_two_kinds() -> None:
    assert list(TASKS) == [f"antmaze-{variant}" for variant in ROWS]


@pytest.mark.parametrize("variant", ROWS)
def test_a_row_holds_what_its_sources_say(variant: str) -> None:
    size, env_id, max_steps = ROWS[variant]
    task = TASKS[f"antmaze-{variant}"]
    found = asdict(task)
    options = found.pop("env_kwargs")
    assert _drawn(options.pop("maze_map")) == MAPS[size].split()
    assert options == {"continuing_task": False, "reset_target": False}
    assert {"env_kwargs": {}, **found} == {
        **PLAIN,
        "name": f"antmaze-{variant}",
        "benchmark": "antmaze",
        "dataset": f"D4RL/antmaze/{variant}-v1",
        "published_as": f"antmaze-{variant}",
        "recipe": f"mage/antmaze/{size}-v0",
        "env_id": env_id,
        "max_steps": max_steps,
        "min_score": 0,
        "max_score": 1,
        "relabel": "antmaze",
        "observation_parts": {"achieved_goal": 2, "observation": 27, "desired_goal": 2},
        "discount": 0.995,
        "position_columns": (0, 1),
        "goal_columns": (29, 30),
    }
