"""Observations of a window relative to its first, so that a code means the same everywhere.

Names end in their shape: B windows, P steps a window looks at, S observation size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mage.returns.normalisers import Normaliser


class DifferenceNormaliser(nn.Module):
    """Puts the observations of a window relative to its first, which stays as it is.

    Near steps move little and far ones much: each has a deviation of its own, so that what comes
    next counts as much as where it leads.

    Args:
        steps: P, that a window looks at.
        columns: S, of an observation.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, steps: int, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(steps, columns))
        self.register_buffer("deviation", torch.ones(steps, columns))

    def fit(self, observation_BPS: Tensor, real_BP: Tensor) -> None:
        """Takes mean and deviation of each step's difference from the first.

        Args:
            observation_BPS: of windows, normalised.
            real_BP: which of their steps are no padding.
        """
        difference_BPS = observation_BPS - observation_BPS[:, :1]
        for step in range(1, real_BP.shape[1]):
            values = difference_BPS[real_BP[:, step], step]
            if len(values) > 1:
                one = Normaliser(values.shape[1])
                one.fit(values)
                self.mean[step], self.deviation[step] = one.mean, one.deviation

    def forward(self, observation_BPS: Tensor) -> Tensor:
        """Windows (B, P, S) of normalised observations as they are held."""
        first_B1S = observation_BPS[:, :1]
        later_BPS = (observation_BPS[:, 1:] - first_B1S - self.mean[1:]) / self.deviation[1:]
        return torch.cat([first_B1S, later_BPS], 1)

    def inverse(self, held_BPS: Tensor, first_BS: Tensor) -> Tensor:
        """Normalised observations (B, P, S) of a window that starts from the given ones (B, S)."""
        later_BPS = held_BPS[:, 1:] * self.deviation[1:] + self.mean[1:] + first_BS[:, None]
        return torch.cat([held_BPS[:, :1], later_BPS], 1)
