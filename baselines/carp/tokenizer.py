"""The multi-scale action tokeniser of CARP: a chunk of actions to tokens from coarse to fine.

An autoencoder makes of H actions P = H / 4 latents. They are the sum of K scales: each scale names
by tokens what the coarser ones leave over, at its own number of positions p. As in the paper, every
action column has an autoencoder and a codebook of its own; here they are one grouped network.
Paper and deviations: see `baselines.carp.agent`.

Shapes: B batch, H steps, A columns, P latent positions, p those of a scale, C size of a code,
V codes, Z = A * C.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from baselines.carp.config import CARPConfig

_COMMITMENT = 0.25
_SMOOTHED = 0.5  # Share of a scale's contribution that goes through its convolution.


class ActionTokenizer(nn.Module):
    """Chunks of normalised actions to tokens, and tokens to chunks.

    Attributes:
        scales: positions of each scale.
        size: Z, numbers per latent position.
    """

    def __init__(self, n_columns: int, config: CARPConfig) -> None:
        """Makes new weights.

        Args:
            n_columns: A.
            config: settings of the agent.
        """
        super().__init__()
        self.scales = config.scales
        self.size = n_columns * config.code_size
        inner = n_columns * config.channels
        conv = partial(nn.Conv1d, padding=1, groups=n_columns)
        grow = partial(nn.ConvTranspose1d, padding=1, groups=n_columns)
        self.encoder = nn.Sequential(
            conv(n_columns, inner, 3),
            nn.GELU(),
            conv(inner, inner, 4, stride=2),
            nn.GELU(),
            conv(inner, inner, 4, stride=2),
            nn.GELU(),
            conv(inner, self.size, 3),
        )
        self.decoder = nn.Sequential(
            conv(self.size, inner, 3),
            nn.GELU(),
            grow(inner, inner, 4, stride=2),
            nn.GELU(),
            grow(inner, inner, 4, stride=2),
            nn.GELU(),
            conv(inner, n_columns, 3),
        )
        codes_AVC = torch.empty(n_columns, config.n_codes, config.code_size)
        self.codes_AVC = nn.Parameter(codes_AVC.uniform_(-1 / config.n_codes, 1 / config.n_codes))
        self.smooth = nn.ModuleList(conv(self.size, self.size, 3) for _ in config.scales)

    def losses(self, actions_BHA: torch.Tensor) -> dict[str, torch.Tensor]:
        """How far chunks are from what is read back, and latents from the sum of their codes."""
        latents_BZP = self.encoder(actions_BHA.mT)
        known_BZP = latents_BZP.detach()
        error = torch.zeros((), device=actions_BHA.device)
        for total_BZP in self.totals(self.tokens(known_BZP)):
            error = error + F.mse_loss(total_BZP, known_BZP)
            error = error + _COMMITMENT * F.mse_loss(latents_BZP, total_BZP.detach())
        # The decoder reads codes, and its gradient goes past them to the encoder.
        read_BHA = self.decode(latents_BZP + (total_BZP - latents_BZP).detach())
        return {
            "reconstruction": F.mse_loss(read_BHA, actions_BHA),
            "quantisation": error / len(self.scales),
        }

    @torch.no_grad()
    def encode(self, actions_BHA: torch.Tensor) -> list[torch.Tensor]:
        """K times (B, A, p) tokens, from coarse to fine."""
        return self.tokens(self.encoder(actions_BHA.mT))

    def decode(self, total_BZP: torch.Tensor) -> torch.Tensor:
        """(B, H, A) actions from the sum of all scales."""
        actions_BHA: torch.Tensor = self.decoder(total_BZP).mT
        return actions_BHA

    @torch.no_grad()
    def tokens(self, latents_BZP: torch.Tensor) -> list[torch.Tensor]:
        """K times (B, A, p): at each scale the codes nearest in direction to the residual."""
        tokens, residual_BZP = [], latents_BZP
        directions_AVC = F.normalize(self.codes_AVC, dim=2)
        for scale, positions in enumerate(self.scales):
            residual_BACp = resized(residual_BZP, positions).unflatten(1, (len(directions_AVC), -1))
            likeness_BAVp = torch.einsum("bacp,avc->bavp", residual_BACp, directions_AVC)
            tokens.append(likeness_BAVp.argmax(2))
            residual_BZP = residual_BZP - self.contribution(scale, tokens[-1])
        return tokens

    def contribution(self, scale: int, tokens_BAp: torch.Tensor) -> torch.Tensor:
        """(B, Z, P) what the tokens of one scale add to the latents."""
        column_A1 = torch.arange(len(self.codes_AVC), device=tokens_BAp.device)[:, None]
        codes_BZp = self.codes_AVC[column_A1, tokens_BAp].mT.flatten(1, 2)
        codes_BZP = F.interpolate(codes_BZp, self.scales[-1], mode="linear")
        smoothed_BZP: torch.Tensor = self.smooth[scale](codes_BZP)
        return torch.lerp(codes_BZP, smoothed_BZP, _SMOOTHED)

    def totals(self, tokens: list[torch.Tensor]) -> list[torch.Tensor]:
        """For each scale (B, Z, P) the sum of all scales up to it."""
        contributions = [
            self.contribution(scale, tokens_BAp) for scale, tokens_BAp in enumerate(tokens)
        ]
        return list(torch.stack(contributions).cumsum(0))


def resized(latents_BZP: torch.Tensor, positions: int) -> torch.Tensor:
    """(B, Z, p) averages over equal shares of the chunk."""
    return F.adaptive_avg_pool1d(latents_BZP, positions)
