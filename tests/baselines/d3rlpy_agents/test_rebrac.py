from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.rebrac import ReBRAC, ReBRACConfig
from baselines.d3rlpy_agents.td3_bc import TD3Config
from tests.baselines import config_checks as checks
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit

FAST = {"actor_learning_rate": 1e-2, "critic_learning_rate": 1e-2}


def built(**settings: Any) -> algos.ReBRACConfig:
    return ReBRAC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    penalties = {"actor_penalty": 0.03, "critic_penalty": 0.008}
    assert built(**checks.TD3_SETTINGS, **penalties) == algos.ReBRACConfig(
        **checks.TD3_IN_D3RLPY,
        actor_beta=0.03,
        critic_beta=0.008,
        n_critics=2,
        # Only critics are normalised by layer.
        actor_encoder_factory=VectorEncoderFactory([7, 5], use_layer_norm=False),
        critic_encoder_factory=VectorEncoderFactory([7, 5], use_layer_norm=True),
    )


def test_defaults_are_those_of_the_paper_for_locomotion() -> None:
    # `reproductions/offline/rebrac.py` of d3rlpy.
    assert asdict(ReBRACConfig()) == {
        **asdict(TD3Config()),
        "batch_size": 1024,
        "hidden_sizes": (256, 256, 256),
        "actor_learning_rate": 0.001,
        "critic_learning_rate": 0.001,
        "actor_penalty": 0.01,
        "critic_penalty": 0.01,
    }


def test_presets_and_what_a_search_tries() -> None:
    # Steps of the paper: `reproductions/offline/rebrac.py` of d3rlpy.
    checks.check_presets(ReBRAC)


def test_settings_out_of_range_are_refused() -> None:
    own = {"actor_penalty": (0, inf), "critic_penalty": (0, inf)}
    checks.check_limits(ReBRACConfig, {**checks.TD3_LIMITS, **own})


def test_it_prefers_what_was_rewarded() -> None:
    assert mean_action(ReBRAC, two_armed_bandit(), 60, **FAST, actor_penalty=0.1) > 0.3


def test_a_large_penalty_makes_it_clone() -> None:
    assert mean_action(ReBRAC, two_armed_bandit(), 60, **FAST, actor_penalty=100.0) < -0.05
