from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.td3_bc import TD3BC, TD3BCConfig
from baselines.d3rlpy_agents.value_learning import ValueConfig
from tests.baselines import config_checks as checks
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit

FAST = {"actor_learning_rate": 1e-2, "critic_learning_rate": 1e-2}


def built(**settings: Any) -> algos.TD3PlusBCConfig:
    return TD3BC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    assert built(**checks.TD3_SETTINGS, alpha=1.5) == algos.TD3PlusBCConfig(
        **checks.TD3_IN_D3RLPY,
        alpha=1.5,
        n_critics=2,
        actor_encoder_factory=VectorEncoderFactory([7, 5]),
        critic_encoder_factory=VectorEncoderFactory([7, 5]),
    )


def test_defaults_are_those_of_the_paper() -> None:
    # `main.py` and `TD3_BC.py` of the authors' code; `reproductions/offline/td3_plus_bc.py`.
    assert asdict(TD3BCConfig()) == {
        **asdict(ValueConfig()),
        "actor_learning_rate": 0.0003,
        "critic_learning_rate": 0.0003,
        "target_noise": 0.2,
        "noise_clip": 0.5,
        "actor_interval": 2,
        "alpha": 2.5,
    }


def test_presets_and_what_a_search_tries() -> None:
    # Steps of the paper: `max_timesteps` of the authors' `main.py`.
    checks.check_presets(TD3BC)


def test_settings_out_of_range_are_refused() -> None:
    checks.check_limits(TD3BCConfig, {**checks.TD3_LIMITS, "alpha": (0, inf)})


def test_it_prefers_what_was_rewarded() -> None:
    assert mean_action(TD3BC, two_armed_bandit(), 60, **FAST) > 0.3


def test_without_values_it_clones() -> None:
    assert mean_action(TD3BC, two_armed_bandit(), 60, **FAST, alpha=0.0) < -0.05
