"""Settings that goal-conditioned agents share."""

from __future__ import annotations

from dataclasses import asdict
from math import inf

import pytest

from baselines.goal_conditioned.config import GoalConfig, GoalValueConfig
from tests.baselines.config_checks import check_limits

LIMITS = {
    "batch_size": (1, inf),
    "hidden_sizes": (1, inf),
    "learning_rate": (0, 1),
    "random_goals": (0, 1),
}


def test_the_defaults_are_those_of_the_reference() -> None:
    assert asdict(GoalValueConfig()) == {
        "batch_size": 1024,
        "hidden_sizes": (512, 512, 512),
        "learning_rate": 3e-4,
        "random_goals": None,
        "discount": None,
        "tau": 0.005,
        "expectile": 0.9,
        "value_current_goals": 0.2,
        "value_random_goals": 0.3,
    }


def test_the_limits_of_settings() -> None:
    check_limits(GoalConfig, LIMITS)
    for name in ("discount", "tau", "expectile", "value_current_goals", "value_random_goals"):
        others = {"value_current_goals": 0.0, "value_random_goals": 0.0}
        for allowed in (0, 1):
            assert getattr(GoalValueConfig(**{**others, name: allowed}), name) == allowed
        for beyond in (-0.1, 1.1):
            with pytest.raises(ValueError, match=f"setting {name}=.* is out of range; valid: 0 to"):
                GoalValueConfig(**{**others, name: beyond})


def test_shares_of_goals_are_not_more_than_all() -> None:
    with pytest.raises(ValueError, match="value_current_goals=0.6 and value_random_goals=0.5 .*1 "):
        GoalValueConfig(value_current_goals=0.6, value_random_goals=0.5)
