"""What both agents share: transitions, action values, and the noise that they act by.

Deviations of both from their papers: observed numbers beyond a million are cut off, and actions are
brought from the task's bounds to [-1, 1] and back.

Names end in their shape: B rows of a batch, n environments, S observation size, A action size,
E networks of an ensemble.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.shared.episodes import transition_rows
from baselines.shared.fixed_rate_agent import FixedRateAgent
from benchmark.interface import Dataset, FloatArray


@dataclass(frozen=True)
class TransitionBatch:
    """What was recorded.

    Attributes:
        state_BS: observations.
        action_BA: scaled to [-1, 1].
        reward_B: scaled and shifted.
        next_BS: observations after; where an episode ended, those before.
        goes_on_B: 0 where the task ended, otherwise 1.
    """

    state_BS: Tensor
    action_BA: Tensor
    reward_B: Tensor
    next_BS: Tensor
    goes_on_B: Tensor


class FlowAgent(FixedRateAgent):
    """An agent that turns noise into actions; its config is a `FlowConfig`."""

    @abstractmethod
    def _actions_from_noise(self, state_nS: Tensor, noise: torch.Generator) -> Tensor:
        """Actions (n, A) between -1 and 1."""

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], TransitionBatch]:
        rows_with_outcome = transition_rows(dataset)
        scale, shift = np.float32(self.config.reward_scale), np.float32(self.config.reward_shift)

        def draw(rng: np.random.Generator) -> TransitionBatch:
            drawn = rng.integers(len(rows_with_outcome), size=self.config.batch_size)
            rows = rows_with_outcome[drawn]
            goes_on = ~dataset.terminals[rows]
            return TransitionBatch(
                self._observed(dataset.observations[rows]),
                self._scaled(dataset.actions[rows]),
                self._put(dataset.rewards[rows] * scale + shift),
                self._observed(dataset.observations[rows + goes_on]),
                self._put(goes_on.astype(np.float32)),
            )

        return draw

    def _reset(self, n_envs: int) -> None:
        """Starts the noise anew."""
        self._noise = torch.Generator(self._device).manual_seed(0)

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        return self._unscaled(self._actions_from_noise(self._observed(observations), self._noise))
