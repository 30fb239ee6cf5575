"""OGBench's environments as an evaluation plays them: each episode follows from its seed alone."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray


class SeededEpisodes(gym.Wrapper[Any, Any, Any, Any]):
    """Draws all that is random in an episode from its seed, and shows the goal if there is one.

    The package's mazes draw from NumPy's global generator, and its resets take random actions. Both
    are seeded here, and the generator is put back as it was, so that episodes side by side, and
    whoever else draws from it, do not disturb each other.

    Args:
        env: an environment of the package, as `gymnasium.make` makes it.
        shows_goal: whether observations are the state and then the goal. The goal is number
            `1 + seed % 5`: as many consecutive seeds have each of the five.
    """

    def __init__(self, env: gym.Env[Any, Any], shows_goal: bool) -> None:
        _fix_action_space(env.unwrapped)
        super().__init__(env)
        # What the global generator draws from inside this environment.
        self._numbers: Any = np.random.MT19937()
        self._seeds = np.random.default_rng()
        self._goal: NDArray[np.floating] | None = None
        self._shows_goal = shows_goal
        if shows_goal:
            size = 2 * env.observation_space.shape[0]  # type: ignore[index]
            self.observation_space = gym.spaces.Box(-np.inf, np.inf, (size,), np.float64)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """See `gymnasium.Env.reset`; without a seed, what follows depends on the last one."""
        if seed is None:
            seed = int(self._seeds.integers(2**31))
        else:
            self._seeds = np.random.default_rng(seed)
        self._numbers = np.random.MT19937(seed)
        inner: Any = self.env.unwrapped
        inner.action_space.seed(seed)
        chosen = {"task_id": 1 + seed % inner.num_tasks} if self._shows_goal else {}
        with self._own_numbers():
            state, info = self.env.reset(seed=seed, options={**chosen, **(options or {})})
        self._goal = info["goal"] if self._shows_goal else None
        return self._observation(state), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """See `gymnasium.Env.step`; the package's mazes do not clip actions themselves."""
        space: Any = self.action_space
        with self._own_numbers():  # Where a teleport leads is random.
            state, reward, terminated, truncated, info = self.env.step(
                np.clip(action, space.low, space.high)
            )
        info["success"] = bool(info["success"])
        return self._observation(state), float(reward), bool(terminated), truncated, info

    def _observation(self, state: NDArray[np.floating]) -> NDArray[np.floating]:
        return state if self._goal is None else np.concatenate([state, self._goal])

    @contextlib.contextmanager
    def _own_numbers(self) -> Iterator[None]:
        random: Any = np.random  # Its type does not tell of these two.
        outer = random.get_bit_generator()
        random.set_bit_generator(self._numbers)
        try:
            yield
        finally:
            random.set_bit_generator(outer)


def _fix_action_space(inner: Any) -> None:
    """Gives an arm one space of actions; its own property makes a new, unseeded one every time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Its bounds are given in float64.
        space, kind = inner.action_space, type(inner)
        if inner.action_space is not space:
            inner.__class__ = type(kind.__name__, (kind,), {"action_space": space})
