"""What the baselines do on each task, against what it is taken from.

For Diffuser and its kin in mazes see `diffusion/test_maze_settings.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.agents.registry import agent_class, agent_names
from benchmark.agents.settings import task_rows
from benchmark.tasks import TASKS
from mage.returns.config import LabelConfig
from mage.returns.return_settings import return_settings_on
from tests.task_rows import rows_of

BASELINES = [name for name in agent_names() if name != "mage"]

# IQL: its authors' configs/kitchen_config.py.
HANDS = {"expectile": 0.7, "weight_temp": 0.5, "dropout": 0.1}
# Trajectory Transformer where a step takes 40 to 70 tokens (its authors' horizon for the ant).
TT_LONG_STEPS: dict[str, dict[str, Any]] = {
    "tt/quick": {"horizon": 1, "replan_every": 1, "batch_size": 32},
    "tt/paper": {"horizon": 5},
}
# CQL: CORL's for pen and door. AWAC, Diffuser: found here. FQL: its authors' README.
# Diffusion Veteran: configs/veteran of its authors' code, which has no hands.
TO_REWARD = {"to_reward": True, "discount": 1.0}
ADROIT: dict[str, dict[str, Any]] = {
    **TT_LONG_STEPS,
    "dt": {"return_asked": "best"},
    "iql": HANDS,
    "cql": {"conservative_weight": 1.0},
    "awac": {"temperature": 10.0, "reward_scale": 0.01},
    "diffuser": {"guide_scale": 0.0, "replan_every": 4},
    "fql": {"alpha": 30000.0, "lowest_value": True},
    "adt": {"beta": 0.5},
}
# CQL: as on Adroit.
KITCHEN: dict[str, dict[str, Any]] = {
    **TT_LONG_STEPS,
    "iql": HANDS,
    "cql": {"conservative_weight": 1.0},
    "dv/paper": {"candidates": 150},
    "adt": {"beta": 0.5},
}
# IQL: its authors' configs/antmaze_config.py. CQL: its authors' README. AWAC: CORL. Rewards of -1
# until the goal, as in the code of IQL's authors and in CORL, and of FQL's. IDQL: its launcher.
ANTMAZE: dict[str, dict[str, Any]] = {
    **TT_LONG_STEPS,
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_shift": -1.0},
    "cql": {"conservative_weight": 5.0, "lagrange_threshold": 1.0, "reward_shift": -1.0},
    "td3bc": {"reward_shift": -1.0},
    "awac": {"temperature": 0.1, "reward_shift": -1.0},
    "fql": {"reward_shift": -1.0},
    "idql": {"expectile": 0.9, "reward_shift": -1.0},
    "dv": {**TO_REWARD, "horizon": 40, "stride": 25},
    "dv/paper": {"depth": 8},
    "adt": {"expectile": 0.9, "beta": 10.0, "reward_shift": -1.0},
    "diffuser": {"to_goal": False},
    "hd": {"to_goal": False},
}
# IQL: its paper's for mazes. CQL: CORL's. The others: found here.
POINT_MAZES: dict[str, dict[str, Any]] = {
    "cql": {"conservative_weight": 10.0, "lagrange_threshold": 5.0},
    "dt": {"context_size": 1, "batch_size": 256, "return_asked": "best"},
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_scale": 0.1},
    "awac": {"temperature": 0.1, "reward_scale": 0.1},
    "idql": {"expectile": 0.9},
    "adt": {"expectile": 0.9, "beta": 10.0, "reward_scale": 0.1},
    "tt": {"top_p": 1.0},
    "dv": {**TO_REWARD, "stride": 15},
}
# Goal-conditioned agents: OGBench's impls/hyperparameters.sh, for point mazes.
MULTI2D: dict[str, dict[str, Any]] = {
    **POINT_MAZES,
    "gcivl": {"discount": 0.99},
    "gciql": {"discount": 0.99, "alpha": 0.003},
    "hiql": {"discount": 0.99},
}
# OGBench's impls/hyperparameters.sh, and the README of FQL's authors. IQL and IDQL: as for AntMaze.
FAR_GOALS = ("iql", "rebrac", "fql", "idql", "adt")  # With a discount of 0.995.
OGBENCH_MAZE: dict[str, dict[str, Any]] = {
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_shift": -1.0},
    "fql": {"reward_shift": -1.0, "lowest_value": True},
    "idql": {"expectile": 0.9, "reward_shift": -1.0},
    "adt": {"expectile": 0.9, "beta": 10.0, "reward_shift": -1.0},
    "diffuser": {"to_goal": False},
    "hd": {"to_goal": False},
}
GCIQL_ALPHA = {"ogbench-pointmaze": 0.003, "ogbench-humanoidmaze": 0.1}
FQL_ARM_ALPHA = {"ogbench-cube": 300.0, "ogbench-scene": 300.0, "ogbench-puzzle": 1000.0}
# The baselines of FQL's paper.
IQL_ARM_WEIGHT = {"cube-single": 1.0, "cube-double": 0.3, "scene-play": 10.0}
IQL_ARM_WEIGHT |= {"puzzle-3x3": 10.0, "puzzle-4x4": 3.0}
# IQL: its authors' configs/mujoco_config.py. AWAC: CORL's temperature.
LOCOMOTION: dict[str, dict[str, Any]] = {
    "iql": {"expectile": 0.7, "weight_temp": 3.0, "return_range": 1000.0},
    "awac": {"temperature": pytest.approx(0.33333333)},
    "tt/quick": {"horizon": 2},
    "dv": {"horizon": 4, "stride": 1, "weight_factor": 2.0},
    "dv/quick": {"replan_every": 1},
    "dv/paper": {"n_heads": 8},
}
BY_BENCHMARK = {
    **{"adroit": ADROIT, "kitchen": KITCHEN, "antmaze": ANTMAZE, "locomotion": LOCOMOTION},
    **{"maze2d": POINT_MAZES, "multi2d": MULTI2D},
    **{"ogbench-maze": OGBENCH_MAZE, "ogbench-arm": {}},
}

# ReBRAC's penalties of policy and critics (CORL, configs/offline/rebrac; locomotion: d3rlpy's
# reproduction, `simple` as `medium`; Kitchen: as for a human's doors).
PENALTIES = {
    "adroit-pen-human": (0.1, 0.5),
    "adroit-pen-cloned": (0.05, 0.5),
    "adroit-pen-expert": (0.01, 0.01),
    "adroit-door-human": (0.1, 0.1),
    "adroit-door-cloned": (0.01, 0.1),
    "adroit-door-expert": (0.05, 0.01),
    "adroit-hammer-human": (0.01, 0.5),
    "adroit-hammer-cloned": (0.1, 0.5),
    "adroit-hammer-expert": (0.01, 0.01),
    "adroit-relocate-human": (0.1, 0.01),
    "adroit-relocate-cloned": (0.1, 0.01),
    "adroit-relocate-expert": (0.05, 0.01),
    "kitchen-complete": (0.1, 0.1),
    "kitchen-partial": (0.1, 0.1),
    "kitchen-mixed": (0.1, 0.1),
    "antmaze-umaze": (0.003, 0.002),
    "antmaze-umaze-diverse": (0.003, 0.001),
    "antmaze-medium-play": (0.001, 0.0005),
    "antmaze-medium-diverse": (0.001, 0.0),
    "antmaze-large-play": (0.002, 0.001),
    "antmaze-large-diverse": (0.002, 0.002),
    "maze2d-umaze": (0.003, 0.001),
    "maze2d-medium": (0.003, 0.001),
    "maze2d-large": (0.003, 0.001),
    "multi2d-umaze": (0.003, 0.001),
    "multi2d-medium": (0.003, 0.001),
    "multi2d-large": (0.003, 0.001),
    "halfcheetah-simple": (0.001, 0.01),
    "halfcheetah-medium": (0.001, 0.01),
    "halfcheetah-expert": (0.01, 0.01),
    "hopper-simple": (0.01, 0.001),
    "hopper-medium": (0.01, 0.001),
    "hopper-expert": (0.1, 0.001),
    "walker2d-simple": (0.05, 0.1),
    "walker2d-medium": (0.05, 0.1),
    "walker2d-expert": (0.01, 0.5),
}

# The baselines of FQL's paper.
OGBENCH_PENALTIES = {"ogbench-cube": (1.0, 1.0), "ogbench-scene": (0.1, 0.01)}
OGBENCH_PENALTIES |= {"ogbench-puzzle": (0.3, 0.01), "ogbench-maze": (0.003, 0.01)}
# The README of FQL's authors.
OGBENCH_PENALTIES |= {"ogbench-humanoidmaze": (0.01, 0.01)}

# The README of FQL's authors, where it has other weights than for most of Adroit.
FQL_ALPHA = {"adroit-pen-human": 1e4, "adroit-pen-cloned": 1e4, "adroit-pen-expert": 3e3}
FQL_ALPHA |= {"adroit-hammer-cloned": 1e4, "adroit-relocate-human": 1e4}

KITCHEN_PERCEPTRON = {"width": 1024, "dropout": 0.1, "learning_rate": 0.0001}


def rebrac(task: str) -> dict[str, float]:
    """What its authors have everywhere but in locomotion, and what for AntMaze (CORL)."""
    benchmark = TASKS[task].benchmark
    kind = "-".join(task.split("-")[:2])
    if kind not in OGBENCH_PENALTIES and benchmark == "ogbench-maze":
        kind = benchmark
    assert task in PENALTIES or kind in OGBENCH_PENALTIES, f"PENALTIES lacks {task}"
    actor, critic = PENALTIES.get(task) or OGBENCH_PENALTIES[kind]
    values: dict[str, float] = {"actor_penalty": actor, "critic_penalty": critic}
    if benchmark != "locomotion":
        values["batch_size"] = 256
        values["actor_learning_rate"] = values["critic_learning_rate"] = 0.0003
    if benchmark == "ogbench-maze":
        values["reward_shift"] = -1
    if benchmark == "antmaze":
        values |= {"critic_learning_rate": 0.00005, "gamma": 0.999, "reward_scale": 100}
    return values


@pytest.mark.parametrize("task", TASKS)
def test_what_the_baselines_do_on_a_task(task: str) -> None:
    benchmark = TASKS[task].benchmark
    expected = dict(BY_BENCHMARK[benchmark])
    expected["rebrac"] = rebrac(task)
    if shared := return_settings_on(task):  # What MAGE is asked for, too.
        labels = {name: shared[name] for name in shared if hasattr(LabelConfig, name)}
        # The kitchen has few demonstrations, soon known by heart.
        network = KITCHEN_PERCEPTRON if benchmark == "kitchen" else {}
        expected |= {"rvs": {**shared, **network}, "bc-filtered": {**labels, **network}}
    if task in FQL_ALPHA:
        expected["fql"] = {**ADROIT["fql"], "alpha": FQL_ALPHA[task]}
    kind = "-".join(task.split("-")[:2])
    if kind in GCIQL_ALPHA:
        expected["gciql"] = {"alpha": GCIQL_ALPHA[kind]}
    if kind == "ogbench-humanoidmaze":
        expected["hiql"] = {"waypoint_steps": 100}
        expected["fql"] = {"reward_shift": -1.0, "alpha": 30.0, "lowest_value": False}
    if kind == "ogbench-humanoidmaze" or "maze-giant-" in task:
        for agent in FAR_GOALS:
            expected[agent] = {**expected[agent], "gamma": 0.995}
    if task.startswith("antmaze-large"):
        expected["fql"] = {**expected["fql"], "alpha": 3.0}
    if kind in FQL_ARM_ALPHA:
        expected["fql"] = {"alpha": FQL_ARM_ALPHA[kind]}
        scene = "-".join(task.split("-")[1:3])
        expected["iql"] = {"expectile": 0.9, "weight_temp": IQL_ARM_WEIGHT[scene]}
    if task == "kitchen-complete":
        expected["bc"] = {"learning_rate": 0.0001}
    in_maze = benchmark in ("maze2d", "multi2d")
    asked = [name for name in BASELINES if not (in_maze and name in ("diffuser", "hd", "dd"))]
    assert rows_of(asked, task) == expected


@pytest.mark.parametrize("agent", BASELINES)
def test_every_row_is_of_some_task_and_says_where_it_comes_from(agent: str) -> None:
    rows = vars(agent_class(agent)).get("task_settings", ())
    for row in rows:
        assert row.source
        preset = row.preset or "quick"
        assert any(row in task_rows(agent_class(agent), task, preset) for task in TASKS.values())
