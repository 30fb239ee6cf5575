"""A quantiser that learns no more: its map at each scale is one matrix.

Names end in their shape: B windows, L latent positions, C code size, l tokens of one scale, T of
all.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mage.model.quantizer import MultiScaleQuantizer


class FrozenQuantizer:
    """What stage 2 and acting need of a `MultiScaleQuantizer`, with its weights as they are now.

    A latent has its positions last here, (B, C, L), which is how its matrices give it.
    """

    @torch.no_grad()
    def __init__(self, quantizer: MultiScaleQuantizer) -> None:
        self.scales = quantizer.scales
        self.codebook = quantizer.codebook.weight.detach()
        scales = range(len(self.scales))
        self._down = [quantizer.get_buffer(f"_down_{scale}") for scale in scales]
        self._up = [_as_matrix(quantizer, scale) for scale in scales]

    def codes_of(self, tokens_BT: Tensor) -> list[Tensor]:
        """The codes (B, l, C) of each scale's tokens."""
        return [F.embedding(each, self.codebook) for each in tokens_BT.split(self.scales, 1)]

    def up(self, codes_BlC: Tensor, scale: int) -> Tensor:
        """What the codes of one scale add to the latent (B, C, L)."""
        z = F.linear(codes_BlC.flatten(1), *self._up[scale])
        return z.view(z.shape[0], codes_BlC.shape[2], -1)

    def down(self, latent_BCL: Tensor, scale: int) -> Tensor:
        """Averages a latent to the length of a scale: (B, l, C)."""
        return F.linear(latent_BCL, self._down[scale]).transpose(1, 2)

    def latent(self, codes: Sequence[Tensor]) -> Tensor:
        """Puts the codes of all scales together: the sum of all z_k (B, L, C)."""
        return (
            torch.stack([self.up(each, k) for k, each in enumerate(codes)]).sum(0).transpose(1, 2)
        )

    def next_inputs(self, codes: Sequence[Tensor]) -> Tensor:
        """What the transformer reads at scales 2 to K when it is taught: (B, T - l_1, C).

        At each scale that is the sum of all coarser z, averaged to the scale's length.
        """
        total_BCL: Tensor | float = 0.0
        inputs = [codes[0][:, :0]]
        for scale in range(len(self.scales) - 1):
            total_BCL = total_BCL + self.up(codes[scale], scale)
            inputs.append(self.down(total_BCL, scale + 1))
        return torch.cat(inputs, 1)


def _as_matrix(quantizer: MultiScaleQuantizer, scale: int) -> tuple[Tensor, Tensor]:
    """What the codes of a scale add to the latent, as one matrix (C L, l C) and a bias (C L)."""
    weight = quantizer.codebook.weight
    length, size = quantizer.scales[scale], weight.shape[1]
    unit = torch.eye(length * size, device=weight.device).view(-1, length, size)
    bias = quantizer.up(torch.zeros_like(unit[:1]), scale)
    columns = quantizer.up(unit, scale) - bias
    return columns.transpose(1, 2).flatten(1).t().contiguous(), bias.transpose(1, 2).flatten()
