"""The network of Trajectory Transformer: a GPT over the tokens of recorded steps.

A step is D = O + A + 2 tokens in this order: observation, action, reward, value. Each column has
embeddings and an output layer of its own; token N says that the episode is over. Values are
targets only: no later token may look at them.
Paper and deviations: see `baselines.trajectory_transformer.agent`.

Shapes: B sequences, T new tokens, P tokens before them, D tokens per step, N bins, W width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from baselines.trajectory_transformer.config import TrajectoryTransformerConfig

# Keys and values (2, B, heads, P, W / heads) of each block: what later tokens read of earlier ones.
Cache = list[torch.Tensor]


class TrajectoryGPT(nn.Module):
    """Predicts each token of a sequence from those before it."""

    mask: torch.Tensor

    def __init__(self, n_columns: int, config: TrajectoryTransformerConfig) -> None:
        """Makes new weights.

        Args:
            n_columns: D.
            config: settings of the agent.
        """
        super().__init__()
        length, n_tokens, width = config.length * n_columns, config.n_bins + 1, config.width
        self._n_columns, self._n_tokens = n_columns, n_tokens
        self.embed = nn.Embedding(n_columns * n_tokens, width)
        self.position = nn.Parameter(0.02 * torch.randn(length, width))
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(GPTBlock(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Parameter(0.02 * torch.randn(n_columns, width, n_tokens))
        nn.init.normal_(self.embed.weight, std=0.02)
        seen = torch.ones(length, length, dtype=torch.bool).tril()
        seen[:, n_columns - 1 :: n_columns] = False
        self.register_buffer("mask", seen, persistent=False)

    def forward(
        self, tokens_BT: torch.Tensor, cache: Cache | None = None
    ) -> tuple[torch.Tensor, Cache]:
        """Reads tokens that come after those in `cache`, or that begin a sequence.

        Returns:
            (B, T, N + 1) logits of the token after each, and the cache with these tokens in it.
        """
        first = cache[0].shape[3] if cache else 0
        place_T = torch.arange(first, first + tokens_BT.shape[1], device=tokens_BT.device)
        column_T = place_T % self._n_columns
        mask_TL = self.mask[place_T, : first + len(place_T)]
        embedded_BTW = self.embed(column_T * self._n_tokens + tokens_BT)
        x_BTW = self.dropout(embedded_BTW + self.position[place_T])
        extended: Cache = []
        for index, block in enumerate(self.blocks):
            x_BTW, seen = block(x_BTW, mask_TL, cache[index] if cache else None)
            extended.append(seen)
        logits_BTV = torch.einsum("btw,twv->btv", self.norm(x_BTW), self.head[column_T])
        return logits_BTV, extended


class GPTBlock(nn.Module):
    """Attention and a perceptron, each after a norm and beside a shortcut."""

    def __init__(self, config: TrajectoryTransformerConfig) -> None:
        super().__init__()
        width = config.width
        self._n_heads, self._dropout = config.n_heads, config.dropout
        self.attention_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Sequential(nn.Linear(width, width), nn.Dropout(config.dropout))
        self.perceptron = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
            nn.Dropout(config.dropout),
        )

    def forward(
        self, x_BTW: torch.Tensor, mask_TL: torch.Tensor, before: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, T, W) and the block's part of the cache; the mask is True where a token may look."""
        mixed = self.query_key_value(self.attention_norm(x_BTW))
        # (3, B, heads, T, W / heads)
        mixed = mixed.unflatten(2, (3, self._n_heads, -1)).permute(2, 0, 3, 1, 4)
        query, seen = mixed[0], mixed[1:]
        if before is not None:
            seen = torch.cat([before, seen], dim=3)
        dropout = self._dropout if self.training else 0.0
        read = F.scaled_dot_product_attention(query, seen[0], seen[1], mask_TL, dropout)
        x_BTW = x_BTW + self.project(read.transpose(1, 2).flatten(2))
        return x_BTW + self.perceptron(self.norm(x_BTW)), seen
