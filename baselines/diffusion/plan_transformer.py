"""Transformers over the states of a plan: one takes noise away, one says what the plan is worth.

A plan is read as H tokens, one per state, each of which attends to all others. The denoiser is a
diffusion transformer (Peebles and Xie 2023, "Scalable Diffusion Models with Transformers").

Shapes: B plans, H states of a plan, O numbers of a state, W width of a token.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor, nn


class PlanDenoiser(nn.Module):
    """A diffusion transformer: the level of the noise scales and shifts every layer.

    It starts as the answer 0: the last layer and the gates of all others begin at zero, so that
    training opens them as far as they help.
    """

    def __init__(self, columns: int, width: int, heads: int, depth: int) -> None:
        """Makes new weights.

        Args:
            columns: O.
            width: W, a multiple of `heads`.
            heads: of attention.
            depth: number of blocks.
        """
        super().__init__()
        self._width = width
        self.enter = nn.Linear(columns, width)
        self.level = nn.Sequential(
            nn.Linear(width, width), nn.Mish(), nn.Linear(width, width), nn.Mish()
        )
        self.blocks = nn.ModuleList(_ConditionedBlock(width, heads) for _ in range(depth))
        self.last_norm = _ConditionedNorm(width)
        self.leave = _zeroed(nn.Linear(width, columns))

    def forward(self, plans: Tensor, levels: Tensor) -> Tensor:
        """(B, H, O), noise or states as it was trained, of noisy plans (B, H, O) at levels (B,)."""
        level = self.level(get_timestep_embedding(levels, self._width))
        tokens = _with_positions(self.enter(plans))
        for block in self.blocks:
            tokens = block(tokens, level)
        leaving: Tensor = self.leave(self.last_norm(tokens, level))
        return leaving


class PlanValue(nn.Module):
    """A transformer that reads a whole plan, and says at its first state what it is worth."""

    def __init__(self, columns: int, width: int, heads: int, depth: int) -> None:
        """Makes new weights; see `PlanDenoiser`."""
        super().__init__()
        self.enter = nn.Linear(columns, width)
        block = nn.TransformerEncoderLayer(
            width,
            heads,
            4 * width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.blocks = nn.TransformerEncoder(block, depth, enable_nested_tensor=False)
        self.leave = nn.Linear(width, 1)

    def forward(self, plans: Tensor) -> Tensor:
        """(B,) values of plans (B, H, O) without noise."""
        tokens = self.blocks(_with_positions(self.enter(plans)))
        values: Tensor = self.leave(tokens[:, 0])[:, 0]
        return values


class _ConditionedNorm(nn.Module):
    """Normalises tokens (B, H, W), then scales and shifts them by a condition (B, W)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.modulation = _zeroed(nn.Linear(width, 2 * width))

    def forward(self, tokens: Tensor, condition: Tensor) -> Tensor:
        shift, scale = self.modulation(condition)[:, None].chunk(2, dim=2)
        scaled: Tensor = self.norm(tokens) * (1 + scale) + shift
        return scaled


class _ConditionedBlock(nn.Module):
    """Attention and a perceptron; a condition also says how much of each is added."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.first_norm, self.second_norm = _ConditionedNorm(width), _ConditionedNorm(width)
        self.gates = _zeroed(nn.Linear(width, 2 * width))
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor, condition: Tensor) -> Tensor:
        of_attention, of_perceptron = self.gates(condition)[:, None].chunk(2, dim=2)
        tokens = tokens + of_attention * self._attend(self.first_norm(tokens, condition))
        changed = self.perceptron(self.second_norm(tokens, condition))
        result: Tensor = tokens + of_perceptron * changed
        return result

    def _attend(self, tokens: Tensor) -> Tensor:
        shared = self.queries_keys_values(tokens).unflatten(2, (3, self._heads, -1))
        queries, keys, values = shared.permute(2, 0, 3, 1, 4)  # Each (B, heads, H, W / heads).
        seen = F.scaled_dot_product_attention(queries, keys, values)
        mixed: Tensor = self.mix(seen.transpose(1, 2).flatten(2))
        return mixed


def _with_positions(tokens: Tensor) -> Tensor:
    """Adds to tokens (B, H, W) the waves that tell one place in a plan from another."""
    places = torch.arange(tokens.shape[1], device=tokens.device)
    waves: Tensor = get_timestep_embedding(places, tokens.shape[2])
    return tokens + waves


def _zeroed(layer: nn.Linear) -> nn.Linear:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
