"""Settings that both agents share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from baselines.shared.config_checks import check_ranges
from baselines.shared.fixed_rate_agent import FixedRateConfig


@dataclass(frozen=True)
class FlowConfig(FixedRateConfig):
    """Settings of both, beside those of `FixedRateConfig`.

    Attributes:
        gamma: discount factor per step.
        tau: share of a network that its slow copy takes over per gradient step.
        reward_scale: factor on every reward.
        reward_shift: added to every reward after scaling.
    """

    gamma: float = 0.99
    tau: float = 0.005
    reward_scale: float = 1.0
    reward_shift: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, gamma=(0, 1), tau=(0, 1))
        check_ranges(self, reward_scale=(-inf, inf), reward_shift=(-inf, inf))
