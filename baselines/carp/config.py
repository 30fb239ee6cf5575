"""Settings of CARP: both of its networks, and how they are trained."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf

from baselines.shared.config_checks import check_heads, check_ranges

# The tokeniser halves a chunk twice, by convolutions of stride 2.
ACTIONS_PER_LATENT = 4


@dataclass(frozen=True)
class CARPConfig:
    """Settings of CARP.

    Attributes:
        scales: positions of each scale, ascending; a chunk is four times the last one steps long.
        replan_every: environment steps executed of one chunk.
        n_codes: codes per action column, V.
        code_size: numbers per code, C.
        channels: width of the autoencoder per action column.
        tokeniser_share: share of the gradient steps that train the tokeniser; the transformer has
            the rest.
        tokeniser_rate: learning rate of the tokeniser.
        width: of the transformer, a multiple of `n_heads`.
        n_layers: transformer blocks.
        n_heads: attention heads per block.
        batch_size: chunks per gradient step.
        learning_rate: of the transformer, at the first step.
        weight_decay: of AdamW.
        clip_norm: largest norm of the gradient.
    """

    scales: tuple[int, ...] = (1, 2, 3, 4)
    replan_every: int = 8
    n_codes: int = 512
    code_size: int = 8
    channels: int = 8
    tokeniser_share: float = 0.1
    tokeniser_rate: float = 3e-4
    width: int = 64
    n_layers: int = 8
    n_heads: int = 8
    batch_size: int = 256
    learning_rate: float = 1e-4
    weight_decay: float = 0.05
    clip_norm: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self, scales=(1, inf), n_codes=(2, inf), code_size=(1, inf), channels=(1, inf))
        if not self.scales or any(after <= before for before, after in pairwise(self.scales)):
            raise ValueError(f"scales={self.scales} must ascend, such as (1, 2, 4)")
        check_ranges(self, replan_every=(1, self.horizon), tokeniser_share=(0, 1))
        check_ranges(self, tokeniser_rate=(0, 1), learning_rate=(0, 1), weight_decay=(0, 1))
        check_ranges(self, n_layers=(1, inf), batch_size=(1, inf), clip_norm=(0, inf))
        check_heads(self)

    @property
    def horizon(self) -> int:
        """Steps of a chunk, H."""
        return ACTIONS_PER_LATENT * self.scales[-1]
