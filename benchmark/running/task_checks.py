"""Whether a task keeps what the benchmark needs of it, check by check.

`python -m benchmark.check_task` asks this of a task of one's own, `tests/test_tasks.py` of tasks of
the table. A random policy plays a few episodes; the task's data is looked at where it is there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.data import load, stored_id
from benchmark.evaluation.episode_seeds import tuning_seeds
from benchmark.interface import Dataset
from benchmark.running.acting_checks import NotApplicableError, check, expect
from benchmark.running.conformance import Answer, answer_of
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment, task_info

EPISODES = 20
"""Of a random policy, by default."""

# How far from 0 the mean score of a random policy may be, in normalised points, beside three of its
# standard errors. References are measured once, on other seeds; an error of 10 points moves every
# score by a tenth of the way from random to expert.
TOLERANCE = 10.0
_ERRORS = 3.0


@dataclass(frozen=True)
class RandomEpisode:
    """What a random policy saw in an episode of T steps.

    Attributes:
        observations: (T + 1, O).
        rewards: of each step, as the environment gave them.
        infos: of each step.
        terminated: whether the environment ended it.
    """

    observations: NDArray[np.floating]
    rewards: list[Any]
    infos: list[dict[str, Any]]
    terminated: bool


class TaskSubject:
    """The task that is checked; its episodes are played when they are first needed.

    Args:
        task: any.
        episodes: how many a random policy plays.
    """

    def __init__(self, task: Task, episodes: int = EPISODES) -> None:
        self.task = task
        self._seeds = tuning_seeds(episodes)

    @cached_property
    def episodes(self) -> list[RandomEpisode]:
        """One for each seed, of a random policy."""
        return list(self.play(self._seeds))

    def play(self, seeds: Sequence[int]) -> Iterator[RandomEpisode]:
        """An episode for each seed, by which actions are drawn too, in one environment."""
        with contextlib.closing(make_environment(self.task)) as env:
            for seed in seeds:
                yield _episode(env, seed)

    @cached_property
    def dataset(self) -> Dataset:
        """The task's data as agents see it.

        Raises:
            NotApplicableError: if it is not in Minari's folder.
            DatasetError: if it cannot be used.
        """
        if stored_id(self.task, "auto") is None:
            raise NotApplicableError(f"its data, {self.task.dataset}, is not there")
        return load(self.task, task_info(self.task), "auto").dataset


def _episode(env: gym.Env[Any, Any], seed: int) -> RandomEpisode:
    space, rng = env.action_space, np.random.default_rng(seed)
    assert isinstance(space, gym.spaces.Box)
    observation, _ = env.reset(seed=seed)
    observations, rewards, infos, over = [observation], [], [], False
    terminated = False
    while not over:
        action = rng.uniform(space.low, space.high).astype(np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        observations.append(observation)
        rewards.append(reward)
        infos.append(info)
        over = terminated or truncated
    return RandomEpisode(np.array(observations), rewards, infos, bool(terminated))


@check(
    "has observations and actions that are vectors of numbers",
    "observations are a Box, or a Dict of these; actions a Box with bounds; wrap the environment",
)
def has_vectors(subject: TaskSubject) -> None:
    """Flat, as agents see them, and finite."""
    info = task_info(subject.task)
    bounds = np.stack([info.action_low, info.action_high])
    expect(bool(np.isfinite(bounds).all()), f"its actions have the bounds {bounds.tolist()}")
    expect(bool((bounds[0] < bounds[1]).all()), f"its actions have the bounds {bounds.tolist()}")
    for episode in subject.episodes:
        shape = episode.observations.shape[1:]
        expect(shape == (info.observation_size,), f"observations are {shape} in an episode")
        bad = np.flatnonzero(~np.isfinite(episode.observations).all(axis=1))
        expect(not len(bad), f"the observation after step {bad[:1]} is not finite")


@check(
    "plays the same episode for the same seed",
    "draw every random number from self.np_random, after super().reset(seed=seed)",
)
def repeats_a_seed(subject: TaskSubject) -> None:
    """With the same actions, after another episode, and in another environment."""
    seed, between = tuning_seeds(2)
    first, _, again = subject.play([seed, between, seed])
    (other,) = subject.play([seed])
    for episode, where in ((again, "after another episode"), (other, "in another environment")):
        same = np.array_equal(first.observations, episode.observations)
        expect(same, f"its observations differ {where}")
        expect(first.rewards == episode.rewards, f"its rewards differ {where}")


@check(
    "plays other episodes for other seeds",
    "let reset draw the start, or the goal, from self.np_random: scores and their errors are over "
    "episodes that differ",
)
def differs_between_seeds(subject: TaskSubject) -> None:
    """By where they start."""
    starts = {episode.observations[0].tobytes() for episode in subject.play(tuning_seeds(3))}
    expect(len(starts) > 1, "three seeds start alike")


@check(
    "plays its max_steps unless the episode is over",
    "let no wrapper cut it earlier, and give max_steps as long as an evaluation is to be",
)
def keeps_its_horizon(subject: TaskSubject) -> None:
    """An environment of its own may bring a shorter limit."""
    for episode in subject.episodes:
        steps = len(episode.rewards)
        cut = steps < subject.task.max_steps and not episode.terminated
        expect(
            not cut, f"an episode is cut after {steps} steps; max_steps={subject.task.max_steps}"
        )


@check("gives rewards that are finite numbers", "return one float for each step")
def has_finite_rewards(subject: TaskSubject) -> None:
    """Of every step."""
    for episode in subject.episodes:
        for step, reward in enumerate(episode.rewards):
            is_number = np.ndim(reward) == 0 and np.isfinite(np.float64(reward))
            expect(bool(is_number), f"the reward of step {step} is {reward!r}")


@check(
    "tells success as it says",
    "success=KEY or a function; tells_success=False if episodes are only better or worse; or "
    "success_return=NUMBER",
)
def tells_success(subject: TaskSubject) -> None:
    """At every step, or never."""
    task = subject.task
    tells = {"success" in info for episode in subject.episodes for info in episode.infos}
    if task.success_return is None:
        seen = "has no `success` after some step" if True not in tells else "has it after some only"
        expect(tells == {True} or not task.tells_success, f"the info of its environment {seen}")
    expect(
        True not in tells or task.tells_success is not False,
        "the info of its environment has `success`, and the task says tells_success=False",
    )
    if not task.defines_success:
        raise NotApplicableError("it defines no success")


@check(
    "scores a random policy near 0",
    "min_score is the mean return of a random policy; play a hundred episodes of it",
)
def scores_a_random_policy_near_zero(subject: TaskSubject) -> None:
    """By `TOLERANCE`, and three standard errors of the mean."""
    task = subject.task
    if task.score_is_success:
        solved = [any(info.get("success") for info in one.infos) for one in subject.episodes]
        _expect_near_zero(100.0 * np.array(solved), "")
        return
    if task.min_score is None or task.max_score is None:
        raise NotApplicableError("it has no reference returns, so that scores are returns")
    returns = np.array([sum(map(float, episode.rewards)) for episode in subject.episodes])
    scores = 100 * (returns - task.min_score) / (task.max_score - task.min_score)
    why = f" (return {returns.mean():.4g}, while min_score is {task.min_score:g})"
    _expect_near_zero(scores, why)


def _expect_near_zero(scores: NDArray[np.float64], why: str) -> None:
    error = scores.std(ddof=1) / np.sqrt(len(scores)) if len(scores) > 1 else 0.0
    most = TOLERANCE + _ERRORS * error
    expect(
        abs(scores.mean()) <= most,
        f"its mean score is {scores.mean():.1f}{why}; within {most:.1f} of 0 is near",
    )


@check(
    "has data that fits its environment",
    "collect it in this environment; leave observation_parts out, or name parts that both have",
)
def has_data_that_fits(subject: TaskSubject) -> None:
    """In its sizes and bounds, and column by column in its numbers: parts may be swapped."""
    recorded = subject.dataset.observations
    played = np.concatenate([episode.observations for episode in subject.episodes])
    for column, apart in enumerate(_apart(recorded, played)):
        expect(
            not apart,
            f"column {column} of its observations is {_range(recorded[:, column])} in the data, "
            f"and {_range(played[:, column])} in the environment",
        )


@check(
    "has recorded rewards such as those of its evaluation",
    "record the environment's own rewards, or give them by relabel=...",
)
def has_rewards_that_fit(subject: TaskSubject) -> None:
    """By their range."""
    recorded = subject.dataset.rewards[:, None]
    played = np.array([float(r) for one in subject.episodes for r in one.rewards])[:, None]
    expect(
        not _apart(recorded, played)[0],
        f"they are {_range(recorded)} in the data, and {_range(played)} in the environment",
    )


def _apart(recorded: NDArray[Any], played: NDArray[Any]) -> NDArray[np.bool_]:
    """(columns,) whether the numbers of the two, which may differ by rounding, share no range."""
    slack = 1e-3 * (1 + np.maximum(np.abs(recorded).max(axis=0), np.abs(played).max(axis=0)))
    below: NDArray[np.bool_] = recorded.max(axis=0) + slack < played.min(axis=0)
    above: NDArray[np.bool_] = recorded.min(axis=0) - slack > played.max(axis=0)
    return np.logical_or(below, above)


def _range(values: NDArray[Any]) -> str:
    return f"{values.min():.4g} to {values.max():.4g}"


TASK_CHECKS = (
    has_vectors,
    repeats_a_seed,
    differs_between_seeds,
    keeps_its_horizon,
    has_finite_rewards,
    tells_success,
    scores_a_random_policy_near_zero,
    has_data_that_fits,
    has_rewards_that_fit,
)


def check_task(task: Task, episodes: int = EPISODES) -> Iterator[Answer]:
    """Looks at all checks, one after the other; one that fails ends none.

    Args:
        task: any.
        episodes: how many a random policy plays.
    """
    subject, file = TaskSubject(task, episodes), task.source or ""
    for one in TASK_CHECKS:
        yield answer_of(one, partial(one.look, subject), file)
