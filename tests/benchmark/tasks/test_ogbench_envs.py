"""OGBench's environments in an evaluation: seeds, goals, actions and what they leave behind."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment

pytest.importorskip("ogbench", reason="needs the extra [ogbench]")

MAZE, TELEPORT = "ogbench-pointmaze-medium-navigate", "ogbench-pointmaze-teleport-stitch"
ANT, ARM = "ogbench-antmaze-medium-stitch", "ogbench-cube-single-play-task2"


def played(env: Any, seed: int, steps: int = 12) -> tuple[Any, list[float]]:
    """Observations and rewards of an episode with the same actions for a seed."""
    rng = np.random.default_rng(seed)
    observations, rewards = [env.reset(seed=seed)[0]], []
    for _ in range(steps):
        action = rng.uniform(-1, 1, env.action_space.shape).astype(np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        assert type(info["success"]) is bool
        observations.append(observation)
        rewards.append(reward)
        if terminated or truncated:
            break
    return np.array(observations), rewards


@pytest.mark.parametrize("name", [MAZE, TELEPORT, ANT, ARM])
def test_equal_seeds_give_equal_episodes_whatever_happens_beside_them(name: str) -> None:
    first, second = make_environment(TASKS[name]), make_environment(TASKS[name])
    observations, rewards = played(first, 3)
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    other, _ = played(second, 4)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    for env in (first, second):
        again, same = played(env, 3)
        assert np.array_equal(again, observations) and same == rewards
    assert not np.array_equal(other[0], observations[0])
    first.close()
    second.close()


def test_a_users_task_of_its_environments_is_seeded_as_well() -> None:
    own = Task("own", "none", "my/pm-v0", "pointmaze-medium-singletask-v0", 100)
    first, second = make_environment(own), make_environment(own)
    observations, rewards = played(first, 3)
    np.random.seed(7)  # noqa: NPY002
    again, same = played(second, 3)
    assert np.array_equal(again, observations) and same == rewards
    assert not np.array_equal(played(second, 4)[0][0], observations[0])
    first.close()
    second.close()


def test_consecutive_seeds_have_the_five_goals_equally_often() -> None:
    env = make_environment(TASKS[MAZE])
    inner: Any = env.unwrapped
    numbers = []
    for seed in range(1_000_000, 1_000_010):
        observation, _ = env.reset(seed=seed)
        numbers.append(inner.cur_task_id)
        assert np.allclose(observation[2:], inner.cur_goal_xy)
        assert np.allclose(observation[:2], inner.get_xy())
    assert numbers == [1, 2, 3, 4, 5] * 2
    env.close()


def test_actions_are_clipped_and_an_episode_ends_with_a_reward_at_its_goal() -> None:
    env = make_environment(TASKS[MAZE])
    inner: Any = env.unwrapped
    env.reset(seed=0)
    start = inner.get_xy().copy()
    env.step(np.full(2, 9.0, np.float32))
    assert np.abs(inner.get_xy() - start).max() <= 0.2 + 1e-6  # A step of 1 moves by as much.
    inner.set_xy(np.array(inner.cur_goal_xy) + 0.5)
    *_, reward, terminated, _, info = env.step(np.zeros(2, np.float32))
    assert (reward, terminated, info["success"]) == (1.0, True, True)
    env.close()


def test_without_a_seed_an_episode_follows_from_the_last() -> None:
    starts = []
    for _ in range(2):
        env = make_environment(TASKS[MAZE])
        env.reset(seed=7)
        starts.append([env.reset()[0] for _ in range(2)])
        env.close()
    assert np.array_equal(starts[0], starts[1])
    assert not np.array_equal(starts[0][0], starts[0][1])


def test_no_files_stay_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make_environment(TASKS[MAZE]).close()
    assert not list(tmp_path.iterdir())
