"""The one evaluation loop, used for every agent: seeded episodes to normalised scores."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.evaluation.episode_seeds import tuning_seeds
from benchmark.evaluation.playable_actions import playable_actions
from benchmark.interface import Agent, FloatArray
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment

LATENCY_SECONDS = 5.0
"""Of acting, after which a time of actions is taken as measured."""

# Episodes side by side. To make an environment can take longer than to play an episode in it.
ENVIRONMENTS_AT_ONCE = 10


@dataclass(frozen=True)
class Evaluation:
    """The outcome of E episodes, each list of length E.

    Attributes:
        seeds: environment seeds.
        returns: undiscounted returns.
        scores: the returns, normalised as the task says, or as they are without references.
        successes: whether the task counts the episode as solved; empty where it counts none.
        lengths: steps.
        clipped_actions: share of all these steps whose action lay outside its bounds.
        discounted_returns: from the first step, with the discount that was asked for.
    """

    seeds: list[int]
    returns: list[float]
    scores: list[float]
    successes: list[bool]
    lengths: list[int]
    clipped_actions: float = 0.0
    discounted_returns: list[float] = field(default_factory=list)

    @property
    def mean_score(self) -> float:
        """The mean of the scores."""
        return sum(self.scores) / len(self.scores)


class ActingAgent(Protocol):
    """As much of an `Agent` as an episode needs; who watches one stands in for it."""

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        ...


class EnvironmentPool:
    """Environments of one task, made when they are first needed, and reused.

    Args:
        task: row of the table of tasks.
        make: makes one of them; a video has its own way.
    """

    def __init__(
        self, task: Task, make: Callable[[Task], gym.Env[Any, Any]] = make_environment
    ) -> None:
        self.task = task
        self._make = make
        self._envs: list[gym.Env[Any, Any]] = []
        self._side_by_side: dict[int, gym.vector.SyncVectorEnv] = {}

    def __enter__(self) -> EnvironmentPool:
        return self

    def __exit__(self, *exception: object) -> None:
        for envs in self._side_by_side.values():
            envs.close()

    def take(self, n_envs: int) -> gym.vector.SyncVectorEnv:
        """This many environments side by side, in the state in which they were last used."""
        while len(self._envs) < n_envs:
            self._envs.append(self._make(self.task))
        if n_envs not in self._side_by_side:
            makers = [lambda env=env: env for env in self._envs[:n_envs]]
            self._side_by_side[n_envs] = gym.vector.SyncVectorEnv(makers)
        return self._side_by_side[n_envs]


def evaluate(
    agent: ActingAgent, pool: EnvironmentPool, seeds: Sequence[int], discount: float = 1.0
) -> Evaluation:
    """Plays one episode for each seed, several of them side by side.

    Args:
        agent: fitted.
        pool: of the task.
        seeds: of the environments.
        discount: factor per step of `discounted_returns`.

    Raises:
        ValueError: for actions that cannot be played; see `playable_actions`. Also for an
            environment that gives what is not finite.
    """
    successes: list[bool] = []
    returns, discounted, lengths, clipped = [], [], [], 0
    reported = pool.task.tells_success is not None
    for first in range(0, len(seeds), ENVIRONMENTS_AT_ONCE):
        batch = list(seeds[first : first + ENVIRONMENTS_AT_ONCE])
        total, solved, steps, clipped_steps, worth = _rollout(agent, pool, batch, discount)
        returns += total.tolist()
        discounted += worth.tolist()
        successes += [False] * len(batch) if solved is None else solved.tolist()
        reported |= solved is not None
        lengths += steps.tolist()
        clipped += clipped_steps
    if not (reported and pool.task.defines_success):
        successes = []
    scores = [pool.task.score_of(value) for value in returns]
    if pool.task.score_is_success:
        scores = [100.0 * solved for solved in successes]
    clipped_share = clipped / sum(lengths)
    return Evaluation(list(seeds), returns, scores, successes, lengths, clipped_share, discounted)


def _rollout(
    agent: ActingAgent, pool: EnvironmentPool, seeds: list[int], discount: float
) -> tuple[
    NDArray[np.float64], NDArray[np.bool_] | None, NDArray[np.int64], int, NDArray[np.float64]
]:
    """Plays one episode per seed, all started together.

    Returns:
        Returns, successes (None if no step told of any) and lengths, one each; the number of steps
        whose action was clipped; and discounted returns.
    """
    n_envs, clipped_steps = len(seeds), 0
    returns, discounted, lengths = np.zeros(n_envs), np.zeros(n_envs), np.zeros(n_envs, np.int64)
    successes, running = np.zeros(n_envs, np.bool_), np.ones(n_envs, np.bool_)
    reported = pool.task.success_return is not None
    envs = pool.take(n_envs)
    agent.reset(n_envs)
    observations: Any
    observations, _ = envs.reset(seed=seeds)
    rewards, unsolved = np.zeros(n_envs), np.zeros(n_envs, np.bool_)
    while running.any():
        _check_finite(pool.task, "an observation", observations[running])
        wanted = agent.act(observations, rewards.astype(np.float32))
        actions, clipped = playable_actions(wanted, envs.single_action_space, running)
        clipped_steps += int((clipped & running).sum())
        observations, rewards, ended, cut, infos = envs.step(actions)
        _check_finite(pool.task, "a reward", rewards[running])
        rewards = np.where(running, rewards, 0.0)  # What comes after the end may be no number.
        returns += rewards
        discounted += discount**lengths * rewards
        lengths += running
        # Some environments give Python's True and False, which arrive as objects.
        successes |= running & np.asarray(infos.get("success", unsolved), np.bool_)
        reported |= "success" in infos
        # An environment that is done starts over by itself; what it does then is not counted.
        running &= ~np.logical_or(ended, cut)
    if pool.task.success_return is not None:
        successes = returns >= pool.task.success_return
    return returns, successes if reported else None, lengths, clipped_steps, discounted


def _check_finite(task: Task, what: str, values: NDArray[Any]) -> None:
    """Raises ValueError for what no score can come of, and no agent is to be blamed for."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"the environment of {task.name} gave {what} that is not finite; repair the environment"
        )


def measure_latency(
    agent: Agent,
    pool: EnvironmentPool,
    samples: int = 50,
    warm_up: int = 10,
    longest: float = LATENCY_SECONDS,
) -> list[float]:
    """Milliseconds of single calls of `act` at batch 1, from the start of an episode on.

    An agent may plan once in an episode, so that the first calls are no fair sample: a whole
    episode is timed, or as much of it as `act` does in some seconds.

    Args:
        agent: fitted.
        pool: of the task, which is played on a tuning seed.
        samples: calls that are timed at the least.
        warm_up: calls before them that are not.
        longest: seconds spent in `act` after which no more than these are timed.
    """
    (env,) = pool.take(1).envs
    milliseconds: list[float] = []
    (seed,) = tuning_seeds(1)
    ended = cut = True
    for call in count():
        is_whole = call > warm_up and (ended or cut)
        if call >= warm_up + samples and (is_whole or sum(milliseconds) >= 1000 * longest):
            break
        if ended or cut or call == warm_up:
            agent.reset(1)
            observation, _ = env.reset(seed=seed)
            reward = 0.0
        start = time.perf_counter()
        wanted = agent.act(observation[None], np.array([reward], np.float32))
        if call >= warm_up:
            milliseconds.append(1000 * (time.perf_counter() - start))
        (action,), _ = playable_actions(wanted, env.action_space, np.ones(1, np.bool_))
        observation, step_reward, ended, cut, _ = env.step(action)
        reward = float(step_reward)
    return milliseconds
