from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.td3_bc import TD3BC, TD3BCConfig
from tests.baselines.config_checks import TD3_LIMITS, check_limits
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit

FAST = {"actor_learning_rate": 1e-2, "critic_learning_rate": 1e-2}


def built(**settings: Any) -> algos.TD3PlusBCConfig:
    return TD3BC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    settings = {"batch_size": 33, "hidden_sizes": (7, 5), "gamma": 0.9, "tau": 0.02, "alpha": 1.5}
    rates = {"actor_learning_rate": 2e-4, "critic_learning_rate": 7e-4}
    noise = {"target_noise": 0.1, "noise_clip": 0.3, "actor_interval": 4}
    assert built(**settings, **rates, **noise) == algos.TD3PlusBCConfig(
        batch_size=33,
        gamma=0.9,
        tau=0.02,
        alpha=1.5,
        n_critics=2,
        actor_learning_rate=2e-4,
        critic_learning_rate=7e-4,
        target_smoothing_sigma=0.1,
        target_smoothing_clip=0.3,
        update_actor_interval=4,
        actor_encoder_factory=VectorEncoderFactory([7, 5]),
        critic_encoder_factory=VectorEncoderFactory([7, 5]),
    )


def test_defaults_are_those_of_the_paper() -> None:
    # `main.py` and `TD3_BC.py` of the authors' code; `reproductions/offline/td3_plus_bc.py`.
    assert asdict(TD3BCConfig()) == {
        "batch_size": 256,
        "hidden_sizes": (256, 256),
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "return_range": None,
        "actor_learning_rate": 0.0003,
        "critic_learning_rate": 0.0003,
        "target_noise": 0.2,
        "noise_clip": 0.5,
        "actor_interval": 2,
        "alpha": 2.5,
    }


def test_presets_and_what_a_search_tries() -> None:
    assert TD3BC.presets == {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32)},
        "quick": {"steps": 17000},
        "paper": {"steps": 1000000},  # `max_timesteps` of the authors' `main.py`.
    }
    assert TD3BC.search_space == {
        "alpha": ("loguniform", 0.1, 10.0),
        "actor_learning_rate": ("loguniform", 0.0001, 0.001),
        "critic_learning_rate": ("loguniform", 0.0001, 0.001),
        "gamma": ("choice", (0.98, 0.99, 0.995)),
    }


def test_settings_out_of_range_are_refused() -> None:
    check_limits(TD3BCConfig, {**TD3_LIMITS, "alpha": (0, inf)})


def test_it_prefers_what_was_rewarded() -> None:
    assert mean_action(TD3BC, two_armed_bandit(), 60, **FAST) > 0.3


def test_without_values_it_clones() -> None:
    assert mean_action(TD3BC, two_armed_bandit(), 60, **FAST, alpha=0.0) < -0.05
