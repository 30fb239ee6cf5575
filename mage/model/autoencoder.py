"""The multi-scale trajectory autoencoder: window <-> latent <-> tokens.

Names end in their shape: B windows, P steps a window looks at, D numbers per step, L latent
positions, C code size, T tokens, W channels, p numbers of a patch.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mage.config import MAGEConfig
from mage.model.quantizer import MultiScaleQuantizer, Quantised, weighted_mean


class Reconstruction(NamedTuple):
    """A window passed through the autoencoder.

    Attributes:
        loss: reconstruction, codebook and commitment loss.
        reconstruction: mean square of the difference, in normalised units.
        latent_BLC: the latent before it was quantised.
        quantised: the latent after it.
    """

    loss: Tensor
    reconstruction: Tensor
    latent_BLC: Tensor
    quantised: Quantised


class ConvolutionBlock(nn.Module):
    """Two convolutions along the latent, added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(1, width),
            nn.SiLU(),
            nn.Conv1d(width, width, kernel_size=3, padding=1),
            nn.SiLU(),
            nn.Conv1d(width, width, kernel_size=1),
        )

    def forward(self, x_BWL: Tensor) -> Tensor:
        """Adds to each position what it and its neighbours say."""
        y: Tensor = x_BWL + self.layers(x_BWL)
        return y


class TrajectoryAutoencoder(nn.Module):
    """Encoder, multi-scale quantiser and decoder; stage 1 of the training.

    The encoder takes a window in patches of P / L neighbouring steps, one for each latent
    position, and lets them exchange by convolution; the decoder mirrors it. *Ours*: the paper's
    networks are not public.
    """

    def __init__(self, config: MAGEConfig, step_size: int) -> None:
        super().__init__()
        width, length = config.autoencoder_width, config.scales[-1]
        self.patch = config.pairs // length
        self.step_size = step_size
        patch_size = self.patch * step_size
        self.encoder = nn.Sequential(
            nn.Conv1d(patch_size, width, 1),
            ConvolutionBlock(width),
            ConvolutionBlock(width),
            nn.Conv1d(width, config.code_size, 1),
        )
        self.quantizer = MultiScaleQuantizer(
            config.scales, config.codes, config.code_size, config.commitment
        )
        self.decoder = nn.Sequential(
            nn.Conv1d(config.code_size, width, 1),
            ConvolutionBlock(width),
            ConvolutionBlock(width),
            nn.Conv1d(width, patch_size, 1),
        )

    def encode(self, windows_BPD: Tensor) -> Tensor:
        """The continuous latent (B, L, C) of windows."""
        # P steps of D numbers, as L patches of p = D P / L numbers.
        patches_BLp = windows_BPD.reshape(len(windows_BPD), -1, self.patch * self.step_size)
        latent_BCL: Tensor = self.encoder(patches_BLp.transpose(1, 2))
        return latent_BCL.transpose(1, 2)

    def decode(self, latent_BLC: Tensor) -> Tensor:
        """Windows (B, P, D) from a latent."""
        patches_BpL: Tensor = self.decoder(latent_BLC.transpose(1, 2))
        return patches_BpL.transpose(1, 2).reshape(len(latent_BLC), -1, self.step_size)

    def real_patches(self, real_BP: Tensor) -> Tensor:
        """(B, L) the share of each patch that is no padding, from 1 or 0 for each step."""
        return real_BP.view(len(real_BP), -1, self.patch).mean(-1)

    def real_tokens(self, real_BL: Tensor) -> Tensor:
        """(B, T) the share of each scale's tokens that is no padding, from that of each patch."""
        shares = [
            self.quantizer.down(real_BL[..., None], scale)[..., 0]
            for scale in range(len(self.quantizer.scales))
        ]
        return torch.cat(shares, 1)

    def forward(self, windows_BPD: Tensor, real_BP: Tensor | None = None) -> Reconstruction:
        """Encodes, quantises and decodes windows.

        Args:
            windows_BPD: to be described.
            real_BP: 0 where a window holds padding, else 1; None where it holds none.
        """
        if real_BP is None:
            real_BP = torch.ones_like(windows_BPD[..., 0])
        latent_BLC = self.encode(windows_BPD)
        quantised = self.quantizer(latent_BLC, self.real_patches(real_BP))
        error_BP = (self.decode(quantised.latent_BLC) - windows_BPD).square().mean(-1)
        reconstruction = weighted_mean(error_BP, real_BP)
        return Reconstruction(
            reconstruction + quantised.loss, reconstruction, latent_BLC, quantised
        )

    @torch.no_grad()
    def tokenize(self, windows_BPD: Tensor, real_BP: Tensor) -> Tensor:
        """The tokens (B, T) of windows; arguments as of `forward`."""
        real_BL = self.real_patches(real_BP)
        quantised: Quantised = self.quantizer(self.encode(windows_BPD), real_BL)
        return quantised.tokens_BT
