"""An environment that pays what it is told, and agents that do or do not as they are asked."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import Any

import gymnasium as gym
import numpy as np

from benchmark.evaluation.rollout import EnvironmentPool
from benchmark.tasks import TASKS

LENGTH, DISCOUNT = 3, 0.5
# One step pays what an action is; 3 steps of 1 are worth 1 + 0.5 + 0.25.
WORTH = 1.75
# The score is the return.
TASK = dataclasses.replace(TASKS["maze2d-umaze"], min_score=0.0, max_score=100.0)


class Paying(gym.Env[Any, Any]):
    """Shows a number of its seed, and pays each action, or how near the action is to the number."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = gym.spaces.Box(-100, 100, (1,), np.float32)

    def __init__(self, pays_nearness: bool) -> None:
        self._pays_nearness = pays_nearness
        self._number = 0.0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        if seed is not None:
            self._number = float(seed % 10)
        self._step = 0
        return self._observation(), {}

    def step(self, action: Any) -> Any:
        self._step += 1
        paid = -abs(float(action[0]) - self._number) if self._pays_nearness else float(action[0])
        return self._observation(), paid, False, self._step == LENGTH, {}

    def _observation(self) -> Any:
        return np.array([self._number, self._step], np.float32)


def paying_pool(pays_nearness: bool = False) -> EnvironmentPool:
    """Environments that pay actions, or, instead, how near they are to the number that is shown."""
    return EnvironmentPool(TASK, lambda task: Paying(pays_nearness))


class Asked(ABC):
    """Is asked for ten times the level and the number that it sees; a subclass brings something."""

    asking_levels: tuple[float, ...] = (2.0, -1.0, 0.0, 1.0)
    asking_unit = "tens"
    requested_discount = DISCOUNT
    level: float | None = None

    def ask_for(self, level: float | None) -> None:
        self.level = level

    def reset(self, n_envs: int) -> None:
        self._steps = 0

    def act(self, observations: Any, last_rewards: Any) -> Any:
        assert self.level is not None
        self._steps += 1
        if self._steps == 1:
            self._start = 10 * self.level + observations[:, 0]
        # What is left to be asked goes down; only the first request counts.
        self._requested = self._start / self._steps
        return self.bring(observations)[:, None]

    @abstractmethod
    def bring(self, observations: Any) -> Any:
        """The returns to bring."""

    def requested_returns(self) -> Any:
        return self._requested.astype(np.float32)


class Obedient(Asked):
    """Brings what it is asked."""

    def bring(self, observations: Any) -> Any:
        return self._start / WORTH


class Deaf(Asked):
    """Brings the number that it sees, whatever it is asked."""

    def bring(self, observations: Any) -> Any:
        return observations[:, 0]


class Planning(ABC):
    """Plans to act as the number that it sees; a subclass says what it makes of the plan."""

    exchange: Any = None

    def exchange_plans(self, exchange: Any) -> None:
        self.exchange = exchange

    def random_plans(self, n_envs: int, seed: int) -> Any:
        return np.random.default_rng(seed).uniform(20, 30, (n_envs, 1))

    def reset(self, n_envs: int) -> None:
        self.n_envs = n_envs

    def act(self, observations: Any, last_rewards: Any) -> Any:
        plans = observations[:, :1].copy()
        if self.exchange is not None:
            followed = self.exchange(plans)
            assert followed.shape == plans.shape
            plans = followed
        return self.follow(observations, plans)

    @abstractmethod
    def follow(self, observations: Any, plans: Any) -> Any:
        """The actions that a plan is made into."""


class Follower(Planning):
    """Acts by its plan alone."""

    def follow(self, observations: Any, plans: Any) -> Any:
        return plans


class Ignorer(Planning):
    """Acts by what it sees, whatever its plan."""

    def follow(self, observations: Any, plans: Any) -> Any:
        return observations[:, :1]
