"""The transformer of CARP: predicts an action chunk's tokens scale by scale.

The tokens of one scale are predicted together, from the observation and the coarser scales. One
position of a scale stands for the tokens of all action columns there.
Paper and deviations: see `baselines.carp.agent`.

Shapes: B batch, O observation size, A columns, Z numbers per latent position, P latent positions,
p positions of a scale, L those of all scales, V codes, W width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from baselines.carp.config import CARPConfig
from baselines.carp.tokenizer import ActionTokenizer, resized


class CoarseToFine(nn.Module):
    """Logits of each scale's tokens, given the observation and the sum of the coarser scales."""

    mask: torch.Tensor

    def __init__(self, observation_size: int, n_columns: int, config: CARPConfig) -> None:
        """Makes new weights.

        Args:
            observation_size: O.
            n_columns: A.
            config: settings of the agent.
        """
        super().__init__()
        width = config.width
        self._n_columns = n_columns
        self.observe = nn.Sequential(
            nn.Linear(observation_size, width), nn.GELU(), nn.Linear(width, width)
        )
        self.embed = nn.Linear(n_columns * config.code_size, width)
        self.position = nn.Parameter(0.02 * torch.randn(sum(config.scales), width))
        block = nn.TransformerEncoderLayer(
            width,
            config.n_heads,
            4 * width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.blocks = nn.TransformerEncoder(
            block, config.n_layers, nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.head = nn.Linear(width, n_columns * config.n_codes)
        scale_L = torch.repeat_interleave(
            torch.arange(len(config.scales)), torch.tensor(config.scales)
        )
        self.register_buffer("mask", scale_L > scale_L[:, None], persistent=False)

    def forward(self, observations_BO: torch.Tensor, coarser: list[torch.Tensor]) -> torch.Tensor:
        """Logits of the first scales.

        Args:
            observations_BO: normalised.
            coarser: for each of these scales, (B, Z, p) the sum of the scales before it.

        Returns:
            (B, A, V, L) of all their positions.
        """
        known_BLW = self.embed(torch.cat(coarser, dim=2).mT)
        length = known_BLW.shape[1]
        x_BLW = known_BLW + self.position[:length] + self.observe(observations_BO)[:, None]
        y_BLW = self.blocks(x_BLW, mask=self.mask[:length, :length])
        logits_BAVL: torch.Tensor = self.head(y_BLW).mT.unflatten(1, (self._n_columns, -1))
        return logits_BAVL

    def loss(
        self, observations_BO: torch.Tensor, tokens: list[torch.Tensor], tokenizer: ActionTokenizer
    ) -> torch.Tensor:
        """Mean cross-entropy of K times (B, A, p) tokens, given the true coarser ones."""
        with torch.no_grad():
            totals = tokenizer.totals(tokens)
            before = [torch.zeros_like(totals[0]), *totals[:-1]]
            coarser = [
                resized(total_BZP, positions)
                for total_BZP, positions in zip(before, tokenizer.scales, strict=True)
            ]
        logits_BAVL = self(observations_BO, coarser)
        return F.cross_entropy(logits_BAVL.transpose(1, 2), torch.cat(tokens, dim=2))

    @torch.no_grad()
    def predict(self, observations_BO: torch.Tensor, tokenizer: ActionTokenizer) -> torch.Tensor:
        """(B, Z, P) the sum of all scales, of which each takes the likeliest tokens."""
        n, finest = len(observations_BO), tokenizer.scales[-1]
        total_BZP = observations_BO.new_zeros(n, tokenizer.size, finest)
        coarser: list[torch.Tensor] = []
        for scale, positions in enumerate(tokenizer.scales):
            coarser.append(resized(total_BZP, positions))
            logits_BAVp = self(observations_BO, coarser)[..., -positions:]
            total_BZP = total_BZP + tokenizer.contribution(scale, logits_BAVp.argmax(2))
        return total_BZP
