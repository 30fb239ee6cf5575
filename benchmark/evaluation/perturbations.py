"""Environments that do not quite do what an agent was trained for: what is left of its score?

Nothing is trained: a trained agent plays the same episodes with and without a perturbation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment

_MOST_STEPS = 1000
_STREAM = 20_260_801  # Random numbers of perturbations are none of the environment's own.

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Perturbation:
    """What is done to an environment.

    Attributes:
        kind: one of `KINDS`.
        size: how much; see there.
    """

    kind: str
    size: float

    @property
    def name(self) -> str:
        """As the user asks for it."""
        return f"{self.kind}={self.size:g}"

    @property
    def steps(self) -> int:
        """How many steps of an episode it takes; 0 of one that is no number of steps."""
        return int(self.size) if KINDS[self.kind].whole else 0

    def make(self, task: Task) -> gym.Env[Any, Any]:
        """An environment of a task that has it."""
        env = make_environment(task)
        return KINDS[self.kind].wrapper(env, self.size)


class _NoisyActions(gym.ActionWrapper[Any, Any, Any]):
    """Adds Gaussian noise to actions, whose deviation is a share of half their range."""

    def __init__(self, env: gym.Env[Any, Any], size: float) -> None:
        super().__init__(env)
        self._size, self._rng = size, np.random.default_rng(_STREAM)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        if seed is not None:
            self._rng = np.random.default_rng([_STREAM, seed])
        return super().reset(seed=seed, options=options)

    def action(self, action: FloatArray) -> FloatArray:
        low, high = _bounds(self.env)
        noise = self._rng.standard_normal(low.shape) * self._size * (high - low) / 2
        noisy: FloatArray = np.clip(action + noise, low, high).astype(np.float32)
        return noisy


class _LateActions(gym.Wrapper[Any, Any, Any, Any]):
    """Plays each action some steps late; until the first arrives, the middle of their range."""

    def __init__(self, env: gym.Env[Any, Any], size: float) -> None:
        super().__init__(env)
        self._steps = int(size)
        self._waiting: deque[FloatArray] = deque()

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        low, high = _bounds(self.env)
        self._waiting = deque([((low + high) / 2).astype(np.float32)] * self._steps)
        return super().reset(seed=seed, options=options)

    def step(self, action: FloatArray) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        self._waiting.append(action)
        return super().step(self._waiting.popleft())


class _RandomStart(gym.Wrapper[Any, Any, Any, Any]):
    """Begins an episode with random actions, whose rewards do not count, before the agent's first.

    Their steps count against the time limit. An episode that ends among them begins as it is.
    """

    def __init__(self, env: gym.Env[Any, Any], size: float) -> None:
        super().__init__(env)
        self._steps, self._rng = int(size), np.random.default_rng(_STREAM)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        if seed is not None:
            self._rng = np.random.default_rng([_STREAM, seed])
        observation, info = super().reset(seed=seed, options=options)
        low, high = _bounds(self.env)
        for _ in range(self._steps):
            action = self._rng.uniform(low, high).astype(np.float32)
            observation, _, ended, cut, info = super().step(action)
            if ended or cut:
                return super().reset(seed=seed, options=options)
        return observation, info


def _bounds(env: gym.Env[Any, Any]) -> tuple[FloatArray, FloatArray]:
    space = env.action_space
    assert isinstance(space, gym.spaces.Box)
    return space.low, space.high


@dataclass(frozen=True)
class Kind:
    """A kind of perturbation.

    Attributes:
        wrapper: makes it of an environment and a size.
        default: size.
        whole: whether sizes are numbers of steps.
        words: for people.
    """

    wrapper: Callable[[gym.Env[Any, Any], float], gym.Env[Any, Any]]
    default: float
    whole: bool
    words: str


KINDS: Mapping[str, Kind] = {
    "action-noise": Kind(
        _NoisyActions, 0.1, False, "Gaussian noise on actions, as a share of half their range"
    ),
    "start": Kind(_RandomStart, 10, True, "random actions before the agent's first, in steps"),
    "delay": Kind(_LateActions, 1, True, "actions that are played late, in steps"),
}


def parse_perturbation(text: str) -> Perturbation:
    """A perturbation from its name, or from `NAME=SIZE`.

    Raises:
        UserError: for one that is unknown, or a size that is not valid.
    """
    name, _, size = text.partition("=")
    valid = ", ".join(f"{known}={kind.default:g}" for known, kind in KINDS.items())
    if name not in KINDS:
        raise UserError(f"unknown perturbation {text!r}; valid: {valid}, and other sizes")
    kind = KINDS[name]
    try:
        number = float(size) if "=" in text else kind.default
    except ValueError:
        number = -1.0
    most = _MOST_STEPS if kind.whole else 10.0
    if not 0 < number <= most or (kind.whole and number != int(number)):
        wanted = "a whole number of steps" if kind.whole else "a number"
        raise UserError(
            f"perturbation {text!r} has no valid size; valid: {wanted} above 0, at most {most:,g}, "
            f"such as {name}={kind.default:g}"
        )
    return Perturbation(name, number)
