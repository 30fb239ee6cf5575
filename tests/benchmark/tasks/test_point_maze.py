"""Rows of the point mazes, against what they are taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks.point_maze import MAZE2D, MULTI2D
from tests.benchmark.tasks.literals import MAGE_PLANS, PLAIN, columns, rebrac, settings

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
# D4RL's hidden goals: (row, column) in the map, and where its centre lies.
HIDDEN: dict[str, tuple[tuple[int, int], tuple[float, float]]] = {
    "umaze": ((1, 1), (-1.0, 1.0)),
    "medium": ((6, 6), (2.5, -2.5)),
    "large": ((7, 9), (3.5, -3.0)),
}

_LOG = {"log_returns": True, "persistence": 0.9, "inverse_dropout": 0.2}
_LOGIT = {"logit_returns": True, "persistence": 0.97, "temperature": 1.0, "inverse_dropout": 0.2}
_HIDDEN_GOAL = {"expectile": 0.995, "best_of": 16}
_SHOWN_GOAL = {"expectile": 0.99, "best_of": 8}
MAGE = {
    "maze2d-umaze": {**_LOG, **_HIDDEN_GOAL, "temperature": 0.6, "advantage_asked": 1.25},
    "maze2d-medium": {**_LOG, **_HIDDEN_GOAL, "temperature": 0.6, "advantage_asked": 1.25},
    "maze2d-large": {**_LOGIT, **_HIDDEN_GOAL},
    "multi2d-umaze": {**_LOGIT, **_SHOWN_GOAL, "advantage_asked": 1.25},
    "multi2d-medium": {**_LOG, **_SHOWN_GOAL, "temperature": 1.0},
    "multi2d-large": {**_LOG, **_SHOWN_GOAL, "temperature": 1.0},
}

# IQL: its paper's for mazes. ReBRAC: CORL, configs/offline/rebrac/maze2d. The others: found here.
BASELINES: dict[str, dict[str, Any]] = {
    "dt": {"context_size": 1, "batch_size": 256},
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_scale": 0.1},
    "awac": {"temperature": 0.1, "reward_scale": 0.1},
    "rebrac": rebrac(0.003, 0.001),
    "tt": {"top_p": 1.0},
}

# Diffuser's plans of 128, 256 and 384 steps and their noise levels (its config/maze2d.py); `quick`
# cuts as long a plan into 32 steps. Hierarchical Diffuser has a sub-goal every 15 steps, and as
# many as fit and are a multiple of 4: 128 / 15 = 8.5, 256 / 15 = 17.1, 384 / 15 = 25.6.
PLANS = {"umaze": (128, 64, 4, 8), "medium": (256, 256, 8, 16), "large": (384, 256, 12, 24)}
# Decision Diffuser is not told the goal, and renews its plans.
RENEWED = {"umaze": 64, "medium": 64, "large": 192}


def _diffusers(size: str, goal: tuple[float, ...]) -> dict[str, dict[str, Any]]:
    steps, noise_levels, stride, sub_goals = PLANS[size]
    one_plan = {
        "position_gain": 10.0,
        "replan_every": SIZES[size]["max_steps"],
        "action_weight": 1.0,
        "goal": goal,
    }
    return {
        "diffuser": one_plan,
        "diffuser/quick": {"horizon": 32, "stride": stride, "steps": 3200},
        "diffuser/paper": {"horizon": steps, "diffusion_steps": noise_levels},
        "hd": {**one_plan, "dense_actions": False},
        "hd/quick": {"horizon": sub_goals, "subgoal_every": 15},
        "hd/paper": {
            "horizon": sub_goals,
            "subgoal_every": 15,
            "diffusion_steps": noise_levels,
        },
        "dd": {"position_gain": 10.0, "discount": 0.99, "replan_every": RENEWED[size]},
        "dd/quick": {"horizon": 32, "stride": stride},
        "dd/paper": {"horizon": steps},
    }


def test_each_size_has_a_row_with_a_hidden_and_one_with_a_shown_goal() -> None:
    assert list(TASKS) == list(MAGE)


@pytest.mark.parametrize("name", MAGE)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    benchmark, size = name.split("-")
    task = TASKS[name]
    hidden = benchmark == "maze2d"
    cell, centre = HIDDEN[size]
    found = columns(task)
    options = found.pop("env_kwargs")
    cells = options.pop("maze_map")
    assert options == {"continuing_task": True, "reset_target": False}
    # Starts (r) in every free cell; where the goal is hidden, in its cell both (c), else in all.
    marks = {(i, j): mark for i, row in enumerate(cells) for j, mark in enumerate(row) if mark != 1}
    assert len(marks) == {"umaze": 7, "medium": 26, "large": 46}[size]
    assert set(marks.values()) == ({"r", "c"} if hidden else {"c"})
    assert not hidden or [place for place in marks if marks[place] == "c"] == [cell]
    own: dict[str, Any] = (
        {"observation_keys": ("observation",), "goal_cell": cell}
        if hidden
        else {"observation_keys": ("observation", "desired_goal"), "goal_columns": (4, 5)}
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
    assert settings(task) == {
        **MAGE_PLANS,
        **BASELINES,
        **_diffusers(size, centre if hidden else ()),
        "mage": MAGE[name],
    }
