"""Where an agent is, as networks see it beside the numbers themselves: as sines and cosines.

Two places on both sides of a wall have nearly the same coordinates, and a small network gives them
nearly the same value. Random Fourier features tell them apart (Tancik et al. 2020, "Fourier
Features Let Networks Learn High Frequency Functions in Low Dimensional Domains").

Names end in their shape: B rows of a batch, X numbers of an input, P of them places, F frequencies.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from benchmark.interface import TaskInfo

_DEVIATION = 2.0  # Of frequencies, of places whose deviation is 1.


def place_columns(task: TaskInfo) -> tuple[int, ...]:
    """Columns of an observation that say where the agent and its goal are; none but in mazes."""
    return (*task.position_columns, *task.goal_columns)


class PlaceFeatures(nn.Module):
    """Puts sines and cosines of some columns behind an input.

    Args:
        columns: P, which are normalised.
        count: F; the frequencies are the same in all networks.

    Attributes:
        added: numbers that are put behind an input.
    """

    frequencies_PF: Tensor

    def __init__(self, columns: Sequence[int], count: int) -> None:
        super().__init__()
        self._columns = list(columns)
        fixed = torch.Generator().manual_seed(0)
        frequencies_PF = _DEVIATION * torch.randn(len(columns), count, generator=fixed)
        self.register_buffer("frequencies_PF", frequencies_PF, persistent=False)
        self.added = 2 * count

    def forward(self, inputs_BX: Tensor) -> Tensor:
        """(B, X + 2 F)."""
        angles_BF = inputs_BX[:, self._columns] @ self.frequencies_PF
        return torch.cat([inputs_BX, angles_BF.sin(), angles_BF.cos()], 1)
