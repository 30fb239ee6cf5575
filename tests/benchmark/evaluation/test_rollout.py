"""The evaluation loop: known episodes, side by side, and what is counted of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.evaluation.episode_seeds import evaluation_seeds, tuning_seeds
from benchmark.evaluation.rollout import (
    EnvironmentPool,
    Evaluation,
    evaluate,
)
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import task_info

# The score is 10 for every 1 above -2.
TASK = dataclasses.replace(TASKS["maze2d-umaze"], min_score=-2.0, max_score=8.0)

# Seed: rewards, steps at which the environment tells success, and whether it ends by itself.
Script = tuple[list[float], tuple[int, ...], bool]
EPISODES: dict[int, Script] = {
    2: ([1, 2], (2,), True),
    3: ([4, 8, 16], (), False),
    5: ([32, 64, 128, 256, 512], (3,), True),
}


class Scripted(gym.Env[Any, Any]):
    """Plays the episode of its seed; one that starts by itself succeeds at once and for ever."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = gym.spaces.Box(-9, 9, (1,), np.float32)

    def __init__(
        self, episodes: dict[int, Script], tells: type = bool, second: float = 1.0
    ) -> None:
        self._episodes, self._tells, self._second = episodes, tells, second
        self.seeds: list[int | None] = []
        self.actions: list[float] = []
        self.closed = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self.seeds.append(seed)
        self._seed, self._step = seed, 0
        return self._observation(), {"success": True}

    def step(self, action: Any) -> Any:
        self.actions.append(float(action[0]))
        self._step += 1
        if self._seed is None:
            return self._observation(), 1000.0, False, False, {"success": self._tells(True)}
        rewards, solved, terminates = self._episodes[self._seed]
        last = self._step == len(rewards)
        info = {"success": self._tells(self._step in solved)} if solved else {}
        reward = rewards[self._step - 1]
        return self._observation(), reward, last and terminates, last and not terminates, info

    def close(self) -> None:
        self.closed += 1

    def _observation(self) -> Any:
        step = self._second if self._step == 1 else self._step
        return np.array([self._seed or -1, step], np.float32)


class Noted:
    """Acts by what it sees, and notes what it was asked."""

    def __init__(self) -> None:
        self.resets: list[int] = []
        self.observations: list[list[list[float]]] = []
        self.rewards: list[list[float]] = []

    def reset(self, n_envs: int) -> None:
        self.resets.append(n_envs)

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        assert last_rewards.dtype == np.float32
        assert len(self.rewards) < 100, "it plays for ever"
        self.observations.append(observations.tolist())
        self.rewards.append(last_rewards.tolist())
        return observations[:, :1] / 10


def pool_of(
    episodes: dict[int, Script] = EPISODES,
    task: Task = TASK,
    tells: type = bool,
    second: float = 1.0,
) -> tuple[EnvironmentPool, list[Scripted]]:
    envs: list[Scripted] = []

    def make(row: Task) -> Scripted:
        assert row is task
        envs.append(Scripted(episodes, tells, second))
        return envs[-1]

    return EnvironmentPool(task, make), envs


def _play(seeds: list[int], *pool: Any, **options: Any) -> Evaluation:
    return evaluate(Noted(), pool_of(*pool, **options)[0], seeds)


def test_each_episode_counts_up_to_its_own_end() -> None:
    result = _play([2, 3, 5])
    assert result.seeds == [2, 3, 5]
    # 1 + 2; 4 + 8 + 16; 32 + 64 + 128 + 256 + 512. The last step counts, and none after it.
    assert result.returns == [3, 28, 992]
    assert result.lengths == [2, 3, 5]
    assert result.scores == [50, 300, 9940]


def test_what_is_not_finite_is_the_environments_fault() -> None:
    episodes: dict[int, Script] = {1: ([1, np.nan], (), True), 2: ([1, np.inf, 1], (), True)}
    for seed in episodes:
        with pytest.raises(ValueError, match="maze2d-umaze gave a reward that is not finite; rep"):
            _play([seed], episodes)
    with pytest.raises(ValueError, match="maze2d-umaze gave an observation that is not finite"):
        _play([2], {2: ([1, 1], (), True)}, second=np.nan)


def test_what_comes_after_the_end_may_be_anything() -> None:
    class Lost(Scripted):
        def step(self, action: Any) -> Any:
            observation, reward, *rest = super().step(action)
            return observation, np.nan if self._seed is None else reward, *rest

    pool = EnvironmentPool(TASK, lambda row: Lost(EPISODES))
    assert evaluate(Noted(), pool, [2, 3, 5]).returns == [3, 28, 992]


def test_a_discounted_return_counts_from_the_first_step() -> None:
    result = evaluate(Noted(), pool_of()[0], [2, 3], discount=0.5)
    # 1 + 2 / 2; 4 + 8 / 2 + 16 / 4. Scores are of undiscounted returns all the same.
    assert result.discounted_returns == [2, 12]
    assert result.returns == [3, 28]
    assert _play([2, 3]).discounted_returns == [3, 28], "without a discount, the return"


@pytest.mark.parametrize("tells", [bool, np.bool_])
def test_success_at_any_step_up_to_the_end_counts(tells: type) -> None:
    # At the last step of two; never; at the third step of five, not at the end.
    assert _play([2, 3, 5], tells=tells).successes == [True, False, True]
    assert _play([3, 3]).successes == [False, False], "nobody tells of a success"


def test_a_return_that_is_just_enough_is_a_success() -> None:
    task = dataclasses.replace(TASK, success_return=4.0)
    episodes: dict[int, Script] = {
        1: ([1, 2.75], (1, 2), True),
        2: ([1, 3], (), True),
        3: ([2, 2.25], (), True),
    }
    # 3.75, whatever the environment tells; 4; 4.25.
    assert _play([1, 2, 3], episodes, task).successes == [False, True, True]


def test_where_a_task_defines_no_success_no_episode_has_one_or_lacks_it() -> None:
    for seeds in ([2, 5], [3]):
        task = dataclasses.replace(TASK, tells_success=False)
        assert _play(seeds, EPISODES, task).successes == []


def test_the_agent_sees_each_observation_and_the_reward_that_led_to_it() -> None:
    agent = Noted()
    pool, envs = pool_of()
    evaluate(agent, pool, [3, 5])
    assert agent.observations[:3] == [[[3, 0], [5, 0]], [[3, 1], [5, 1]], [[3, 2], [5, 2]]]
    assert agent.rewards[:3] == [[0, 0], [4, 32], [8, 64]]
    assert len(agent.rewards) == 5, "until the longest episode ends"
    assert [env.actions[0] for env in envs] == pytest.approx([0.3, 0.5])


def test_many_episodes_are_played_ten_at_a_time() -> None:
    seeds = list(range(1, 24))
    pool, envs = pool_of({seed: ([seed, 0.5], (1,) * (seed % 2), True) for seed in seeds})
    agent = Noted()
    result = evaluate(agent, pool, seeds)
    assert agent.resets == [10, 10, 3]
    assert result.seeds == seeds
    assert result.returns == [seed + 0.5 for seed in seeds]
    assert result.successes == [seed % 2 == 1 for seed in seeds]
    assert result.lengths == [2] * 23
    assert result.scores[0] == pytest.approx(35)  # 10 * (1.5 + 2)
    assert len(envs) == 10, "environments are used again"
    assert [env.seeds for env in envs[2:4]] == [[3, 13, 23], [4, 14]]
    # The second ten start anew: without rewards of the first.
    assert agent.rewards[2] == [0] * 10


def test_environments_are_made_when_needed_and_closed_at_the_end() -> None:
    pool, envs = pool_of()
    with pool:
        two = pool.take(2)
        assert len(envs) == 2
        assert pool.take(3).envs[:2] == two.envs
        assert len(envs) == 3
        assert pool.take(2) is two
    assert all(env.closed for env in envs)


def always(actions: list[list[float]]) -> Noted:
    agent = Noted()
    agent.act = lambda observations, rewards: np.array(actions)  # type: ignore[method-assign]
    return agent


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([[0.0, 0.0], [0.0, 0.0]], r"actions of shape \(2, 2\); expected \(2, 1\)"),
        ([[0.0], [np.nan]], "not finite; has training diverged"),
        ([[19.0], [0.0]], "returned 19 for action 0, far outside its bounds of -9 to 9"),
    ],
)
def test_bad_actions_end_the_run(actions: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(always(actions), pool_of()[0], [2, 3])


def test_actions_are_clipped_and_the_steps_counted_in_which_they_were() -> None:
    pool, envs = pool_of()
    # In both steps of the first episode, and in none of the three of the second, which goes on.
    result = evaluate(always([[12.0], [8.0]]), pool, [2, 3])
    assert result.clipped_actions == 2 / 5
    assert set(envs[0].actions) == {9} and set(envs[1].actions) == {8}
    # Batches count by their steps: 10 times 2, then 5.
    many = evaluate(_last_too_large(), pool_of()[0], [*[2] * 10, 5])
    assert many.clipped_actions == 5 / 25
    assert evaluate(Noted(), pool_of()[0], [2]).clipped_actions == 0


def _last_too_large() -> Noted:
    agent = Noted()
    agent.act = lambda seen, rewards: np.full((len(seen), 1), 9.5 if len(seen) == 1 else 9.0)  # type: ignore[method-assign]
    return agent


class Constant:
    """The same action for ever."""

    def __init__(self, action: object) -> None:
        self._action = action

    def reset(self, n_envs: int) -> None:
        self._n_envs = n_envs

    def act(self, observations: np.ndarray, last_rewards: np.ndarray) -> np.ndarray:
        return np.tile(np.asarray(self._action, np.float32), (self._n_envs, 1))


def test_used_environments_are_as_good_as_new() -> None:
    for name in ("adroit-pen-human", "maze2d-umaze", "hopper-medium"):
        task = dataclasses.replace(TASKS[name], max_steps=40)
        agent = Constant(np.full(task_info(task).action_size, 0.3))
        with EnvironmentPool(task) as used, EnvironmentPool(task) as new:
            evaluate(agent, used, tuning_seeds(3))
            again = evaluate(agent, used, evaluation_seeds(2, 0))
            assert again == evaluate(agent, new, evaluation_seeds(2, 0))


def test_where_successes_are_scores_returns_count_nothing() -> None:
    task = dataclasses.replace(TASK, min_score=None, max_score=None, score_is_success=True)
    result = _play([2, 3, 5], EPISODES, task)
    assert (result.returns, result.scores) == ([3, 28, 992], [100, 0, 100])
