"""What both agents share: the noise that they act by.

Names end in their shape: n environments, S observation size, A action size.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from baselines.shared.transition_agent import TransitionAgent
from benchmark.interface import FloatArray


class FlowAgent(TransitionAgent):
    """An agent that turns noise into actions."""

    @abstractmethod
    def _actions_from_noise(self, state_nS: Tensor, noise: torch.Generator) -> Tensor:
        """Actions (n, A) between -1 and 1."""

    def _reset(self, n_envs: int) -> None:
        """Starts the noise anew."""
        self._noise = torch.Generator(self._device).manual_seed(0)

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        return self._unscaled(self._actions_from_noise(self._observed(observations), self._noise))
