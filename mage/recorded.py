"""Recorded plans: windows as the frozen autoencoder puts them, worked out once for all later steps.

Names end in their shape: B windows of a batch, n candidates for each, M windows in all, N recorded
steps, A action size, T tokens, C code size, L latent positions.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from mage.codebook import CodebookUse
from mage.frozen import FrozenQuantizer
from mage.planner import Condition, Planner
from mage.windows import Windows

_CHUNK = 4096  # Windows that are worked on at a time.


class Batch(NamedTuple):
    """Recorded plans, and what they start from and lead to.

    Attributes:
        tokens_BT: of the frozen autoencoder.
        condition: the windows' first pairs.
        actions_BA: their first actions, scaled to [-1, 1].
    """

    tokens_BT: Tensor
    condition: Condition
    actions_BA: Tensor


class RecordedPlans:
    """Tokens of a dataset's windows, to draw batches from.

    Args:
        planner: with a trained autoencoder.
        windows: of the dataset, normalised and judged.
        actions_NA: recorded actions, scaled to [-1, 1].
        most: windows to work out, if there are more. Which ones depends on the seed alone, so that
            interrupted training finds them again.

    Attributes:
        quantizer: that the tokens are of.
        use: of the codebook.
    """

    @torch.no_grad()
    def __init__(self, planner: Planner, windows: Windows, actions_NA: Tensor, most: int) -> None:
        config, device = planner.config, windows.device
        choice = torch.Generator(device).manual_seed(torch.initial_seed())
        self._rows_M = torch.randperm(len(windows), generator=choice, device=device)[:most]
        self._windows, self._actions_NA = windows, actions_NA
        self.quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
        self.use = CodebookUse(config.scales, config.codes, device)
        chunks = []
        for rows in self._rows_M.split(_CHUNK):
            tokens_BT = planner.autoencoder.tokenise(windows.cut(rows))
            self.use.add(tokens_BT)
            chunks.append(tokens_BT.to(torch.int16))
        self._tokens_MT = torch.cat(chunks)

    def draw(self, size: int) -> Batch:
        """A batch of any windows, drawn uniformly."""
        return self._batch(self._choose(size))

    def draw_best(self, size: int, candidates: int) -> Batch:
        """A batch of windows, each the one of so many whose return has the largest advantage."""
        chosen_nB = self._choose(candidates * size).view(candidates, size)
        advantages_nB = self._windows.advantages_N1[self._rows_M[chosen_nB], 0]
        return self._batch(chosen_nB.gather(0, advantages_nB.argmax(0, keepdim=True))[0])

    def _choose(self, size: int) -> Tensor:
        return torch.randint(len(self._rows_M), (size,), device=self._rows_M.device)

    def _batch(self, chosen_B: Tensor) -> Batch:
        rows_B = self._rows_M[chosen_B]
        tokens_BT = self._tokens_MT[chosen_B].long()
        return Batch(tokens_BT, self._windows.condition(rows_B), self._actions_NA[rows_B])
