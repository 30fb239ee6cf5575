"""Which numbers a config allows, for the tests of the baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from math import inf
from typing import Any

import pytest


def check_limits(config_class: type[Any], limits: Mapping[str, tuple[float, float]]) -> None:
    """Every field takes both ends of its range, and nothing beyond them.

    Args:
        config_class: a dataclass of settings.
        limits: the smallest and the largest number of each of its fields.
    """
    assert set(limits) == {field.name for field in fields(config_class)}
    for name, (low, high) in limits.items():
        many = isinstance(getattr(config_class(), name), tuple)
        for allowed in (low, high):
            value = (allowed,) if many else allowed
            assert getattr(config_class(**{name: value}), name) == value
        for beyond in (low - 1e-7, high + 1e-7):
            if abs(beyond) != inf:
                text = rf"setting {name}=.* of {config_class.__name__} is out of range; valid: "
                with pytest.raises(ValueError, match=text + f"{low:g} to {high:g}$"):
                    config_class(**{name: (beyond,) if many else beyond})


VALUE_LIMITS = {
    "batch_size": (1, inf),
    "hidden_sizes": (1, inf),
    "gamma": (0, 1),
    "tau": (0, 1),
    "reward_scale": (-inf, inf),
    "reward_shift": (-inf, inf),
    "return_range": (0, inf),
}
TD3_LIMITS = {
    **VALUE_LIMITS,
    "actor_learning_rate": (0, 1),
    "critic_learning_rate": (0, 1),
    "target_noise": (0, 2),
    "noise_clip": (0, 2),
    "actor_interval": (1, inf),
}
