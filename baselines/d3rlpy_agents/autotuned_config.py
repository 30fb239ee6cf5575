"""Settings of ADT."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from baselines.shared.config_checks import check_heads, check_ranges
from baselines.shared.transition_agent import TransitionConfig


@dataclass(frozen=True)
class AutotunedConfig(TransitionConfig):
    """Settings of ADT; those of `TransitionConfig` are of the values.

    Attributes:
        expectile: of the action values that the state value is regressed to.
        value_share: of the gradient steps, for the values.
        beta: inverse temperature of the advantage weights of actions.
        max_weight: largest of these weights.
        piece_batch: pieces of episodes per gradient step of the transformer.
        context_size: steps that it looks at, L.
        width: of its embeddings.
        n_layers: its blocks.
        n_heads: attention heads per block.
        dropout: probability, on attention, residual branches and embeddings.
        piece_rate: learning rate of AdamW, for the transformer.
        weight_decay: of AdamW.
        warmup_steps: gradient steps over which this rate rises to its value.
        clip_norm: largest norm of the transformer's gradient.
    """

    hidden_sizes: tuple[int, ...] = (256, 256)
    expectile: float = 0.7
    value_share: float = 5 / 6
    beta: float = 3.0
    max_weight: float = 100.0
    piece_batch: int = 64
    context_size: int = 20
    width: int = 128
    n_layers: int = 3
    n_heads: int = 1
    dropout: float = 0.1
    piece_rate: float = 1e-4
    weight_decay: float = 1e-4
    warmup_steps: int = 10_000
    clip_norm: float = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, expectile=(0, 1), value_share=(0, 1), beta=(0, inf), max_weight=(0, inf))
        check_ranges(self, piece_batch=(1, inf), context_size=(1, inf), width=(1, inf))
        check_ranges(self, n_layers=(1, inf), n_heads=(1, self.width), dropout=(0, 1))
        check_heads(self)
        check_ranges(self, piece_rate=(0, 1), weight_decay=(0, inf))
        check_ranges(self, warmup_steps=(1, inf), clip_norm=(0, inf))
