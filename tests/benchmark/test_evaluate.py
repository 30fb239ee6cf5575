"""The evaluation loop, with policies whose score is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.environments import task_info
from benchmark.evaluate import (
    EnvironmentPool,
    Evaluation,
    evaluate,
    evaluation_seeds,
    measure_latency,
    tuning_seeds,
)
from benchmark.recipes.point_maze import WaypointController
from benchmark.tasks import TASKS, Task


class Scripted:
    """The recipe's controller without noise, told the goal."""

    def __init__(self, task: Task) -> None:
        self._controller = WaypointController(task)
        self._goal = self._controller.ways.centre(task.goal_cell or (1, 1))
        self.resets: list[int] = []
        self.rewards: list[np.ndarray] = []

    def reset(self, n_envs: int) -> None:
        self.resets.append(n_envs)

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        self.rewards.append(last_rewards)
        actions = [self._controller.act(state.astype(float), self._goal) for state in observations]
        return np.array(actions, np.float32)


class Constant:
    """The same action for ever."""

    def __init__(self, action: object) -> None:
        self._action = action

    def reset(self, n_envs: int) -> None:
        self._n_envs = n_envs

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        return np.tile(np.asarray(self._action, np.float32), (self._n_envs, 1))


def _play(agent: Any, task: Task, seeds: list[int]) -> Evaluation:
    with EnvironmentPool(task) as pool:
        return evaluate(agent, pool, seeds)


def test_rewards_reach_the_agent_one_step_late() -> None:
    task = TASKS["maze2d-umaze"]
    agent = Scripted(task)
    result = _play(agent, task, tuning_seeds(3))
    assert agent.resets == [3]
    assert agent.rewards[0].tolist() == [0, 0, 0]
    seen = np.sum(agent.rewards, axis=0)
    assert np.all(np.abs(np.array(result.returns) - seen) <= 1)


def test_the_same_seeds_give_the_same_scores() -> None:
    task = TASKS["adroit-door-human"]
    results = [_play(Constant(np.zeros(28)), task, evaluation_seeds(2)) for _ in range(2)]
    assert results[0] == results[1]
    assert abs(np.mean(results[0].scores)) < 5, "standing still is about as good as random"


def test_used_environments_are_as_good_as_new() -> None:
    for name in ("adroit-pen-human", "maze2d-umaze", "hopper-medium"):
        task = TASKS[name]
        agent: Any = Constant(np.full(task_info(task).action_size, 0.3))
        with EnvironmentPool(task) as pool:
            evaluate(agent, pool, tuning_seeds(3))
            again = evaluate(agent, pool, evaluation_seeds(2))
        assert again == _play(agent, task, evaluation_seeds(2))


def test_seeds_for_tuning_are_never_evaluated_on() -> None:
    assert not set(evaluation_seeds(1000)) & set(tuning_seeds(1000))


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([0.0], r"shape \(2, 1\); expected \(2, 2\)"),
        ([np.nan, 0], "not finite; has training diverged"),
    ],
)
def test_bad_actions_end_the_run(action: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _play(Constant(action), TASKS["maze2d-umaze"], [0, 1])


def test_latency_has_one_time_per_call() -> None:
    agent: Any = Constant([0.0, 0.0])
    with EnvironmentPool(TASKS["maze2d-umaze"]) as pool:
        times = measure_latency(agent, pool, samples=7, warm_up=2)
    assert len(times) == 7
    assert min(times) > 0


def test_latency_includes_the_plan_of_an_episode() -> None:
    agent: Any = Scripted(TASKS["maze2d-umaze"])
    with EnvironmentPool(TASKS["maze2d-umaze"]) as pool:
        measure_latency(agent, pool, samples=7, warm_up=2)
    assert agent.resets == [1, 1]
    assert [len(rewards) for rewards in agent.rewards] == [1] * 9
