from __future__ import annotations

from dataclasses import asdict
from math import inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory
from d3rlpy.optimizers import AdamFactory

from baselines.d3rlpy_agents.awac import AWAC, AWACConfig
from baselines.d3rlpy_agents.value_learning import ValueConfig
from benchmark.trainer import isolated_random_numbers
from tests.baselines.config_checks import VALUE_LIMITS, check_limits, check_presets
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit


def built(**settings: Any) -> algos.AWACConfig:
    return AWAC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    settings = {"batch_size": 33, "hidden_sizes": (7, 5), "gamma": 0.9, "tau": 0.02}
    own = {"learning_rate": 6e-4, "weight_decay": 0.003, "temperature": 0.3, "n_action_samples": 4}
    assert built(**settings, **own) == algos.AWACConfig(
        batch_size=33,
        gamma=0.9,
        tau=0.02,
        lam=0.3,
        n_action_samples=4,
        n_critics=2,
        actor_learning_rate=6e-4,
        critic_learning_rate=6e-4,
        actor_optim_factory=AdamFactory(weight_decay=0.003),
        critic_optim_factory=AdamFactory(weight_decay=0),
        actor_encoder_factory=VectorEncoderFactory([7, 5]),
        critic_encoder_factory=VectorEncoderFactory([7, 5]),
    )


def test_defaults_are_those_of_d3rlpys_reproduction() -> None:
    # `reproductions/offline/awac.py` of d3rlpy; gamma, tau and the samples of its `AWACConfig`.
    assert asdict(AWACConfig()) == {
        **asdict(ValueConfig()),
        "batch_size": 1024,
        "hidden_sizes": (256, 256, 256, 256),
        "learning_rate": 0.0003,
        "weight_decay": 0.0001,
        "temperature": 1.0,
        "n_action_samples": 1,
    }


def test_presets_and_what_a_search_tries() -> None:
    # Steps of the paper: `reproductions/offline/awac.py` of d3rlpy.
    check_presets(AWAC)


def test_settings_out_of_range_are_refused() -> None:
    own = {"learning_rate": (0, 1), "weight_decay": (0, inf), "temperature": (1e-6, inf)}
    check_limits(AWACConfig, {**VALUE_LIMITS, **own, "n_action_samples": (1, inf)})


def test_values_are_those_of_actions_that_the_policy_itself_draws() -> None:
    agent = AWAC(task_for(two_armed_bandit()), {"hidden_sizes": (2,)}, "cpu")
    with isolated_random_numbers(0, "cpu"):
        agent._build(9, np.zeros(2), np.ones(2))
        impl = agent._algorithm.impl
        with torch.no_grad():
            for name, weights in impl.modules.policy.named_parameters():
                weights.fill_(2.0 if name.endswith("_mu.bias") else 0.0)
        drawn = []
        impl._targ_q_func_forwarder = SimpleNamespace(
            compute_target=lambda _observations, actions, reduction: drawn.append(actions)
        )
        impl.compute_target(SimpleNamespace(next_observations=torch.zeros(4000, 2)))
    # The mean is tanh(2); the logarithm of the deviation lies in the middle of d3rlpy's -6 and 0.
    # tanh of a sample around 2, which SAC would draw, has a deviation of 0.004.
    expected = (np.tanh(2) + np.exp(-3) * np.random.default_rng(0).normal(size=4000)).clip(-1, 1)
    assert drawn[0].mean().item() == pytest.approx(expected.mean(), abs=0.005)
    assert drawn[0].std().item() == pytest.approx(expected.std(), abs=0.005)


def test_it_prefers_what_was_rewarded() -> None:
    settings = {"learning_rate": 1e-2, "temperature": 0.1}
    assert mean_action(AWAC, two_armed_bandit(), 60, **settings) > 0.3


def test_at_a_high_temperature_it_clones() -> None:
    settings = {"learning_rate": 1e-2, "temperature": 1000.0}
    assert mean_action(AWAC, two_armed_bandit(), 60, **settings) < -0.05
