"""From the units of a task to numbers around 0, and back; saved with the weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Smaller deviations count as this, which d3rlpy adds to all: where a thing is at rest in all
# recorded episodes, a column holds but the noise of the simulation, which must not look like much.
_LEAST_DEVIATION = 1e-3
# The share of the range of returns below which a logarithmic scale hardly tells them apart.
_LEAST_SHARE = 0.01


class Normaliser(nn.Module):
    """Shifts and scales each column to mean 0 and deviation 1."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("deviation", torch.ones(columns))

    def fit(self, values: Tensor) -> None:
        """Takes mean and deviation from values (N, columns); a constant column is only shifted."""
        mean, deviation = values.mean(0), values.std(0)
        if not (mean.isfinite() & deviation.isfinite()).all():
            # Sums and squares of large numbers, which alone float32 can hold.
            wide = values.cpu().double()
            mean, deviation = wide.mean(0).to(values), wide.std(0).to(values)
        least, most = values.amin(0), values.amax(0)
        constant = least == most
        self.mean.copy_(torch.where(constant, least, mean))
        deviation = deviation.clamp(_LEAST_DEVIATION, torch.finfo(values.dtype).max)
        self.deviation.copy_(deviation.masked_fill(constant, 1.0))

    def forward(self, values: Tensor) -> Tensor:
        """Normalises values (..., columns)."""
        # Halves, whose difference float32 can hold whatever the numbers are.
        return (values / 2 - self.mean / 2) / (self.deviation / 2)

    def inverse(self, values: Tensor) -> Tensor:
        """Undoes `forward`."""
        return (values * (self.deviation / 2) + self.mean / 2) * 2


class LogNormaliser(Normaliser):
    """Normalises the logarithm of returns, shifted so that the smallest recorded one has one.

    Where a reward is far away, what discounting leaves of it falls by orders of magnitude with the
    distance; on this scale each step takes off the same.
    """

    low: Tensor
    extent: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__(columns)
        self.register_buffer("low", torch.zeros(columns))
        self.register_buffer("extent", torch.ones(columns))

    def fit(self, values: Tensor) -> None:
        """Takes the range too from values (N, columns)."""
        self.low.copy_(values.amin(0))
        extent = values.amax(0) - self.low
        self.extent.copy_(torch.where(extent > 1e-6, extent, torch.ones_like(extent)))
        super().fit(self._scaled_log(values))

    def forward(self, values: Tensor) -> Tensor:
        """Normalises values (..., columns); those below the recorded range count as its end."""
        return super().forward(self._scaled_log(values))

    def inverse(self, values: Tensor) -> Tensor:
        """Undoes `forward` within the recorded range."""
        share = super().inverse(values).exp() - _LEAST_SHARE
        return share * self.extent + self.low

    def _scaled_log(self, values: Tensor) -> Tensor:
        share = (values - self.low) / self.extent
        return torch.log(share.clamp(min=0) + _LEAST_SHARE)
