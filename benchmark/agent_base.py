"""What makes an agent handy outside the benchmark: shapes as gymnasium gives them, and defaults.

The benchmark's own agents are built on `AgentBase`, and others may be: a subclass has `_fit`,
`_reset` and `_act`, which get exactly what `benchmark.interface.Agent` promises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from benchmark.errors import shown
from benchmark.interface import Dataset, FloatArray, Metrics, Progress, TaskInfo

Own = TypeVar("Own", bound="AgentBase")


def no_progress(step: int, metrics: Metrics) -> None:
    """A `Progress` that ignores what `fit` reports."""


class AgentBase(ABC):
    """Takes one observation or a batch, of any type of number, and resets itself if need be."""

    _n_envs: int | None = None  # Of the last reset; None for none since the last training.

    def __init__(self, task: TaskInfo) -> None:
        """Nothing is learned yet.

        Args:
            task: which `fit` and `act` compare sizes with.
        """
        self._task = task

    @abstractmethod
    def _fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        """See `benchmark.interface.Agent.fit`."""

    @abstractmethod
    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent.reset`."""

    @abstractmethod
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent.act`."""

    def fit(
        self: Own,
        dataset: Dataset,
        *,
        steps: int,
        seed: int = 0,
        progress: Progress = no_progress,
    ) -> Own:
        """Learns from a dataset; see `benchmark.interface.Agent`.

        Args:
            dataset: of the task.
            steps: gradient steps.
            seed: of all random numbers, 0 or above.
            progress: called after every gradient step.

        Returns:
            The agent itself.

        Raises:
            ValueError: if the dataset's sizes are not the task's.
        """
        dataset.check_fits(self._task)
        self._fit(dataset, steps=steps, seed=seed, progress=progress)
        self._n_envs = None
        return self

    def reset(self, n_envs: int = 1) -> None:
        """Prepares for episodes that start together; see `benchmark.interface.Agent`.

        Args:
            n_envs: how many.
        """
        self._reset(n_envs)
        self._n_envs = n_envs

    def act(self, observations: ArrayLike, last_rewards: ArrayLike | None = None) -> FloatArray:
        """Chooses an action for an observation, or one for each of a batch.

        Before the first `reset`, it resets itself to as many environments as there are
        observations. Where a new episode starts, `reset` has to be called.

        Args:
            observations: (O,), or (n, O) of n environments side by side.
            last_rewards: a number, or (n,), reward of the last step; None for 0, as at the first.

        Returns:
            (A,), or (n, A), float32, inside the task's bounds.

        Raises:
            ValueError: for other shapes, or another n than that of the last `reset`.
        """
        batch = self._numbers("observations", observations)
        is_one, size = batch.ndim == 1, self._task.observation_size
        if batch.ndim not in (1, 2) or batch.shape[-1] != size:
            raise ValueError(
                f"observations have the shape {batch.shape}; valid on {self._task.name}: ({size},) "
                f"for one, (n, {size}) for n environments, as benchmark.make_env gives them"
            )
        batch = batch[None] if is_one else batch
        rewards = self._rewards(last_rewards, len(batch))
        if self._n_envs is None:
            self.reset(len(batch))
        if self._n_envs != len(batch):
            raise ValueError(
                f"act got observations of {len(batch)} environments after reset({self._n_envs}); "
                f"to start other episodes, call reset({len(batch)}) first"
            )
        actions = self._act(batch, rewards)
        return actions[0] if is_one else actions

    def _rewards(self, last_rewards: ArrayLike | None, n_envs: int) -> FloatArray:
        """(n,) of what `act` is given."""
        if last_rewards is None:
            return np.zeros(n_envs, np.float32)
        rewards = np.atleast_1d(self._numbers("last_rewards", last_rewards))
        if rewards.shape != (n_envs,):
            raise ValueError(
                f"last_rewards have the shape {rewards.shape}; valid: ({n_envs},), one for each "
                "observation; leave them out at the first step"
            )
        return rewards

    def _numbers(self, name: str, values: Any) -> FloatArray:
        """As float32, and not copied where they are that already."""
        try:
            return np.asarray(values, np.float32)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} are {shown(values)}; valid: numbers; benchmark.make_env makes an "
                "environment whose observations are flat arrays of them"
            ) from error
