"""An agent that learns at a fixed rate, from what was recorded as it is, with slow copies.

Actions are brought from the task's bounds to [-1, 1] and back.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import Tensor

from baselines.shared.config_checks import check_ranges
from baselines.shared.network_agent import NetworkAgent
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Settings, TaskInfo

# Observed numbers beyond it are cut off, as their squares would overflow in a network.
LARGEST_SEEN = 1e6


@dataclass(frozen=True)
class FixedRateConfig:
    """Settings of every such agent.

    Attributes:
        batch_size: rows per gradient step.
        hidden_sizes: width of each hidden layer, in all networks.
        learning_rate: of Adam, from the first step to the last.
    """

    batch_size: int = 256
    hidden_sizes: tuple[int, ...] = (512, 512, 512)
    learning_rate: float = 3e-4

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), hidden_sizes=(1, inf), learning_rate=(0, 1))


@dataclass(frozen=True)
class NoStatistics:
    """Nothing has to be measured: networks see numbers as they were recorded."""


class FixedRateAgent(NetworkAgent):
    """Networks trained by Adam at one rate, behind `benchmark.interface.Agent`."""

    statistics_class = NoStatistics

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        low, high = torch.tensor(task.action_low), torch.tensor(task.action_high)
        self._low, self._high = low.to(device), high.to(device)
        super().__init__(task, settings, device)

    def _follow(self) -> None:
        """Lets slow copies follow their networks, after each gradient step."""

    @property
    def parameter_count(self) -> int:
        """Number of trained weights; slow copies do not count."""
        weights = self._networks.parameters()
        return sum(weight.numel() for weight in weights if weight.requires_grad)

    def _measure(self, dataset: Dataset) -> NoStatistics:
        return NoStatistics()

    def _optimiser(self) -> torch.optim.Optimizer:
        weights = [weight for weight in self._networks.parameters() if weight.requires_grad]
        # All weights at once: a small network has more of them than work in each.
        return torch.optim.Adam(weights, self.config.learning_rate, fused=True)

    def _learning(self) -> dict[str, Any]:
        return {"last_rate": 1.0, "after_step": self._follow}

    def _put(self, array: Any) -> Tensor:
        return torch.as_tensor(array, device=self._device)

    def _observed(self, observations: FloatArray) -> Tensor:
        """Observations (..., O) as networks see them."""
        return self._put(observations.clip(-LARGEST_SEEN, LARGEST_SEEN))

    def _scaled(self, actions: FloatArray) -> Tensor:
        """Actions (..., A) between -1 and 1."""
        return 2 * (self._put(actions) - self._low) / (self._high - self._low) - 1

    def _unscaled(self, scaled: Tensor) -> FloatArray:
        """Actions (n, A) inside the bounds."""
        actions = self._low + (scaled.clamp(-1, 1) + 1) / 2 * (self._high - self._low)
        return self._inside_bounds(actions)
