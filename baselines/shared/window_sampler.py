"""Windows of recorded steps for diffusion, normalised, with a value of their first step.

Shapes: B batch, H steps of a window, D = A + O columns, actions before observations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from baselines.shared.episodes import transition_rows
from benchmark.interface import Dataset, FloatArray


@dataclass(frozen=True)
class RangeNormaliser:
    """Maps each column from the range it has in a dataset to [-1, 1] (`LimitsNormalizer`).

    Attributes:
        low: (D,) smallest value of each column.
        high: (D,) largest value; of a column that never changes both are moved apart, so that what
            was recorded lies in the middle.
    """

    low: torch.Tensor
    high: torch.Tensor

    @classmethod
    def of(cls, dataset: Dataset, device: str) -> RangeNormaliser:
        """The ranges of a dataset's actions and observations."""
        arrays = (dataset.actions, dataset.observations)
        low = np.concatenate([array.min(axis=0) for array in arrays])
        high = np.concatenate([array.max(axis=0) for array in arrays])
        # Or differs by less than float32 can divide by.
        numbers = np.finfo(np.float32)
        constant = high / 2 - low / 2 < numbers.tiny
        # One is lost beside a large number; beyond the largest there is none.
        apart = np.where(constant, np.maximum(1, np.abs(low.astype(np.float64)) / 1024), 0)
        low, high = (
            np.clip(bound, numbers.min, numbers.max).astype(np.float32)
            for bound in (low - apart, high + apart)
        )
        return cls(torch.as_tensor(low, device=device), torch.as_tensor(high, device=device))

    def normalise(self, values: torch.Tensor) -> torch.Tensor:
        """(..., D) to [-1, 1]."""
        # Halves, whose difference float32 can hold whatever the numbers are.
        return (values / 2 - self.low / 2) / self._half_range() * 2 - 1

    def restore(self, values: torch.Tensor) -> torch.Tensor:
        """Inverse of `normalise`."""
        return ((values + 1) / 2 * self._half_range() + self.low / 2) * 2

    def _half_range(self) -> torch.Tensor:
        return self.high / 2 - self.low / 2


def standardised(returns: FloatArray) -> FloatArray:
    """(N,) returns with a mean of 0 and a deviation of 1, or all 0 where they are all equal."""
    deviation = returns.std() or np.float32(1)
    standard: FloatArray = (returns - returns.mean()) / deviation
    return standard


class WindowSampler:
    """Random windows of a dataset; past the end of an episode its last step is repeated."""

    def __init__(
        self,
        dataset: Dataset,
        normaliser: RangeNormaliser,
        horizon: int,
        values: FloatArray,
        stride: int = 1,
    ) -> None:
        """Prepares for sampling.

        Args:
            dataset: recorded steps.
            normaliser: of its columns.
            horizon: H.
            values: (N,) what is said of a window that starts at a row.
            stride: recorded steps from one step of a window to the next.

        Raises:
            ValueError: if the dataset has no transition.
        """
        self._dataset = dataset
        self._normaliser = normaliser
        self._offsets = stride * np.arange(horizon)
        self._rows = transition_rows(dataset)
        self._values = values

    def sample(self, rng: np.random.Generator, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Draws B windows with replacement.

        Returns:
            (B, H, D) normalised windows; (B,) the values of their first rows.
        """
        first = rng.choice(self._rows, size)
        rows = self._dataset.window_rows(first, self._offsets)
        steps = np.concatenate(
            [self._dataset.actions[rows], self._dataset.observations[rows]], axis=2
        )
        device = self._normaliser.low.device
        windows = self._normaliser.normalise(torch.as_tensor(steps, device=device))
        return windows, torch.as_tensor(self._values[first], device=device)
