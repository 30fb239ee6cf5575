"""What Diffuser and its kin do in point mazes, against what it is taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks import TASKS
from benchmark.tasks.mazes import cell_centre
from benchmark.tasks.point_maze import MAZE2D, MULTI2D
from tests.task_rows import rows_of

# Steps of an evaluation, and where the centre of D4RL's hidden goal lies.
MAZES: dict[str, tuple[int, tuple[float, float]]] = {
    "umaze": (300, (-1.0, 1.0)),
    "medium": (600, (2.5, -2.5)),
    "large": (800, (3.5, -3.0)),
}
# Diffuser's plans of 128, 256 and 384 steps and their noise levels (its config/maze2d.py); `quick`
# cuts as long a plan into 32 steps. Hierarchical Diffuser has a sub-goal every 15 steps, and as
# many as fit and are a multiple of 4: 128 / 15 = 8.5, 256 / 15 = 17.1, 384 / 15 = 25.6.
PLANS = {"umaze": (128, 64, 4, 8), "medium": (256, 256, 8, 16), "large": (384, 256, 12, 24)}
# Decision Diffuser is not told the goal, and renews its plans.
RENEWED = {"umaze": 64, "medium": 64, "large": 192}


def diffusers(size: str, hidden: bool) -> dict[str, dict[str, Any]]:
    """What the three do in a point maze."""
    (max_steps, goal), (steps, noise_levels, stride, sub_goals) = MAZES[size], PLANS[size]
    one_plan = {
        "position_gain": 10.0,
        "replan_every": max_steps,
        "goal": goal if hidden else (),
    }
    return {
        "diffuser": {**one_plan, "action_weight": 1.0},
        "diffuser/quick": {"horizon": 32, "stride": stride},
        "diffuser/paper": {
            "horizon": steps,
            "diffusion_steps": noise_levels,
            "channels": (32, 128, 256),
            "steps": 2_000_000,
        },
        "hd": {**one_plan, "dense_actions": False},
        "hd/quick": {"horizon": sub_goals, "subgoal_every": 15},
        "hd/paper": {
            "horizon": sub_goals,
            "subgoal_every": 15,
            "diffusion_steps": noise_levels,
            "steps": 2_000_000,
        },
        "dd": {"position_gain": 10.0, "discount": 0.99, "replan_every": RENEWED[size]},
        "dd/quick": {"horizon": 32, "stride": stride},
        "dd/paper": {"horizon": steps},
    }


@pytest.mark.parametrize("task", [task.name for task in (*MAZE2D, *MULTI2D)])
def test_what_diffusers_do_in_a_maze(task: str) -> None:
    benchmark, _, size = task.partition("-")
    rows = rows_of(["diffuser", "hd", "dd"], task)
    assert rows == diffusers(size, hidden=benchmark == "maze2d")


@pytest.mark.parametrize("size", MAZES)
def test_the_goal_that_is_told_is_the_tasks(size: str) -> None:
    task = TASKS[f"maze2d-{size}"]
    assert task.goal_cell is not None
    goal = cell_centre(task.env_kwargs["maze_map"], task.goal_cell)
    assert (task.max_steps, goal) == MAZES[size]
