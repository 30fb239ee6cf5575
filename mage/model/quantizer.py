"""The multi-scale residual quantiser: one latent sequence as token maps, coarse to fine.

Each scale says with the codes of one shared codebook what the coarser scales left unsaid (MAGE,
multi-scale trajectory autoencoder; the scheme is that of VAR, Tian et al. 2024)::

    latent ---down---> 1 vector  --nearest code--> m_1 --up--> z_1      residual = latent - z_1
    residual --down--> 2 vectors --nearest codes-> m_2 --up--> z_2      residual = residual - z_2
    ... and so on up to scale K; the quantised latent Z is z_1 + .. + z_K.

Names end in their shape: B windows, L latent positions, C code size, V codes, K scales, l tokens of
one scale, T tokens of all scales.
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

    Attributes:
        mend: the convolutions that smooth what interpolation gives (the name is that of saved
            weights).
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
        # As in VAR, a small convolution per scale makes up for what plain interpolation leaves.
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

    def up(self, codes_BlC: Tensor, scale: int) -> Tensor:
        """What the codes of one scale add to the latent: z_k (B, L, C)."""
        z_BLC = torch.matmul(self.get_buffer(f"_up_{scale}"), codes_BlC)
        smoothed_BLC: Tensor = self.mend[scale](z_BLC.transpose(1, 2)).transpose(1, 2)
        return 0.5 * z_BLC + 0.5 * smoothed_BLC

    def nearest(self, vectors_BlC: Tensor) -> Tensor:
        """The number of the nearest code to each vector: (B, l)."""
        codebook_VC = self.codebook.weight
        # |x - c|^2 = |x|^2 - 2 (x c - |c|^2 / 2), of which |x|^2 is the same for all codes.
        scores = vectors_BlC @ codebook_VC.t() - 0.5 * codebook_VC.square().sum(1)
        return scores.argmax(-1)

    def forward(self, latent_BLC: Tensor, real_BL: Tensor | None = None) -> Quantised:
        """Quantises with gradients; for training the autoencoder.

        Args:
            latent_BLC: to be quantised.
            real_BL: the share of each position that is no padding. Of what is padding altogether
                nothing is left to say, and no loss counts it.
        """
        if real_BL is None:
            real_BL = torch.ones_like(latent_BLC[..., 0])
        said_BL1 = _said(real_BL, latent_BLC)
        residual_BLC, total_BLC = latent_BLC.detach() * said_BL1, torch.zeros_like(latent_BLC)
        loss, tokens, energy = latent_BLC.new_zeros(()), [], []
        for scale in range(len(self.scales)):
            # The nearest codes to what the coarser scales left, averaged to this scale's length.
            tokens_Bl = self.nearest(self.down(residual_BLC, scale))
            z_BLC = self.up(self.codebook(tokens_Bl), scale)
            total_BLC = total_BLC + z_BLC
            residual_BLC = (residual_BLC - z_BLC.detach()) * said_BL1
            # The codebook is drawn to the latent, and the latent, less, to the codebook.
            to_latent_BL = (total_BLC - latent_BLC.detach()).square().mean(-1)
            to_codes_BL = (latent_BLC - total_BLC.detach()).square().mean(-1)
            loss = loss + weighted_mean(to_latent_BL + self.commitment * to_codes_BL, real_BL)
            tokens.append(tokens_Bl)
            energy.append(weighted_mean(residual_BLC.square().mean(-1), real_BL))
        # The nearest code has no gradient, so the latent gets that of the sum (straight-through).
        straight_BLC = latent_BLC + (total_BLC - latent_BLC).detach()
        return Quantised(
            straight_BLC,
            torch.cat(tokens, 1),
            loss / len(self.scales),
            torch.stack(energy),
        )

    @torch.no_grad()
    def revive(self, latent_BLC: Tensor, tokens_BT: Tensor, real_BL: Tensor, patience: int) -> int:
        """Moves codes that `patience` batches did not use onto vectors of this batch.

        Args:
            latent_BLC: that was quantised.
            tokens_BT: what it became.
            real_BL: as of `forward`.
            patience: batches.

        Returns:
            How many were moved.
        """
        self.unused_V += 1
        self.unused_V[tokens_BT.flatten().unique()] = 0
        dead = (self.unused_V >= patience).nonzero()[:, 0]
        if len(dead):
            vectors = self._quantised_vectors(latent_BLC, tokens_BT, real_BL)
            chosen = torch.randint(len(vectors), (len(dead),), device=dead.device)
            self.codebook.weight[dead] = vectors[chosen]
            self.unused_V[dead] = 0
        return len(dead)

    def _quantised_vectors(self, latent_BLC: Tensor, tokens_BT: Tensor, real_BL: Tensor) -> Tensor:
        """The vectors (.., C) that were quantised, at all scales, but for those of padding."""
        said_BL1 = _said(real_BL, latent_BLC)
        residual_BLC, vectors = latent_BLC * said_BL1, []
        for scale, tokens_Bl in enumerate(tokens_BT.split(self.scales, 1)):
            said_Bl = self.down(said_BL1, scale)[..., 0] > 0
            vectors.append(self.down(residual_BLC, scale)[said_Bl])
            residual_BLC = (residual_BLC - self.up(self.codebook(tokens_Bl), scale)) * said_BL1
        return torch.cat(vectors)


class FrozenQuantizer:
    """What stage 2 and acting need of a `MultiScaleQuantizer`, with its weights as they are now.

    It learns no more, so that its map at each scale, convolution and all, is one matrix. A latent
    has its positions last here, (B, C, L), which is how its matrices give it.
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
        return [
            F.embedding(tokens_Bl, self.codebook) for tokens_Bl in tokens_BT.split(self.scales, 1)
        ]

    def up(self, codes_BlC: Tensor, scale: int) -> Tensor:
        """What the codes of one scale add to the latent: z_k (B, C, L)."""
        z = F.linear(codes_BlC.flatten(1), *self._up[scale])
        return z.view(z.shape[0], codes_BlC.shape[2], -1)

    def add_scale(self, total_BCL: Tensor | float, codes_BlC: Tensor, scale: int) -> Tensor:
        """The sum of z_1 to z_k (B, C, L), of that of the coarser scales and of this one's codes.

        The step from scale to scale, in teaching (`next_inputs`) and in acting (`mage.sampling`).
        """
        return total_BCL + self.up(codes_BlC, scale)

    def down(self, latent_BCL: Tensor, scale: int) -> Tensor:
        """Averages a latent to the length of a scale, which reads it so: (B, l, C)."""
        return F.linear(latent_BCL, self._down[scale]).transpose(1, 2)

    def latent(self, codes: Sequence[Tensor]) -> Tensor:
        """Puts the codes of all scales together: the sum of all z_k (B, L, C)."""
        z_KBCL = torch.stack([self.up(codes_BlC, scale) for scale, codes_BlC in enumerate(codes)])
        return z_KBCL.sum(0).transpose(1, 2)

    def next_inputs(self, codes: Sequence[Tensor]) -> Tensor:
        """What the transformer reads at scales 2 to K when it is taught: (B, T - l_1, C).

        At each scale that is the sum of all coarser z, averaged to the scale's length.
        """
        total_BCL: Tensor | float = 0.0
        inputs = [codes[0][:, :0]]
        for scale in range(len(self.scales) - 1):
            total_BCL = self.add_scale(total_BCL, codes[scale], scale)
            inputs.append(self.down(total_BCL, scale + 1))
        return torch.cat(inputs, 1)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean of values by weights of the same shape, of which some are above 0."""
    return (values * weights).sum() / weights.sum()


def _said(real_BL: Tensor, like: Tensor) -> Tensor:
    """(B, L, 1) 1 where there is something to say, 0 where a position is padding altogether."""
    return (real_BL > 0).to(like.dtype)[..., None]


def _as_matrix(quantizer: MultiScaleQuantizer, scale: int) -> tuple[Tensor, Tensor]:
    """What the codes of a scale add to the latent, as one matrix (C L, l C) and a bias (C L)."""
    weight = quantizer.codebook.weight
    length, size = quantizer.scales[scale], weight.shape[1]
    unit = torch.eye(length * size, device=weight.device).view(-1, length, size)
    # `up` is linear but for a bias: what it makes of nothing, and of each number alone.
    bias = quantizer.up(torch.zeros_like(unit[:1]), scale)
    columns = quantizer.up(unit, scale) - bias
    return columns.transpose(1, 2).flatten(1).t().contiguous(), bias.transpose(1, 2).flatten()


def _down(length: int, scale_length: int) -> Tensor:
    """(l, L) averages neighbouring positions."""
    identity = torch.eye(length)[None]
    return F.adaptive_avg_pool1d(identity, scale_length)[0].t().contiguous()


def _up(scale_length: int, length: int) -> Tensor:
    """(L, l) interpolates linearly between a scale's positions."""
    identity = torch.eye(scale_length)[None]
    return F.interpolate(identity, size=length, mode="linear")[0].t().contiguous()
