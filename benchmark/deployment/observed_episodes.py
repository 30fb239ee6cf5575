"""What an agent observes, step by step, to check a file on. Shapes: T steps, n environments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.evaluation.episode_seeds import tuning_seeds
from benchmark.evaluation.playable_actions import playable_actions
from benchmark.evaluation.rollout import EnvironmentPool
from benchmark.interface import Agent, Dataset, FloatArray
from benchmark.tasks import Task

_ENVIRONMENTS = 10  # Side by side, at least.


@dataclass(frozen=True)
class ObservedEpisodes:
    """Episodes that begin together.

    Attributes:
        observations: (T, n, O).
        rewards: (T, n) of the step before, 0 at the first.
        source: what they are, for people.
    """

    observations: FloatArray
    rewards: FloatArray
    source: str


def recorded_episodes(dataset: Dataset, count: int, name: str) -> ObservedEpisodes:
    """The starts of recorded episodes, drawn with a fixed seed.

    Args:
        dataset: of the task.
        count: observations, at least.
        name: of the dataset.
    """
    lengths = dataset.ends - dataset.starts
    # Shorter ones stay at their last observation.
    steps = int(np.clip(np.median(lengths), 1, max(1, count // _ENVIRONMENTS)))
    n_envs = -(-count // steps)
    first = np.random.default_rng(0).choice(dataset.starts, n_envs, replace=True)
    rows = dataset.window_rows(first, np.arange(steps)).T
    rewards = np.concatenate([np.zeros((1, n_envs), np.float32), dataset.rewards[rows[:-1]]])
    return ObservedEpisodes(dataset.observations[rows], rewards, name)


def played_episodes(agent: Agent, task: Task, count: int) -> ObservedEpisodes:
    """What an agent observes in its environment on tuning seeds.

    Args:
        agent: trained.
        task: that it was trained for.
        count: observations, at least.
    """
    n_envs = min(_ENVIRONMENTS, count)
    steps = -(-count // n_envs)
    observations, rewards = [], [np.zeros(n_envs, np.float32)]
    observed: Any
    with EnvironmentPool(task) as pool:
        envs = pool.take(n_envs)
        observed, _ = envs.reset(seed=list(tuning_seeds(n_envs)))
        agent.reset(n_envs)
        for _ in range(steps):
            observations.append(np.asarray(observed, np.float32))
            wanted = agent.act(observations[-1], rewards[-1])
            space, running = envs.single_action_space, np.ones(n_envs, np.bool_)
            actions, _ = playable_actions(wanted, space, running)
            observed, reward, *_ = envs.step(actions)
            rewards.append(reward.astype(np.float32))
    return ObservedEpisodes(
        np.stack(observations), np.stack(rewards[:-1]), f"{task.env_id}, played by the agent"
    )
