"""Settings of ADT."""

from __future__ import annotations

from dataclasses import asdict
from math import inf

from baselines.d3rlpy_agents.autotuned_config import AutotunedConfig
from tests.baselines.config_checks import check_limits


def test_the_defaults_are_those_of_the_reference() -> None:
    # `TrainConfig` of `algorithms/V-ADT.py` and of `iql.py`; of 1.2 million steps a million are
    # of values.
    assert asdict(AutotunedConfig()) == {
        "batch_size": 256,
        "hidden_sizes": (256, 256),
        "learning_rate": 3e-4,
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "expectile": 0.7,
        "value_share": 5 / 6,
        "beta": 3.0,
        "max_weight": 100.0,
        "piece_batch": 64,
        "context_size": 20,
        "width": 128,
        "n_layers": 3,
        "n_heads": 1,
        "dropout": 0.1,
        "piece_rate": 1e-4,
        "weight_decay": 1e-4,
        "warmup_steps": 10_000,
        "clip_norm": 0.25,
    }


def test_the_limits_of_settings() -> None:
    sizes = ("batch_size", "hidden_sizes", "piece_batch", "context_size", "width", "n_layers")
    shares = ("learning_rate", "gamma", "tau", "expectile", "value_share", "dropout", "piece_rate")
    others = ("beta", "max_weight", "weight_decay", "clip_norm")
    limits = {
        **dict.fromkeys((*sizes, "warmup_steps"), (1, inf)),
        **dict.fromkeys(shares, (0, 1)),
        **dict.fromkeys(others, (0, inf)),
        **dict.fromkeys(("reward_scale", "reward_shift"), (-inf, inf)),
        "n_heads": (1, 128),
    }
    check_limits(AutotunedConfig, limits)
