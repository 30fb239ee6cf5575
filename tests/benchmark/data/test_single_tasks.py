"""Rewards of the arm's tasks are worked out by the package, and are its environment's own."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.episode import Episode
from benchmark.data.relabel import arrays_of
from benchmark.tasks import TASKS, Task
from tests.ogbench_oracles import ArmOracle

pytest.importorskip("ogbench", reason="needs the extra [ogbench]")

CUBE = "ogbench-cube-single-play-task2"


def recording(task: Task, steps: int) -> tuple[Episode, list[bool]]:
    """What the oracle does, going on where the task is solved, with the environment's rewards."""
    env = gym.make(str(task.env_id), terminate_at_goal=False, max_episode_steps=steps)
    oracle, inner = ArmOracle(env), env.unwrapped
    np.random.seed(0)  # noqa: NPY002
    observation, info = env.reset(seed=0)
    oracle.reset(1)
    observations, actions, rewards, solved = [observation], [], [], []
    infos: dict[str, Any] = {name: [info[name]] for name in states_of(info)}
    for _ in range(steps):
        action = np.clip(oracle.act(observation[None], None)[0], -1, 1).astype(np.float32)
        observation, reward, _, _, info = env.step(action)
        observations.append(observation)
        actions.append(action)
        rewards.append(reward)
        solved.append(bool(info["success"]))
        for name in infos:
            infos[name].append(info[name])
    assert inner is env.unwrapped
    env.close()
    arrays = {name: np.array(rows) for name, rows in infos.items()}
    shown = np.array(observations, np.float32)
    return Episode(shown, np.array(actions), np.array(rewards), False, arrays), solved


def states_of(info: dict[str, Any]) -> list[str]:
    return [name for name in ("qpos", "button_states") if name in info]


def check_relabelling(name: str, steps: int) -> None:
    task = TASKS[name]
    episode, solved = recording(task, steps)
    dataset = arrays_of(task, [episode, episode], 2 * steps)
    assert any(solved) and not all(solved)
    assert dataset.rewards.tolist() == 2 * episode.rewards.tolist()
    assert dataset.terminals.tolist() == 2 * solved
    ends = np.arange(1, 2 * steps + 1) % steps == 0
    assert np.array_equal(dataset.timeouts, ends & ~np.array(2 * solved))
    assert np.array_equal(dataset.observations[:steps], episode.observations[:-1])


def test_rewards_and_ends_are_those_of_the_environment() -> None:
    check_relabelling(CUBE, 75)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("ogbench-cube-double-play-task1", 75),
        ("ogbench-scene-play-task1", 90),
        ("ogbench-puzzle-3x3-play-task1", 70),
        ("ogbench-puzzle-4x4-play-task1", 140),
    ],
)
def test_so_they_are_of_the_other_scenes(name: str, steps: int) -> None:
    check_relabelling(name, steps)


def test_data_without_the_state_of_the_simulation_is_refused() -> None:
    task = TASKS[CUBE]
    bare = Episode(np.zeros((4, 28)), np.zeros((3, 5)), np.zeros(3), False)
    with pytest.raises(BadDataError, match="has no qpos in the infos of its episodes") as refusal:
        arrays_of(task, [bare], 3)
    assert refusal.value.remedy is not None and f"--dataset {CUBE}=ID" in refusal.value.remedy
