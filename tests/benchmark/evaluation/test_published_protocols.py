"""Each benchmark scores policies of known value as published work does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.data import load
from benchmark.data.recipes.ant_wandering import AntController
from benchmark.data.recipes.kitchen_arm import Arm, Style
from benchmark.data.recipes.kitchen_skills import perform
from benchmark.data.recipes.point_wandering import WaypointController
from benchmark.evaluation.episode_seeds import tuning_seeds
from benchmark.evaluation.rollout import EnvironmentPool, Evaluation, evaluate
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment, task_info

RECORDS = Path(__file__).resolve().parents[3] / "results" / "quick" / "runs"


class Random:
    """Uniform random actions."""

    def __init__(self, task: Task) -> None:
        self._info = task_info(task)
        self._rng = np.random.default_rng(0)

    def reset(self, n_envs: int) -> None:
        self._n_envs = n_envs

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        low, high = self._info.action_low, self._info.action_high
        return self._rng.uniform(low, high, (self._n_envs, len(low))).astype(np.float32)


class Waypoints:
    """The controller of the point mazes without noise; it is told a hidden goal."""

    def __init__(self, task: Task) -> None:
        self._controller = WaypointController(task)
        self._goal = self._controller.paths.centre(task.goal_cell) if task.goal_cell else None

    def reset(self, n_envs: int) -> None:
        pass

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        states = observations.astype(float)
        actions = [
            self._controller.act(s[:4], s[4:] if self._goal is None else self._goal) for s in states
        ]
        return np.array(actions, np.float32)


class Walkers:
    """The controller of the ant mazes without noise."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def reset(self, n_envs: int) -> None:
        self._controllers = [AntController(self._task) for _ in range(n_envs)]

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        states = observations.astype(float)
        pairs = zip(self._controllers, states, strict=True)
        return np.array([each.act(state[:29], state[29:]) for each, state in pairs], np.float32)


def _play(agent: Any, task: Task, episodes: int) -> Evaluation:
    with EnvironmentPool(task) as pool:
        return evaluate(agent, pool, tuning_seeds(episodes))


@pytest.mark.parametrize(
    ("name", "episodes", "within"),
    [
        ("adroit-pen-human", 30, 15),
        ("adroit-door-human", 3, 2),
        ("adroit-hammer-human", 3, 2),
        ("adroit-relocate-human", 3, 2),
        ("kitchen-complete", 1, 0),
        ("antmaze-umaze", 1, 0),
        ("maze2d-umaze", 20, 25),
        ("maze2d-large", 10, 10),
        ("multi2d-medium", 10, 10),
        ("halfcheetah-simple", 2, 3),
        ("hopper-medium", 10, 3),
        ("walker2d-expert", 10, 3),
    ],
)
def test_a_random_policy_scores_about_0(name: str, episodes: int, within: float) -> None:
    task = TASKS[name]
    assert abs(np.mean(_play(Random(task), task, episodes).scores)) <= within


# A point that goes straight to the goal and stays is far above D4RL's reference, whose expert does
# neither as well.
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("maze2d-umaze", 130, 170),
        ("maze2d-medium", 150, 190),
        ("maze2d-large", 190, 250),
        ("multi2d-umaze", 120, 180),
    ],
)
def test_the_controller_of_the_point_mazes(name: str, low: float, high: float) -> None:
    task = TASKS[name]
    result = _play(Waypoints(task), task, 10)
    assert low < np.mean(result.scores) < high
    assert all(result.successes)
    assert result.lengths == [task.max_steps] * 10, "the task goes on at the goal"


def test_the_controller_of_the_ant_mazes_scores_100_and_ends_at_the_goal() -> None:
    task = TASKS["antmaze-umaze"]
    result = _play(Walkers(task), task, 2)
    assert result.scores == [100, 100]
    assert result.returns == [1, 1]
    assert max(result.lengths) < task.max_steps


def _kitchen_score(*sub_tasks: str) -> tuple[float, bool]:
    """Score of an episode in which the arm does some sub-tasks, and whether it ended by itself."""
    task = TASKS["kitchen-complete"]
    env = make_environment(task)
    env.reset(seed=0)
    total, ended = 0.0, False

    def step(action: np.ndarray) -> bool:
        nonlocal total, ended
        _, reward, ended, cut, _ = env.step(action)
        total += float(reward)
        return ended or cut

    perform(Arm(env, step, Style(), np.random.default_rng(0)), sub_tasks)
    env.close()
    return task.score_of(total), ended


def test_the_kitchen_gives_25_for_each_sub_task_and_ends_after_the_fourth() -> None:
    assert _kitchen_score("microwave", "kettle") == (50, False)
    all_four = TASKS["kitchen-complete"].env_kwargs["tasks_to_complete"]
    assert _kitchen_score(*all_four) == (100, True)


@pytest.mark.parametrize(
    ("name", "rebuilt", "low", "high"),
    [
        ("adroit-door-expert", "door/expert", 99, 103),
        ("adroit-door-human", "door/human", 27, 31),
        ("adroit-door-cloned", "door/cloned", 16, 20),
        ("adroit-pen-expert", "pen/expert", 110, 120),
        ("antmaze-umaze", "antmaze/umaze", 92, 96),
        ("kitchen-complete", "kitchen/complete", 98, 100),
    ],
)
def test_recorded_episodes_score_what_they_are_known_for(
    shared_minari: Path, name: str, rebuilt: str, low: float, high: float
) -> None:
    """Of re-created datasets, whose arrays are those behind the records kept here."""
    task, dataset = TASKS[name], f"rebuilt/{rebuilt}-v0"
    if not (shared_minari / dataset).exists():
        pytest.skip(f"needs the dataset {dataset}")
    loaded = load(task, task_info(task), dataset)
    task = task.scored_by(loaded.metadata.get("reference_scores"))
    returns = loaded.dataset.episode_returns()
    assert low <= task.score_of(float(returns.mean())) <= high
    record = json.loads((RECORDS / name / "bc" / "seed-0.json").read_text(encoding="utf-8"))
    assert loaded.metadata["hash"] == record["dataset"]["hash"]
