"""Rows of OGBench, against what they are taken from."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from typing import Any

import gymnasium as gym
import pytest

from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment
from benchmark.tasks.ogbench import DEFAULT_TASKS, OGBENCH_ARMS, OGBENCH_MAZES
from tests.benchmark.tasks.literals import PLAIN
from tests.ogbench_oracles import oracle_evaluation

MAZES = {task.name: task for task in OGBENCH_MAZES}
ARMS = {task.name: task for task in OGBENCH_ARMS}

# Steps of an episode as the package registers them, and sizes of its spaces.
BODIES = {
    "pointmaze": (2, 2, {"medium": 1000, "large": 1000, "giant": 1000, "teleport": 1000}),
    "antmaze": (29, 8, {"medium": 1000, "large": 1000, "giant": 1000}),
    "humanoidmaze": (69, 21, {"medium": 2000, "large": 2000, "giant": 4000}),
}
SCENES = {
    "cube-single": (28, 200),
    "cube-double": (37, 500),
    "scene": (40, 750),
    "puzzle-3x3": (55, 500),
    "puzzle-4x4": (83, 500),
}
NEEDS = "needs the extra [ogbench]"


def spaces(observation: int, action: int) -> dict[str, Any]:
    bounds = {"action_low": (-1.0,) * action, "action_high": (1.0,) * action}
    return {"observation_size": observation, **bounds}


def test_each_maze_has_two_kinds_of_data() -> None:
    assert list(MAZES) == [
        f"ogbench-{body}-{size}-{kind}"
        for body, (_, _, sizes) in BODIES.items()
        for size in sizes
        for kind in ("navigate", "stitch")
    ]


@pytest.mark.parametrize("name", MAZES)
def test_a_row_of_a_maze_holds_what_its_sources_say(name: str) -> None:
    _, body, size, kind = name.split("-")
    state, action, sizes = BODIES[body]
    dataset, point = f"{body}-{size}-{kind}", body == "pointmaze"
    # Discounts, and shares of goals from anywhere: the hyperparameters of the paper's appendix.
    distant = size == "giant" or body == "humanoidmaze"
    assert asdict(MAZES[name]) == {
        **PLAIN,
        "name": name,
        "benchmark": "ogbench-maze",
        "dataset": f"ogbench/{dataset}-v0",
        "published_as": dataset,
        "recipe": f"mage/ogbench/{dataset}-v0" if point else None,
        "small_recipe": f"mage/ogbench-small/{dataset}-v0" if point else None,
        "env_id": f"ogbench:{body}-{size}-v0",
        "max_steps": sizes[size],
        "min_score": None,
        "max_score": None,
        "score_is_success": True,
        "relabel": "hindsight",
        "discount": 0.995 if distant else 0.99,
        "position_columns": (0, 1),
        "goal_columns": (state, state + 1),
        "hindsight": {
            "goal_columns": tuple(range(state, 2 * state)),
            "state_columns": tuple(range(state)),
            "radius": 1.0 if point else 0.5,
            "random_goals": 0.5 if kind == "stitch" else 0.0,
        },
        "spaces": spaces(2 * state, action),
    }


@pytest.mark.parametrize("name", ARMS)
def test_a_row_of_the_arm_holds_what_its_sources_say(name: str) -> None:
    scene, number = name.removeprefix("ogbench-").split("-play-task")
    observation, max_steps = SCENES[scene]
    row = asdict(ARMS[name])
    assert -2 * max_steps * 16 < row.pop("target_return") < 0
    assert row == {
        **{key: value for key, value in PLAIN.items() if key != "target_return"},
        "name": name,
        "benchmark": "ogbench-arm",
        "dataset": f"ogbench/{scene}-play-v0",
        "published_as": f"{scene}-play-singletask-{number}",
        "recipe": f"mage/ogbench/{scene}-play-v0",
        "small_recipe": f"mage/ogbench-small/{scene}-play-v0",
        "env_id": f"ogbench:{scene}-singletask-task{number}-v0",
        "max_steps": max_steps,
        "min_score": None,
        "max_score": None,
        "score_is_success": True,
        "relabel": "single-task",
        "return_scale": 100.0,
        "spaces": spaces(observation, 5),
    }


def test_the_arm_has_five_tasks_of_each_scene_of_which_one_is_the_default() -> None:
    assert list(ARMS) == [f"ogbench-{scene}-play-task{n}" for scene in SCENES for n in range(1, 6)]
    assert (
        *("ogbench-cube-single-play-task2", "ogbench-cube-double-play-task2"),
        "ogbench-scene-play-task2",
        *("ogbench-puzzle-3x3-play-task4", "ogbench-puzzle-4x4-play-task4"),
    ) == DEFAULT_TASKS


def limit_of(task: Task) -> int | None:
    importlib.import_module("ogbench")  # Registers its environments.
    return gym.spec(str(task.env_id).removeprefix("ogbench:")).max_episode_steps


@pytest.mark.parametrize("name", [name for name in MAZES if name.endswith("-navigate")])
def test_sizes_radii_and_limits_are_those_of_the_packages_mazes(name: str) -> None:
    pytest.importorskip("ogbench", reason=NEEDS)
    task = MAZES[name]
    env = make_environment(task)
    assert task.hindsight is not None and task.spaces is not None
    assert env.unwrapped._goal_tol == task.hindsight.radius
    assert env.observation_space.shape == (task.spaces.observation_size,)
    assert env.action_space.shape == (len(task.spaces.action_low),)
    assert limit_of(task) == task.max_steps
    assert env.unwrapped.num_tasks == 5
    env.close()


def test_limits_are_those_of_the_packages_arm() -> None:
    pytest.importorskip("ogbench", reason=NEEDS)
    for task in ARMS.values():
        assert limit_of(task) == task.max_steps


FAST = ("ogbench-pointmaze-medium-navigate", "ogbench-cube-single-play-task2")


def play_oracle(name: str, episodes: int) -> None:
    """In the benchmark's own evaluation, on the first of its seeds."""
    task = {**MAZES, **ARMS}[name]
    for one in oracle_evaluation(task, list(range(1_000_000, 1_000_000 + episodes))):
        assert one.scores == [100.0] and one.successes == [True]
        assert one.lengths[0] < task.max_steps
        # At a goal the reward is 1; on the arm each step costs what is left to do.
        assert one.returns[0] == 1 if task.hindsight else one.returns[0] <= 1 - one.lengths[0]


def test_the_oracle_gets_to_each_of_the_five_goals_of_a_maze() -> None:
    pytest.importorskip("ogbench", reason=NEEDS)
    play_oracle(FAST[0], 5)


def test_the_oracle_does_a_task_of_the_arm() -> None:
    pytest.importorskip("ogbench", reason=NEEDS)
    play_oracle(FAST[1], 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        name
        for name in (*MAZES, *ARMS)
        if name not in FAST and not name.startswith(("ogbench-antmaze", "ogbench-humanoid"))
    ],
)
def test_the_oracle_does_every_task_that_it_has_recorded(name: str) -> None:
    pytest.importorskip("ogbench", reason=NEEDS)
    play_oracle(name, 5 if name in MAZES else 1)
