"""AntMaze: an ant with eight joints walks to a goal that its observation shows.

The score is 100 for an episode that gets there and 0 for one that does not; the episode ends at
the goal. Observation (31): achieved_goal (2), observation (27), desired_goal (2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.tasks.mazes import GridCell, maze_map
from benchmark.tasks.task import MAGE_PLANS, REBRAC_RATES, TT_LONG_STEPS, Task

# Environment, steps, the evaluation's one start and one goal, as in D4RL. The u-shaped map is the
# one that the published data was recorded in, of which Farama's evaluation map is the mirror image.
_SIZES: dict[str, tuple[str, int, GridCell, GridCell]] = {
    "umaze": ("AntMaze_UMaze-v4", 700, (3, 1), (1, 1)),
    "medium": ("AntMaze_Medium-v4", 1000, (1, 1), (6, 6)),
    "large": ("AntMaze_Large-v4", 1000, (1, 1), (7, 9)),
}
# MAGE. All recorded ways lead to a goal, some sooner: none are left out, and a return that is a
# little better than usual is asked for.
_MAGE = {"log_returns": True, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.5}
# An ant's gait is in its inverse dynamics, whose steps are cheap: with 20,000 of them instead of
# 8,000, for half of the transformer's, `quick` reached 82 and 86 goals of 100 instead of 52, on
# tuning seeds.
_MAGE_QUICK = {"steps": 26_000, "shares": (0.09, 0.06, 0.77)}

# Rewards of -1 until the goal, as in the code of IQL's authors, who saw no difference to the
# (reward - 0.5) * 4 of CQL's, and in CORL's TD3+BC and AWAC. IQL: the authors'
# configs/antmaze_config.py. CQL: the Lagrange variant of the authors' README, whose threshold of 5
# is one on the gap times the weight. AWAC: CORL's temperature.
_BASELINES: Mapping[str, Mapping[str, Any]] = {
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_shift": -1.0},
    "cql": {"conservative_weight": 5.0, "lagrange_threshold": 1.0, "reward_shift": -1.0},
    "td3bc": {"reward_shift": -1.0},
    "awac": {"temperature": 0.1, "reward_shift": -1.0},
}
# ReBRAC: penalties of policy and critics; with its other settings from the authors' configs (CORL,
# configs/offline/rebrac/antmaze), which reward the goal with 100.
_PENALTIES = {
    "umaze": (0.003, 0.002),
    "umaze-diverse": (0.003, 0.001),
    "medium-play": (0.001, 0.0005),
    "medium-diverse": (0.001, 0.0),
    "large-play": (0.002, 0.001),
    "large-diverse": (0.002, 0.002),
}
_REBRAC = {**REBRAC_RATES, "critic_learning_rate": 5e-5, "gamma": 0.999, "reward_scale": 100.0}
_VARIANTS = (
    ("umaze", "umaze"),
    ("umaze", "umaze-diverse"),
    ("medium", "medium-play"),
    ("medium", "medium-diverse"),
    ("large", "large-play"),
    ("large", "large-diverse"),
)


def _task(size: str, variant: str) -> Task:
    env_id, max_steps, start, goal = _SIZES[size]
    actor, critic = _PENALTIES[variant]
    rebrac = {**_REBRAC, "actor_penalty": actor, "critic_penalty": critic}
    return Task(
        name=f"antmaze-{variant}",
        benchmark="antmaze",
        dataset=f"D4RL/antmaze/{variant}-v1",
        published_as=f"antmaze-{variant}",
        recipe=f"mage/antmaze/{size}-v0",
        env_id=env_id,
        env_kwargs={
            "maze_map": maze_map(size, {start: "r", goal: "g"}),
            "continuing_task": False,
            "reset_target": False,
        },
        max_steps=max_steps,
        min_score=0.0,
        max_score=1.0,
        relabel="antmaze",
        observation_keys=("achieved_goal", "observation", "desired_goal"),
        discount=0.995,
        position_columns=(0, 1),
        goal_columns=(29, 30),
        settings={
            **MAGE_PLANS,
            **TT_LONG_STEPS,
            "mage": _MAGE,
            "mage/quick": {**MAGE_PLANS["mage/quick"], **_MAGE_QUICK},
            **_BASELINES,
            "rebrac": rebrac,
        },
    )


ANTMAZE = [_task(size, variant) for size, variant in _VARIANTS]
