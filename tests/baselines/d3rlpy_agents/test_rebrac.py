from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.rebrac import ReBRAC, ReBRACConfig
from tests.baselines.config_checks import TD3_LIMITS, check_limits
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit

FAST = {"actor_learning_rate": 1e-2, "critic_learning_rate": 1e-2}


def built(**settings: Any) -> algos.ReBRACConfig:
    return ReBRAC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    settings = {"batch_size": 33, "hidden_sizes": (7, 5), "gamma": 0.9, "tau": 0.02}
    rates = {"actor_learning_rate": 2e-4, "critic_learning_rate": 7e-4}
    noise = {"target_noise": 0.1, "noise_clip": 0.3, "actor_interval": 4}
    penalties = {"actor_penalty": 0.03, "critic_penalty": 0.008}
    assert built(**settings, **rates, **noise, **penalties) == algos.ReBRACConfig(
        batch_size=33,
        gamma=0.9,
        tau=0.02,
        actor_beta=0.03,
        critic_beta=0.008,
        n_critics=2,
        actor_learning_rate=2e-4,
        critic_learning_rate=7e-4,
        target_smoothing_sigma=0.1,
        target_smoothing_clip=0.3,
        update_actor_interval=4,
        # Only critics are normalised by layer.
        actor_encoder_factory=VectorEncoderFactory([7, 5], use_layer_norm=False),
        critic_encoder_factory=VectorEncoderFactory([7, 5], use_layer_norm=True),
    )


def test_defaults_are_those_of_the_paper_for_locomotion() -> None:
    # `reproductions/offline/rebrac.py` of d3rlpy.
    assert asdict(ReBRACConfig()) == {
        "batch_size": 1024,
        "hidden_sizes": (256, 256, 256),
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "return_range": None,
        "actor_learning_rate": 0.001,
        "critic_learning_rate": 0.001,
        "target_noise": 0.2,
        "noise_clip": 0.5,
        "actor_interval": 2,
        "actor_penalty": 0.01,
        "critic_penalty": 0.01,
    }


def test_presets_and_what_a_search_tries() -> None:
    assert ReBRAC.presets == {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32},
        "quick": {"steps": 10500, "batch_size": 256},
        "paper": {"steps": 1000000},  # `reproductions/offline/rebrac.py` of d3rlpy.
    }
    assert ReBRAC.search_space == {
        "actor_penalty": ("loguniform", 0.001, 1.0),
        "critic_penalty": ("loguniform", 0.001, 1.0),
        "actor_learning_rate": ("loguniform", 0.0001, 0.001),
        "critic_learning_rate": ("loguniform", 0.00005, 0.001),
    }


def test_settings_out_of_range_are_refused() -> None:
    own = {"actor_penalty": (0, inf), "critic_penalty": (0, inf)}
    check_limits(ReBRACConfig, {**TD3_LIMITS, **own})


def test_it_prefers_what_was_rewarded() -> None:
    assert mean_action(ReBRAC, two_armed_bandit(), 60, **FAST, actor_penalty=0.1) > 0.3


def test_a_large_penalty_makes_it_clone() -> None:
    assert mean_action(ReBRAC, two_armed_bandit(), 60, **FAST, actor_penalty=100.0) < -0.05
