"""The multi-scale residual quantiser: one latent sequence as token maps, coarse to fine.

MAGE section on the multi-scale trajectory autoencoder; the scheme is that of VAR (Tian et al.
2024). Names end in their shape: B windows, L latent positions, C code size, V codes, K scales,
l tokens of one scale, T tokens of all scales.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Quantised(NamedTuple):
    """What quantising a latent gives.

    Attributes:
        latent_BLC: the sum of all scales, through which gradients pass straight to the input.
        tokens_BT: code numbers, scale after scale.
        loss: codebook and commitment loss.
        residual_energy_K: mean square of what is left after each scale.
    """

    latent_BLC: Tensor
    tokens_BT: Tensor
    loss: Tensor
    residual_energy_K: Tensor


class MultiScaleQuantizer(nn.Module):
    """Splits a latent (B, L, C) into K token maps over one shared codebook, and puts it together.

    Args:
        scales: tokens per scale, the last being L.
        codes: V.
        code_size: C.
        commitment: weight of the commitment loss.
    """

    unused_V: Tensor

    def __init__(
        self, scales: Sequence[int], codes: int, code_size: int, commitment: float
    ) -> None:
        super().__init__()
        self.scales = tuple(scales)
        self.length = self.scales[-1]
        self.commitment = commitment
        self.codebook = nn.Embedding(codes, code_size)
        nn.init.normal_(self.codebook.weight, std=code_size**-0.5)
        # As in VAR, a small convolution per scale mends what plain interpolation leaves.
        self.mend = nn.ModuleList(
            nn.Conv1d(code_size, code_size, kernel_size=3, padding=1) for _ in self.scales
        )
        for scale, length in enumerate(self.scales):
            self.register_buffer(f"_down_{scale}", _down(self.length, length), persistent=False)
            self.register_buffer(f"_up_{scale}", _up(length, self.length), persistent=False)
        self.register_buffer("unused_V", torch.zeros(codes), persistent=False)

    def down(self, latent_BLC: Tensor, scale: int) -> Tensor:
        """Averages a latent to the length of a scale: (B, l, C)."""
        return torch.matmul(self.get_buffer(f"_down_{scale}"), latent_BLC)

    def up(self, code_BlC: Tensor, scale: int) -> Tensor:
        """What the codes of one scale add to the latent: z_k (B, L, C)."""
        z_BLC = torch.matmul(self.get_buffer(f"_up_{scale}"), code_BlC)
        mended: Tensor = self.mend[scale](z_BLC.transpose(1, 2)).transpose(1, 2)
        return 0.5 * z_BLC + 0.5 * mended

    def nearest(self, vectors_BlC: Tensor) -> Tensor:
        """The number of the nearest code to each vector: (B, l)."""
        codebook_VC = self.codebook.weight
        scores = vectors_BlC @ codebook_VC.t() - 0.5 * codebook_VC.square().sum(1)
        return scores.argmax(-1)

    def forward(self, latent_BLC: Tensor) -> Quantised:
        """Quantises with gradients; for training the autoencoder."""
        rest_BLC, total_BLC = latent_BLC.detach(), torch.zeros_like(latent_BLC)
        loss, tokens, energy = latent_BLC.new_zeros(()), [], []
        for scale in range(len(self.scales)):
            tokens_Bl = self.nearest(self.down(rest_BLC, scale))
            z_BLC = self.up(self.codebook(tokens_Bl), scale)
            total_BLC = total_BLC + z_BLC
            rest_BLC = rest_BLC - z_BLC.detach()
            loss = loss + F.mse_loss(total_BLC, latent_BLC.detach())
            loss = loss + self.commitment * F.mse_loss(latent_BLC, total_BLC.detach())
            tokens.append(tokens_Bl)
            energy.append(rest_BLC.square().mean())
        straight_BLC = latent_BLC + (total_BLC - latent_BLC).detach()
        return Quantised(
            straight_BLC,
            torch.cat(tokens, 1),
            loss / len(self.scales),
            torch.stack(energy),
        )

    @torch.no_grad()
    def revive(self, latent_BLC: Tensor, tokens_BT: Tensor, patience: int) -> int:
        """Moves codes that `patience` batches did not use onto vectors of this batch.

        Returns:
            How many were moved.
        """
        self.unused_V += 1
        self.unused_V[tokens_BT.flatten().unique()] = 0
        dead = (self.unused_V >= patience).nonzero()[:, 0]
        if len(dead):
            vectors = self._residuals(latent_BLC, tokens_BT)
            chosen = torch.randint(len(vectors), (len(dead),), device=dead.device)
            self.codebook.weight[dead] = vectors[chosen]
            self.unused_V[dead] = 0
        return len(dead)

    def _residuals(self, latent_BLC: Tensor, tokens_BT: Tensor) -> Tensor:
        """The vectors (B * T, C) that were quantised, at all scales."""
        rest_BLC, vectors = latent_BLC, []
        for scale, tokens_Bl in enumerate(tokens_BT.split(self.scales, 1)):
            vectors.append(self.down(rest_BLC, scale).flatten(0, 1))
            rest_BLC = rest_BLC - self.up(self.codebook(tokens_Bl), scale)
        return torch.cat(vectors)


def _down(length: int, scale_length: int) -> Tensor:
    """(l, L) averages neighbouring positions."""
    identity = torch.eye(length)[None]
    return F.adaptive_avg_pool1d(identity, scale_length)[0].t().contiguous()


def _up(scale_length: int, length: int) -> Tensor:
    """(L, l) interpolates linearly between a scale's positions."""
    identity = torch.eye(scale_length)[None]
    return F.interpolate(identity, size=length, mode="linear")[0].t().contiguous()
