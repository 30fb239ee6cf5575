"""Point mazes: a ball has to get to a goal and stay there; the reward is 1 within 0.45 of it.

The task goes on at the goal, with D4RL's horizons and reference scores (Fu et al. 2020).
Maze2D keeps its one goal hidden: the observation (4) is x, y and the velocity. Multi2D draws a goal
for every episode and shows it: observation (6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.tasks.mazes import GridCell, cell_centre, maze_map
from benchmark.tasks.task import MAGE_PLANS, REBRAC_RATES, Task


@dataclass(frozen=True)
class _Maze:
    """What the two benchmarks in point mazes share."""

    env_id: str
    goal_cell: GridCell
    max_steps: int
    min_score: float
    max_score: float
    # Of Diffuser, in environment steps and in noise levels (its config/maze2d.py).
    plan_steps: int
    noise_levels: int


_MAZES = {
    "umaze": _Maze("PointMaze_UMaze-v3", (1, 1), 300, 23.85, 161.86, 128, 64),
    "medium": _Maze("PointMaze_Medium-v3", (6, 6), 600, 13.13, 277.39, 256, 256),
    "large": _Maze("PointMaze_Large-v3", (7, 9), 800, 6.7, 273.99, 384, 256),
}

# The recorded agents hold a goal for at most 100 steps. With 0.98 that is nearly all there is to
# get; with 0.99 the best recorded returns are those of lucky second visits, and going for them
# means to leave.
_DISCOUNT = 0.98

# MAGE. Few of the recorded ways lead to the one goal, so what is good from a state is far above
# what is usual there (`expectile`), windows that show it are rare (`best_of`), and with the
# distance the return falls by orders of magnitude (`log_returns`). Where the recorded agent
# waited, a plan to go soon is put off for ever, unless more is asked for as time passes
# (`persistence`) and tokens are drawn, not the likeliest taken (`temperature`). To stay at a goal
# it has to read its plans exactly (`inverse_dropout`: at 0.5 it scored 119 on the medium maze, at
# 0.2 154). In the large maze a logarithmic scale is flat where the goal is farthest, or, made to
# reach there, at the goal: MAGE missed the way, or did not stay. On a scale that is fine at
# both ends (`logit_returns`) it does both, and can be asked for more on the way: 177, 173, 158 on
# tuning seeds, where before three trainings scored 97 to 145.
_PLANNING = {"log_returns": True, "persistence": 0.9, "temperature": 0.6, "inverse_dropout": 0.2}
_LOGIT_PLANNING = {
    "logit_returns": True,
    "persistence": 0.97,
    "temperature": 1.0,
    "inverse_dropout": 0.2,
}
_TO_SHOWN_GOAL = {"expectile": 0.99, "best_of": 8}
_MAGE: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "maze2d": {
        "umaze": {**_PLANNING, "expectile": 0.995, "best_of": 16, "advantage_asked": 1.25},
        "medium": {**_PLANNING, "expectile": 0.995, "best_of": 16, "advantage_asked": 1.25},
        "large": {**_LOGIT_PLANNING, "expectile": 0.995, "best_of": 16},
    },
    # Each piece of the data has a goal of its own, so good ways are less rare. Asked for more
    # than 1 on a logarithmic scale it plans straight through walls, and asked for less it waits. On
    # the other scale it may be asked for more: 131, then 148, in the small maze (two more trainings
    # 147; tuning seeds). In the large one that makes no difference: 200, 169; 188, 190 without.
    "multi2d": {
        "umaze": {**_LOGIT_PLANNING, **_TO_SHOWN_GOAL, "advantage_asked": 1.25},
        "medium": {**_PLANNING, **_TO_SHOWN_GOAL, "temperature": 1.0},
        "large": {**_PLANNING, **_TO_SHOWN_GOAL, "temperature": 1.0},
    },
}

# IQL: what its paper uses in mazes; rewards scaled so that the weights of actions stay in range.
# DT: the state tells all, and with a longer context it scores like cloning, perhaps because recent
# steps give away where the recorded agent was going. AWAC: as IQL. ReBRAC: the authors' configs
# for Maze2D (CORL, configs/offline/rebrac/maze2d). TT: recorded actions are noisy, and those
# that the authors' `top_p` of 0.4 leaves are too much alike to choose from: 15 instead of 39 in the
# medium maze, 5 instead of 54 with plans of 15 steps.
_BASELINES: Mapping[str, Mapping[str, Any]] = {
    "dt": {"context_size": 1, "batch_size": 256},
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_scale": 0.1},
    "awac": {"temperature": 0.1, "reward_scale": 0.1},
    "rebrac": {**REBRAC_RATES, "actor_penalty": 0.003, "critic_penalty": 0.001},
    "tt": {"top_p": 1.0},
}


def _diffusers(size: str, goal: tuple[float, ...]) -> dict[str, Mapping[str, Any]]:
    """Diffuser and its kin as their authors have them in mazes: a controller follows long plans.

    Its gain is that of D4RL's own. One plan leads to the goal, which Diffuser and Hierarchical
    Diffuser are told even where it is hidden from the others (`goal`), as in their papers. Decision
    Diffuser is not: it has to look far for the first reward (`discount`), and renews its plans (in
    the large maze it scored 25 with new ones after 64 steps, 44 after 192; in the medium one 54
    after 64, 42 after 128). `quick` cuts as long a plan into fewer steps.
    """
    maze = _MAZES[size]
    one_plan = {"position_gain": 10.0, "replan_every": maze.max_steps, "action_weight": 1.0}
    to_goal = {**one_plan, "goal": goal}
    steps = {"horizon": 32, "stride": maze.plan_steps // 32}
    sub_goals = {"horizon": 4 * round(maze.plan_steps / 15 / 4), "subgoal_every": 15}
    return {
        "diffuser": to_goal,
        # Without a value model there is time for more.
        "diffuser/quick": {**steps, "steps": 3_200},
        "diffuser/paper": {"horizon": maze.plan_steps, "diffusion_steps": maze.noise_levels},
        "hd": {**to_goal, "dense_actions": False},
        "hd/quick": sub_goals,
        "hd/paper": {**sub_goals, "diffusion_steps": maze.noise_levels},
        "dd": {
            "position_gain": 10.0,
            "discount": 0.99,
            "replan_every": 192 if size == "large" else 64,
        },
        "dd/quick": steps,
        "dd/paper": {"horizon": maze.plan_steps},
    }


# What the best recorded stretches of an evaluation's length reach in the u-shaped maze.
_TARGET = 250.0


def _task(benchmark: str, size: str, **columns: Any) -> Task:
    maze = _MAZES[size]
    goals = {maze.goal_cell: "c"} if benchmark == "maze2d" else {}
    cells = maze_map(size, goals, free="r" if goals else "c")
    hidden = cell_centre(cells, maze.goal_cell) if goals else ()
    return Task(
        name=f"{benchmark}-{size}",
        benchmark=benchmark,
        dataset=f"D4RL/pointmaze/{size}-v2",
        recipe=f"mage/maze2d/{size}-v0",
        env_id=maze.env_id,
        env_kwargs={
            "maze_map": cells,
            "continuing_task": True,
            "reset_target": False,
        },
        max_steps=maze.max_steps,
        min_score=maze.min_score,
        max_score=maze.max_score,
        relabel=benchmark,
        discount=_DISCOUNT,
        return_scale=100.0,
        position_columns=(0, 1),
        target_return=_TARGET,
        settings={
            **MAGE_PLANS,
            "mage": _MAGE[benchmark][size],
            **_BASELINES,
            **_diffusers(size, hidden),
        },
        **columns,
    )


MAZE2D = [
    _task("maze2d", size, observation_keys=("observation",), goal_cell=maze.goal_cell)
    for size, maze in _MAZES.items()
]
MULTI2D = [
    _task("multi2d", size, observation_keys=("observation", "desired_goal"), goal_columns=(4, 5))
    for size in _MAZES
]
