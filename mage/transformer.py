"""The multi-scale transformer: p(m_1 .. m_K | s_0, R_0), scale after scale.

All tokens of a scale are predicted at once from the sum of the coarser scales (VAR, Tian et al.
2024); the condition (s_0, R_0) enters at every scale (MAGE). Names end in their shape: B windows,
S observation size, W width, H heads, C code size, V codes, l tokens of one scale, t tokens so
far, T tokens of all scales.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.config import MAGEConfig

# Keys and values (B, H, t, W / H) of one block.
Cache = tuple[Tensor, Tensor]


class _Block(nn.Module):
    """Attention and feed-forward network, each normalised before and added after."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(
        self, x_BtW: Tensor, mask: Tensor | None, cache: Cache | None
    ) -> tuple[Tensor, Cache]:
        """Lets tokens attend to those in the cache and to each other, as far as the mask allows."""
        batch, length, width = x_BtW.shape
        qkv = self.queries_keys_values(self.before_attention(x_BtW))
        query, key, value = qkv.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if cache is not None:
            key, value = torch.cat([cache[0], key], 2), torch.cat([cache[1], value], 2)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x_BtW = x_BtW + self.project(attended.transpose(1, 2).reshape(batch, length, width))
        return x_BtW + self.feed_forward(x_BtW), (key, value)


class NextScaleTransformer(nn.Module):
    """Predicts the tokens of each scale from the condition and all coarser scales."""

    mask: Tensor

    def __init__(self, config: MAGEConfig, observation_size: int) -> None:
        super().__init__()
        width, self.scales = config.width, config.scales
        self.starts = [sum(self.scales[:scale]) for scale in range(len(self.scales) + 1)]
        self.condition_finer_scales = config.condition_finer_scales
        self.embed_condition = nn.Sequential(
            nn.Linear(observation_size + 1, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.embed_codes = nn.Linear(config.code_size, width)
        # One vector for each place: it tells both the scale and the position in it.
        self.places_TW = nn.Parameter(0.02 * torch.randn(self.starts[-1], width))
        self.blocks = nn.ModuleList(_Block(width, config.heads) for _ in range(config.layers))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, config.codes))
        self.register_buffer("mask", block_causal_mask(self.scales), persistent=False)

    def forward(self, condition_BS: Tensor, inputs_BtC: Tensor) -> Tensor:
        """Logits (B, T, V) of all scales at once, for training.

        Args:
            condition_BS: (B, S + 1) normalised observation and return-to-go.
            inputs_BtC: (B, T - l_1, C) from `MultiScaleQuantizer.next_inputs`.
        """
        condition_BW = self.embed_condition(condition_BS)
        first_BlW = self._embed(0, condition_BW, None)
        rest_BtW = self._embed(1, condition_BW, inputs_BtC)
        x_BTW = torch.cat([first_BlW, rest_BtW], 1)
        for block in self.blocks:
            x_BTW, _ = block(x_BTW, self.mask, None)
        logits_BTV: Tensor = self.head(x_BTW)
        return logits_BTV

    def step(
        self, scale: int, condition_BW: Tensor, inputs_BlC: Tensor | None, caches: list[Cache]
    ) -> tuple[Tensor, list[Cache]]:
        """Logits (B, l, V) of one scale, and the caches that the next scale needs.

        Args:
            scale: 0 for the coarsest.
            condition_BW: from `embed_condition`.
            inputs_BlC: the sum of all coarser scales at this one's length; None at the first.
            caches: what the last call returned; empty at the first.
        """
        x_BlW = self._embed(scale, condition_BW, inputs_BlC)
        kept = []
        for index, block in enumerate(self.blocks):
            x_BlW, cache = block(x_BlW, None, caches[index] if caches else None)
            kept.append(cache)
        logits_BlV: Tensor = self.head(x_BlW)
        return logits_BlV, kept

    def _embed(self, scale: int, condition_BW: Tensor, inputs_BlC: Tensor | None) -> Tensor:
        """Embeddings of tokens from the start of a scale on."""
        start = self.starts[scale]
        if inputs_BlC is None:
            return condition_BW[:, None] + self.places_TW[start : self.starts[scale + 1]]
        x_BlW: Tensor = (
            self.embed_codes(inputs_BlC) + self.places_TW[start : start + inputs_BlC.shape[1]]
        )
        return x_BlW + condition_BW[:, None] if self.condition_finer_scales else x_BlW


def block_causal_mask(scales: tuple[int, ...]) -> Tensor:
    """(T, T), True where the row's token may see the column's: its own scale and coarser ones."""
    scale_T = torch.repeat_interleave(torch.arange(len(scales)), torch.tensor(scales))
    return scale_T[:, None] >= scale_T[None, :]
