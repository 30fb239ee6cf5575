"""From recorded steps to normalised windows, and back.

Names end in their shape: B windows, P steps a window looks at, D numbers per step,
S observation size, N recorded steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.returns.normalisers import Normaliser

_WINDOWS_MEASURED = 20_000


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
        self._difference: Normaliser | None = None

    def __len__(self) -> int:
        return len(self.observations_NS)

    def normalise(self, planner: Planner) -> None:
        """Fits a planner's normalisers and applies them, once for all windows."""
        normalised = planner.normalise(self.observations_NS, self.returns_N1)
        self.observations_NS, self.returns_N1 = normalised
        self.advantages_N1 = torch.zeros_like(self.returns_N1)
        parts = {
            "return": self.returns_N1,
            "observation": self.observations_NS,
            "action": self.actions_NA,
        }
        self._steps_ND = torch.cat([parts[part] for part in self._sequence], dim=1)
        if planner.config.relative and "observation" in self._sequence:
            self._observed = planner.observed
            planner.difference_normaliser.fit(self._differences().flatten(0, 1))
            self._difference = planner.difference_normaliser

    def compute_advantages(self, planner: Planner) -> None:
        """Works out the advantage of each window's return, once the return model is trained."""
        self.advantages_N1 = planner.advantages(self.observations_NS, self.returns_N1)

    def cut(self, rows_B: Tensor) -> Tensor:
        """Windows (B, P, D) that start at the given rows."""
        steps_BPD = self._steps_ND[self._rows(rows_B)]
        if self._difference is not None:
            observation_BPS = steps_BPD[..., self._observed]
            relative_BPS = self._difference(observation_BPS - observation_BPS[:, :1])
            steps_BPD[..., self._observed] = relative_BPS
        return steps_BPD

    def condition(self, rows_B: Tensor) -> Condition:
        """What each window starts from, and what it brings."""
        return Condition(
            self.observations_NS[rows_B], self.returns_N1[rows_B], self.advantages_N1[rows_B]
        )

    def _rows(self, rows_B: Tensor) -> Tensor:
        rows_BP = rows_B[:, None] + self._offsets
        return torch.minimum(rows_BP, self._last_rows[rows_B][:, None])

    def _differences(self) -> Tensor:
        """How far observations (B, P, S) get from their window's first, in windows of all parts."""
        count = min(len(self), _WINDOWS_MEASURED)
        rows_B = torch.linspace(0, len(self) - 1, count, device=self.device).long()
        observation_BPS = self.observations_NS[self._rows(rows_B)]
        return observation_BPS - observation_BPS[:, :1]
