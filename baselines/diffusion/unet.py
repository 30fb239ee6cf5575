"""The networks of Diffuser and its kin, made of the blocks that `diffusers` keeps for them.

All read a noisy window (B, D, H) of B samples, D columns and H steps, and the number of its
noise level (B,).
"""

from __future__ import annotations

from math import ceil, log2
from typing import Any

import torch
from diffusers import UNet1DModel
from diffusers.models.embeddings import TimestepEmbedding
from torch import nn

# ValueFunctionMidBlock1D halves the window twice.
_HALVINGS_IN_MIDDLE = 2


def build_denoiser(size: int, horizon: int, channels: tuple[int, ...]) -> UNet1DModel:
    """A temporal U-Net: predicts the window (B, D, H) without noise.

    Args:
        size: D.
        horizon: H, a multiple of 2 to the power of one less than the number of levels.
        channels: width of each level of the U.
    """
    return UNet1DModel(
        down_block_types=("DownResnetBlock1D",) * len(channels),
        mid_block_type="MidResTemporalBlock1D",
        up_block_types=("UpResnetBlock1D",) * (len(channels) - 1),
        out_block_type="OutConv1DBlock",
        block_out_channels=channels,
        **_shared_arguments(size, horizon),
    )


def build_conditional_denoiser(size: int, horizon: int, channels: tuple[int, ...]) -> UNet1DModel:
    """Such a network that may be conditioned on a return as well; see `with_returns`.

    Args:
        size: D.
        horizon: H.
        channels: width of each level of the U.
    """
    network = build_denoiser(size, horizon, channels)
    network.time_mlp = _LevelAndReturn(network.time_proj, network.time_mlp, channels[0])
    network.time_proj = nn.Identity()
    return network


def with_returns(
    levels: torch.Tensor, returns: torch.Tensor, conditioned: torch.Tensor
) -> torch.Tensor:
    """(B, 3) what a conditional denoiser reads in place of levels.

    Args:
        levels: (B,) noise levels.
        returns: (B,).
        conditioned: (B,) whether the network sees the return.
    """
    return torch.stack([levels, returns, conditioned], dim=1)


class _LevelAndReturn(nn.Module):
    """Embeds a noise level and adds, where it is conditioned on one, that of a return."""

    def __init__(self, project: nn.Module, embed_level: nn.Module, width: int) -> None:
        super().__init__()
        self.project = project
        self.embed_level = embed_level
        self.embed_return = TimestepEmbedding(1, 4 * width, act_fn="mish", out_dim=width)

    def forward(self, levels_returns_conditioned: torch.Tensor) -> torch.Tensor:
        levels, returns, conditioned = levels_returns_conditioned.split(1, dim=1)  # (B, 1) each
        level: torch.Tensor = self.embed_level(self.project(levels[:, 0]))
        both: torch.Tensor = level + conditioned * self.embed_return(returns)
        return both


def build_value_model(size: int, horizon: int, channels: tuple[int, ...]) -> UNet1DModel:
    """The lower half of such a network: predicts the return (B, 1) of the clean window.

    The last level is repeated until the window is halved down to one step, which is what the
    output block expects.

    Args:
        size: D.
        horizon: H.
        channels: width of each level.
    """
    missing = max(0, ceil(log2(horizon)) - _HALVINGS_IN_MIDDLE - len(channels))
    levels = channels + channels[-1:] * missing
    return UNet1DModel(
        down_block_types=("DownResnetBlock1D",) * len(levels),
        mid_block_type="ValueFunctionMidBlock1D",
        up_block_types=(),
        out_block_type="ValueFunction",
        block_out_channels=levels,
        downsample_each_block=True,
        **_shared_arguments(size, horizon),
    )


def _shared_arguments(size: int, horizon: int) -> dict[str, Any]:
    return {
        "sample_size": horizon,
        "in_channels": size,
        "out_channels": size,
        "time_embedding_type": "positional",
        "use_timestep_embedding": True,
        "flip_sin_to_cos": False,
        "freq_shift": 1,
        "act_fn": "mish",
        "layers_per_block": 1,
    }
