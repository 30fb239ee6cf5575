"""Settings of Trajectory Transformer: its network, its training, and its search for plans."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from baselines.shared.config_checks import check_heads, check_ranges


@dataclass(frozen=True)
class TrajectoryTransformerConfig:
    """Settings of Trajectory Transformer.

    Attributes:
        n_bins: bins per column, N.
        context: past steps that the network sees before the present one.
        horizon: steps of a plan, the present one among them.
        beam_width: sequences that are kept after each step of a plan.
        expansions: continuations that are drawn of each of them.
        top_p: share of the probability that actions are drawn from, likeliest first; 1 minus the
            authors' `cdf_act`.
        replan_every: environment steps executed of one plan.
        width: of the embeddings, a multiple of `n_heads`, W.
        n_layers: transformer blocks.
        n_heads: attention heads per block.
        dropout: probability, on attention, residual branches and embeddings.
        action_weight: factor on the loss of actions.
        batch_size: sequences per gradient step.
        learning_rate: of AdamW, at the first step.
        weight_decay: of AdamW.
        clip_norm: largest norm of the gradient.
    """

    n_bins: int = 100
    context: int = 5
    horizon: int = 15
    beam_width: int = 128
    expansions: int = 2
    top_p: float = 0.4
    replan_every: int = 1
    width: int = 128
    n_layers: int = 4
    n_heads: int = 4
    dropout: float = 0.1
    action_weight: float = 5.0
    batch_size: int = 256
    learning_rate: float = 6e-4
    weight_decay: float = 0.1
    clip_norm: float = 1.0

    def __post_init__(self) -> None:
        check_ranges(self, n_bins=(2, inf), context=(0, inf), horizon=(1, inf), top_p=(1e-6, 1))
        check_ranges(self, beam_width=(1, inf), expansions=(1, inf), dropout=(0, 1))
        check_ranges(self, replan_every=(1, self.horizon), n_layers=(1, inf), batch_size=(1, inf))
        check_ranges(self, action_weight=(0, inf), learning_rate=(0, 1), weight_decay=(0, 1))
        check_ranges(self, clip_norm=(0, inf))
        check_heads(self)

    @property
    def length(self) -> int:
        """Steps that the network sees at most: what is past, and a plan."""
        return self.context + self.horizon
