"""Rows of AntMaze, against what they are taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks.antmaze import ANTMAZE
from tests.benchmark.tasks.literals import (
    MAGE_PLANS,
    PLAIN,
    TT_LONG_STEPS,
    columns,
    rebrac,
    settings,
)

TASKS = {task.name: task for task in ANTMAZE}

# Size, environment, D4RL's steps; ReBRAC's penalties of policy and critics (CORL,
# configs/offline/rebrac/antmaze).
ROWS = {
    "umaze": ("umaze", "AntMaze_UMaze-v4", 700, 0.003, 0.002),
    "umaze-diverse": ("umaze", "AntMaze_UMaze-v4", 700, 0.003, 0.001),
    "medium-play": ("medium", "AntMaze_Medium-v4", 1000, 0.001, 0.0005),
    "medium-diverse": ("medium", "AntMaze_Medium-v4", 1000, 0.001, 0.0),
    "large-play": ("large", "AntMaze_Large-v4", 1000, 0.002, 0.001),
    "large-diverse": ("large", "AntMaze_Large-v4", 1000, 0.002, 0.002),
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

# IQL: its authors' configs/antmaze_config.py. CQL: its authors' README. AWAC: CORL. Rewards of -1
# until the goal, as in the code of IQL's authors and in CORL.
BASELINES: dict[str, dict[str, Any]] = {
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_shift": -1.0},
    "cql": {"conservative_weight": 5.0, "lagrange_threshold": 1.0, "reward_shift": -1.0},
    "td3bc": {"reward_shift": -1.0},
    "awac": {"temperature": 0.1, "reward_shift": -1.0},
}


def _drawn(cells: list[list[Any]]) -> list[str]:
    return ["".join({1: "#", 0: "."}.get(cell, str(cell)) for cell in row) for row in cells]


def test_three_sizes_have_data_of_two_kinds() -> None:
    assert list(TASKS) == [f"antmaze-{variant}" for variant in ROWS]


@pytest.mark.parametrize("variant", ROWS)
def test_a_row_holds_what_its_sources_say(variant: str) -> None:
    size, env_id, max_steps, actor, critic = ROWS[variant]
    task = TASKS[f"antmaze-{variant}"]
    found = columns(task)
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
        "observation_keys": ("achieved_goal", "observation", "desired_goal"),
        "discount": 0.995,
        "position_columns": (0, 1),
        "goal_columns": (29, 30),
    }
    assert settings(task) == {
        **MAGE_PLANS,
        **TT_LONG_STEPS,
        **BASELINES,
        "mage": {"log_returns": True, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.5},
        "mage/quick": {
            **MAGE_PLANS["mage/quick"],
            "steps": 26_000,
            "shares": (0.09, 0.06, 0.77),
        },
        "rebrac": rebrac(
            actor, critic, critic_learning_rate=0.00005, gamma=0.999, reward_scale=100
        ),
    }
