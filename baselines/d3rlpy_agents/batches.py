"""Mini-batches for d3rlpy, cut from the flat arrays of a dataset.

d3rlpy's own replay buffer picks transitions one by one in Python and keeps an object for each;
these samplers pick the same transitions all at once, without a copy of the data.

Shapes: N recorded steps, B batch, L steps of context, O observation size, A action size.
"""

from __future__ import annotations

import numpy as np
from d3rlpy.dataset import TrajectoryMiniBatch, TransitionMiniBatch

from baselines.shared.episodes import transition_rows
from benchmark.interface import Dataset, FloatArray


class TransitionSampler:
    """Random transitions (s, a, r, s', a', end) for algorithms that look one step ahead.

    The last step before a timeout is never among them: its next observation is unknown.
    """

    def __init__(self, dataset: Dataset, rewards: FloatArray, batch_size: int) -> None:
        """Prepares for sampling.

        Args:
            dataset: recorded steps.
            rewards: (N,) rewards to learn from, in place of the recorded ones.
            batch_size: B.

        Raises:
            ValueError: if the dataset has no transition.
        """
        self._dataset = dataset
        self._rewards = rewards
        self._batch_size = batch_size
        self._rows = transition_rows(dataset)

    def sample(self, rng: np.random.Generator) -> TransitionMiniBatch:
        """Draws B transitions with replacement."""
        rows = rng.choice(self._rows, self._batch_size)
        ended = self._dataset.terminals[rows]
        # Every algorithm masks out what follows a terminal, so any observation will do.
        next_rows = np.where(ended, rows, rows + 1)
        return TransitionMiniBatch(
            observations=self._dataset.observations[rows],
            actions=self._dataset.actions[rows],
            rewards=self._rewards[rows, None],
            next_observations=self._dataset.observations[next_rows],
            next_actions=self._dataset.actions[next_rows],
            terminals=ended[:, None].astype(np.float32),
            intervals=np.ones((len(rows), 1), np.float32),
            transitions=(),
        )


class ContextSampler:
    """Random pieces of episodes, L steps long, for sequence models.

    A piece that begins before its episode does is padded in front with zeros, as in d3rlpy.
    """

    def __init__(
        self, dataset: Dataset, returns_to_go: FloatArray, context_size: int, batch_size: int
    ) -> None:
        """Prepares for sampling.

        Args:
            dataset: recorded steps.
            returns_to_go: (N,) what is still to be collected from each step on.
            context_size: L.
            batch_size: B.

        Raises:
            ValueError: if the dataset has no transition.
        """
        self._dataset = dataset
        self._returns_to_go = returns_to_go
        self._offsets = np.arange(1 - context_size, 1)
        self._batch_size = batch_size
        self._rows = transition_rows(dataset)

    def sample(self, rng: np.random.Generator) -> TrajectoryMiniBatch:
        """Draws B pieces with replacement, each ending with a transition."""
        last = rng.choice(self._rows, self._batch_size)[:, None]
        episodes = np.searchsorted(self._dataset.ends, last, side="right")
        first = self._dataset.starts[episodes]  # (B, 1)
        inside = last + self._offsets >= first  # (B, L)
        rows = np.maximum(last + self._offsets, first)
        column = inside[:, :, None]
        return TrajectoryMiniBatch(
            observations=self._dataset.observations[rows] * column,
            actions=self._dataset.actions[rows] * column,
            rewards=self._dataset.rewards[rows][:, :, None] * column,
            returns_to_go=self._returns_to_go[rows][:, :, None] * column,
            terminals=(self._dataset.terminals[rows][:, :, None] & column).astype(np.float32),
            # The first step of an episode is number 1; 0 is padding.
            timesteps=((rows - first + 1) * inside).astype(np.float32),
            masks=inside.astype(np.float32),
            length=rows.shape[1],
        )
