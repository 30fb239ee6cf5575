"""Which presets an agent has and which numbers a config allows, for the tests of the baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from math import inf
from pathlib import Path
from typing import Any

import pytest

PRESETS = Path(__file__).with_name("presets.json")


def check_presets(agent_class: type[Any]) -> None:
    """Presets and what a search tries are as written down in `presets.json`, in the same order."""
    parts = {"presets": agent_class.presets, "search_space": agent_class.search_space}
    expected = json.loads(PRESETS.read_text(encoding="utf-8"))
    assert agent_class.__name__ in expected, f"write its presets down in {PRESETS.name}"
    assert json.dumps(parts) == json.dumps(expected[agent_class.__name__])


def check_limits(config_class: type[Any], limits: Mapping[str, tuple[float, float]]) -> None:
    """Every field but texts and switches takes both ends of its range, and nothing beyond them.

    Args:
        config_class: a dataclass of settings.
        limits: the smallest and the largest number of each of its fields.
    """
    numbers = {
        field.name for field in fields(config_class) if not isinstance(field.default, (str, bool))
    }
    assert set(limits) == numbers
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
# Settings of an agent on TD3, and the same by d3rlpy's names but for the hidden layers.
TD3_SETTINGS: dict[str, Any] = {
    "batch_size": 33,
    "hidden_sizes": (7, 5),
    "gamma": 0.9,
    "tau": 0.02,
    "actor_learning_rate": 2e-4,
    "critic_learning_rate": 7e-4,
    "target_noise": 0.1,
    "noise_clip": 0.3,
    "actor_interval": 4,
}
TD3_IN_D3RLPY: dict[str, Any] = {
    "batch_size": 33,
    "gamma": 0.9,
    "tau": 0.02,
    "actor_learning_rate": 2e-4,
    "critic_learning_rate": 7e-4,
    "target_smoothing_sigma": 0.1,
    "target_smoothing_clip": 0.3,
    "update_actor_interval": 4,
}
