"""From recorded steps to normalised windows, and back.

Names end in their shape: B windows, P steps a window looks at, D numbers per step,
S observation size, N recorded steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmark.interface import Dataset
from mage.config import MAGEConfig


class Normaliser(nn.Module):
    """Shifts and scales each column to mean 0 and deviation 1; saved with the weights."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("deviation", torch.ones(columns))

    def fit(self, values: Tensor) -> None:
        """Takes mean and deviation from values (N, columns); a constant column is only shifted."""
        self.mean.copy_(values.mean(0))
        deviation = values.std(0)
        self.deviation.copy_(torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation)))

    def forward(self, values: Tensor) -> Tensor:
        """Normalises values (..., columns)."""
        return (values - self.mean) / self.deviation

    def inverse(self, values: Tensor) -> Tensor:
        """Undoes `forward`."""
        return values * self.deviation + self.mean


class Windows:
    """All windows of a dataset, cut by index from arrays on the training device.

    A window starts at any recorded step and looks at `pairs` steps, `stride` apart. Past the end
    of the episode its last step is repeated; a window never runs into the next episode::

        row           7    8    9   10 | 11 ...          pairs = 4, stride = 2
        from row 7    7         9   10   10              (the episode ends with row 10)
    """

    def __init__(
        self, dataset: Dataset, config: MAGEConfig, discount: float, device: torch.device
    ) -> None:
        def put(array: object) -> Tensor:
            # Copied, since torch refuses to share read-only arrays without a warning.
            return torch.tensor(array, device=device)

        self.observations_NS = put(dataset.observations)
        self.actions_NA = put(dataset.actions)
        self.returns_N1 = put(dataset.returns_to_go(discount))[:, None]
        self.device = device
        self._last_rows = put(dataset.last_rows)
        self._offsets = torch.arange(config.pairs, device=device) * config.stride
        self._sequence = config.sequence

    def __len__(self) -> int:
        return len(self.observations_NS)

    def normalise(self, observation: Normaliser, returns: Normaliser) -> None:
        """Fits both normalisers and applies them to the stored arrays, once for all windows."""
        observation.fit(self.observations_NS)
        returns.fit(self.returns_N1)
        self.observations_NS = observation(self.observations_NS)
        self.returns_N1 = returns(self.returns_N1)
        parts = {
            "return": self.returns_N1,
            "observation": self.observations_NS,
            "action": self.actions_NA,
        }
        self._steps_ND = torch.cat([parts[part] for part in self._sequence], dim=1)

    def cut(self, rows_B: Tensor) -> Tensor:
        """Windows (B, P, D) that start at the given rows."""
        rows_BP = rows_B[:, None] + self._offsets
        rows_BP = torch.minimum(rows_BP, self._last_rows[rows_B][:, None])
        return self._steps_ND[rows_BP]

    def condition(self, rows_B: Tensor) -> Tensor:
        """The first pair (B, S + 1) of each window: observation, then return-to-go."""
        return torch.cat([self.observations_NS[rows_B], self.returns_N1[rows_B]], dim=1)
