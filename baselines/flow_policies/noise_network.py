"""The network that IDQL denoises actions with: residual blocks with layer norm.

As in the authors' code (https://github.com/philippe-eecs/IDQL, `jaxrl5/networks`), whose widths are
four times those of a block between its two layers. Names end in their shape: n rows, S observation
size, A action size, W width.
"""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor, nn

_FREQUENCIES, _TIME_SIZE = 32, 128


class ResidualBlock(nn.Module):
    """Adds two layers to what comes in.

    Args:
        width: W.
        dropout: share of what comes in that is left out in training.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(dropout),
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.Mish(),
            nn.Linear(4 * width, width),
        )

    def forward(self, hidden_nW: Tensor) -> Tensor:
        """Of the same shape."""
        added: Tensor = self.layers(hidden_nW)
        return hidden_nW + added


class NoiseNetwork(nn.Module):
    """The noise in an action, from the action, the observation and the step of denoising.

    Args:
        observation_size: S.
        action_size: A.
        width: W.
        blocks: how many.
        dropout: of each block.
    """

    def __init__(
        self, observation_size: int, action_size: int, *, width: int, blocks: int, dropout: float
    ) -> None:
        super().__init__()
        self.frequencies = nn.Parameter(0.2 * torch.randn(_FREQUENCIES))
        self.time = nn.Sequential(
            nn.Linear(2 * _FREQUENCIES, _TIME_SIZE), nn.Mish(), nn.Linear(_TIME_SIZE, _TIME_SIZE)
        )
        self.layers = nn.Sequential(
            nn.Linear(observation_size + action_size + _TIME_SIZE, width),
            *(ResidualBlock(width, dropout) for _ in range(blocks)),
            nn.Mish(),
            nn.Linear(width, action_size),
        )

    def forward(self, state_nS: Tensor, action_nA: Tensor, step_n: Tensor) -> Tensor:
        """The noise (n, A) in actions after so many steps of adding it, less one."""
        angles = 2 * pi * step_n[:, None] * self.frequencies
        time = self.time(torch.cat([angles.cos(), angles.sin()], 1))
        noise: Tensor = self.layers(torch.cat([action_nA, state_nS, time], 1))
        return noise
