"""From recorded steps to normalised windows, and back.

Names end in their shape: B windows, P steps a window looks at, D numbers per step, S observation
size, X numbers of an observation that plans hold, N recorded steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.difference_normaliser import DifferenceNormaliser
from mage.model.planner import Condition, Planner
from mage.returns.recorded_returns import RecordedReturns, continuation

_WINDOWS_MEASURED = 20_000


class Windows:
    """All windows of a dataset, cut by index from arrays on the training device.

    A window starts at any recorded step and looks at `pairs` steps from there on, as far apart as
    `MAGEConfig.offsets` says. Past the end of the episode it holds padding, zeros that no loss
    counts; it never runs into the next episode::

        row           7    8    9   10 | 11 ...          pairs = 4, stride = 2
        from row 7    7         9    -    -              (the episode ends with row 10)
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
        self._continuation = continuation(dataset, discount, config.bootstrap_steps, device)
        self._last_rows = put(dataset.last_rows)
        self._offsets = torch.tensor(config.offsets, device=device)
        self._sequence = config.sequence
        self._difference: DifferenceNormaliser | None = None
        self._start_noise = config.start_noise

    def __len__(self) -> int:
        return len(self.observations_NS)

    def normalise(self, planner: Planner) -> None:
        """Fits a planner's normalisers and applies them, once for all windows."""
        normalised = planner.normalise(self.observations_NS, self.returns_N1)
        self.observations_NS, self.returns_N1 = normalised
        self.recorded_returns = RecordedReturns(*normalised, self._continuation)
        self.advantages_N1 = torch.zeros_like(self.returns_N1)
        self._planned = planner.planned
        parts = {
            "return": self.returns_N1,
            "observation": self.observations_NS[:, planner.planned],
            "action": self.actions_NA,
        }
        self._steps_ND = torch.cat([parts[part] for part in self._sequence], dim=1)
        if planner.config.relative and "observation" in self._sequence:
            self._observed = planner.observed
            self._difference = planner.difference_normaliser
            self._difference.fit(*self._measured_differences())

    def label(self, planner: Planner) -> None:
        """Works out each window's return and its advantage, once the return model is trained."""
        self.returns_N1, self.advantages_N1 = self.recorded_returns.labels(planner)
        if "return" in self._sequence:  # It comes first.
            self._steps_ND[:, :1] = self.returns_N1

    def start_noise(self, count: int, generator: torch.Generator | None = None) -> Tensor | None:
        """What is added to where windows start (B, X), drawn anew; None for nothing."""
        if not self._start_noise or self._difference is None:
            return None
        led_X = self._difference.deviation[1:].square().mean(0).sqrt()
        noise_BX = torch.randn((count, len(led_X)), generator=generator, device=self.device)
        return self._start_noise * led_X * noise_BX

    def cut(self, rows_B: Tensor, noise_BX: Tensor | None = None) -> Tensor:
        """Windows (B, P, D) that start at the given rows.

        Args:
            rows_B: of their first steps.
            noise_BX: from `start_noise`.
        """
        rows_BP, real_BP = self._rows(rows_B)
        steps_BPD = self._steps_ND[rows_BP]
        if self._difference is not None:
            planned_BPX = steps_BPD[..., self._observed]
            if noise_BX is not None:
                planned_BPX[:, 0] += noise_BX
            steps_BPD[..., self._observed] = self._difference(planned_BPX)
        return steps_BPD * real_BP[..., None]

    def real(self, rows_B: Tensor) -> Tensor:
        """(B, P) 1 where windows hold recorded steps, 0 where they hold padding."""
        return self._rows(rows_B)[1].float()

    def condition(self, rows_B: Tensor, noise_BX: Tensor | None = None) -> Condition:
        """What each window starts from, and what it brings; arguments as of `cut`."""
        observation_BS = self.observations_NS[rows_B]
        if noise_BX is not None:
            observation_BS[:, self._planned] += noise_BX
        return Condition.asking(observation_BS, self.returns_N1[rows_B], self.advantages_N1[rows_B])

    def later(self, rows_B: Tensor, count: int) -> Tensor:
        """Rows (B,), each drawn from a row and the next ones of its episode, of at most `count`."""
        there_B = (self._last_rows[rows_B] - rows_B + 1).clamp(max=count)
        return rows_B + torch.randint(2**31, rows_B.shape, device=rows_B.device) % there_B

    def _rows(self, rows_B: Tensor) -> tuple[Tensor, Tensor]:
        """Rows (B, P) of a window's steps, and whether they are steps or padding."""
        rows_BP = rows_B[:, None] + self._offsets
        last_B1 = self._last_rows[rows_B][:, None]
        return torch.minimum(rows_BP, last_B1), rows_BP <= last_B1

    def _measured_differences(self) -> tuple[Tensor, Tensor]:
        """What windows from everywhere observe (B, P, X), and which of it is no padding."""
        count = min(len(self), _WINDOWS_MEASURED)
        rows_B = torch.linspace(0, len(self) - 1, count, device=self.device).long()
        rows_BP, real_BP = self._rows(rows_B)
        return self._steps_ND[rows_BP][..., self._observed], real_BP
