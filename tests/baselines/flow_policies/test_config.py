"""Settings that both agents share."""

from __future__ import annotations

from math import inf

from baselines.flow_policies.config import FlowConfig
from tests.baselines.config_checks import check_limits


def test_the_limits_of_settings() -> None:
    limits = {
        **{"batch_size": (1, inf), "hidden_sizes": (1, inf), "learning_rate": (0, 1)},
        **{"gamma": (0, 1), "tau": (0, 1)},
        **{"reward_scale": (-inf, inf), "reward_shift": (-inf, inf)},
    }
    check_limits(FlowConfig, limits)
