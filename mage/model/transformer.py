"""The multi-scale transformer: p(m_1 .. m_K | s_0, R_0), scale after scale.

A language model predicts the next token; here the next *scale* is predicted, all of its tokens at
once, from the sum of the coarser scales (VAR, Tian et al. 2024). The condition (s_0, R_0) enters at
every scale (MAGE). With scales of 1, 2 and 4 tokens, for example::

    read:     condition |  sum of z_1 |  sum of z_1 + z_2       averaged to the scale's length
    predict:  m_1       |  m_2  m_2   |  m_3  m_3  m_3  m_3     tokens see their own scale and
                                                                the coarser ones

Names end in their shape: B windows, S observation size, W width, H heads, C code size, V codes,
l tokens of one scale, t tokens of scales 2 to K, T tokens of all scales.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.config import MAGEConfig
from mage.returns.place_features import PlaceFeatures


class AttentionBlock(nn.Module):
    """Attention and feed-forward network, each normalised before and added after."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.SiLU(),
            nn.Linear(4 * width, width),
        )

    def forward(self, x: Tensor, attend: Callable[[Tensor], Tensor]) -> Tensor:
        """The one pass of a block, in training and in acting.

        Args:
            x: tokens (..., W).
            attend: from queries, keys and values (..., 3 W) to what tokens take from those that
                they see (..., W).
        """
        x = x + self.project(attend(self.queries_keys_values(self.before_attention(x))))
        fed: Tensor = self.feed_forward(x)
        return x + fed


class NextScaleTransformer(nn.Module):
    """Predicts the tokens of each scale from the condition and all coarser scales."""

    mask: Tensor

    def __init__(
        self, config: MAGEConfig, observation_size: int, places: PlaceFeatures | None = None
    ) -> None:
        super().__init__()
        width, self.scales, self.heads = config.width, config.scales, config.heads
        self.starts = [sum(self.scales[:scale]) for scale in range(len(self.scales) + 1)]
        self._bf16 = config.bf16
        seen = observation_size + 3 + (places.added if places else 0)
        hidden = [config.condition_width or width] * config.condition_layers
        self.embed_condition = nn.Sequential(
            *([places] if places else []),
            *(
                layer
                for sizes in pairwise([seen, *hidden])
                for layer in (nn.Linear(*sizes), nn.SiLU())
            ),
            nn.Linear(hidden[-1], width),
        )
        self.embed_codes = nn.Linear(config.code_size, width)
        # One vector for each place: it tells both the scale and the position in it.
        self.places_TW = nn.Parameter(0.02 * torch.randn(self.starts[-1], width))
        self.blocks = nn.ModuleList(AttentionBlock(width) for _ in range(config.layers))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, config.codes))
        self.register_buffer("mask", block_causal_mask(self.scales), persistent=False)

    def forward(self, condition_BTW: Tensor, inputs_BtC: Tensor) -> Tensor:
        """Logits (B, T, V) of all scales at once, for training; `mage.sampling` goes on by scale.

        Args:
            condition_BTW: from `Planner.embed`.
            inputs_BtC: (B, T - l_1, C) from `FrozenQuantizer.next_inputs`.
        """
        # Nothing is coarser than the first scale: it reads the condition alone.
        first, x_BTW = self.starts[1], condition_BTW + self.places_TW
        x_BTW = torch.cat([x_BTW[:, :first], x_BTW[:, first:] + self.embed_codes(inputs_BtC)], 1)
        # Every scale at once: the mask hides finer scales, so each is predicted from coarser ones.
        with _in_bf16(x_BTW.device) if self._bf16 else nullcontext():
            for block in self.blocks:
                x_BTW = block(x_BTW, self._attend)
            logits_BTV: Tensor = self.head(x_BTW)
        return logits_BTV.float()

    def fold_places(self) -> Tensor:
        """What `forward` adds to the tokens of each place whatever they are, worked out once.

        Returns:
            Places with the bias of what embeds codes (T, W), which the first scale has none of.
        """
        first = self.starts[1]
        places_TW = self.places_TW.detach().clone()
        places_TW[first:] += self.embed_codes.bias.detach()
        return places_TW

    def _attend(self, qkv_BTX: Tensor) -> Tensor:
        """Lets the tokens of all scales attend to each other as far as the mask allows."""
        batch, length, _ = qkv_BTX.shape
        query, key, value = split_heads(qkv_BTX, batch, length, self.heads)
        attended = _masked_attention(query, key, value, self.mask)
        return attended.transpose(1, 2).flatten(2)


def split_heads(qkv: Tensor, batch: int, length: int, heads: int) -> Tensor:
    """Queries, keys and values (3, B, H, l, W / H) of tokens (B, l, 3 W) or (B l, 3 W)."""
    return qkv.view(batch, length, 3, heads, -1).permute(2, 0, 3, 1, 4)


def _in_bf16(device: torch.device) -> AbstractContextManager[object]:
    """Products in bf16 where the device multiplies it faster than fp32."""
    if device.type == "cpu":
        # Older versions cannot tell.
        able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        if not (able.get("amx_bf16") or able.get("avx512_bf16")):
            return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def _masked_attention(query: Tensor, key: Tensor, value: Tensor, mask_TT: Tensor) -> Tensor:
    """Attention; on a CPU in fp32, as in bf16 its gradient takes ten times as long there."""
    if query.device.type != "cpu":
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask_TT)
    with torch.autocast("cpu", enabled=False):
        return F.scaled_dot_product_attention(
            query.float(), key.float(), value.float(), attn_mask=mask_TT
        )


def block_causal_mask(scales: tuple[int, ...]) -> Tensor:
    """(T, T), True where the row's token may see the column's: its own scale and coarser ones."""
    scale_T = torch.repeat_interleave(torch.arange(len(scales)), torch.tensor(scales))
    return scale_T[:, None] >= scale_T[None, :]
