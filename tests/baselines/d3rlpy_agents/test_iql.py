from __future__ import annotations

from dataclasses import asdict
from math import cos, inf, pi
from typing import Any

import pytest
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory
from d3rlpy.optimizers import AdamFactory, CosineAnnealingLRFactory

from baselines.d3rlpy_agents.iql import IQL, IQLConfig
from baselines.d3rlpy_agents.value_learning import ValueConfig
from tests.baselines.config_checks import VALUE_LIMITS, check_limits, check_presets
from tests.baselines.synthetic_tasks import mean_action, task_for, two_armed_bandit


def built(**settings: Any) -> algos.IQLConfig:
    return IQL(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    settings = {"batch_size": 33, "hidden_sizes": (7, 5), "gamma": 0.9, "tau": 0.02}
    weights = {"expectile": 0.8, "weight_temp": 11.0, "max_weight": 44.0}
    critic = VectorEncoderFactory([7, 5])
    assert built(**settings, **weights, learning_rate=6e-4, dropout=0.15) == algos.IQLConfig(
        batch_size=33,
        gamma=0.9,
        tau=0.02,
        expectile=0.8,
        weight_temp=11.0,
        max_weight=44.0,
        n_critics=2,
        actor_learning_rate=6e-4,
        critic_learning_rate=6e-4,
        # The policy's rate falls to 0 over the 70 steps of this run; only the policy drops out.
        actor_optim_factory=AdamFactory(lr_scheduler_factory=CosineAnnealingLRFactory(T_max=70)),
        critic_optim_factory=AdamFactory(),
        actor_encoder_factory=VectorEncoderFactory([7, 5], dropout_rate=0.15),
        critic_encoder_factory=critic,
        value_encoder_factory=critic,
    )


def test_without_dropout_there_is_no_layer_for_it() -> None:
    assert built().actor_encoder_factory.dropout_rate is None


def test_defaults_are_those_of_the_paper_for_locomotion() -> None:
    # `configs/mujoco_config.py` and `learner.py` of the authors' code.
    assert asdict(IQLConfig()) == {
        **asdict(ValueConfig()),
        "learning_rate": 0.0003,
        "expectile": 0.7,
        "weight_temp": 3.0,
        "max_weight": 100.0,
        "dropout": 0.0,
    }


def test_presets_and_what_a_search_tries() -> None:
    # Steps of the paper: `train_offline.py`.
    check_presets(IQL)


def test_settings_out_of_range_are_refused() -> None:
    own = {"learning_rate": (0, 1), "expectile": (0, 1), "weight_temp": (0, inf)}
    check_limits(IQLConfig, {**VALUE_LIMITS, **own, "max_weight": (0, inf), "dropout": (0, 1)})


def test_it_prefers_what_was_rewarded() -> None:
    settings = {"learning_rate": 1e-2, "weight_temp": 10.0, "tau": 0.1}
    assert mean_action(IQL, two_armed_bandit(), 80, **settings) > 0.3


def test_with_more_steps_the_rate_follows_the_longer_cosine() -> None:
    settings = {"hidden_sizes": (8,), "batch_size": 8, "learning_rate": 1e-3}
    task, dataset = task_for(two_armed_bandit()), two_armed_bandit()
    ended, longer = IQL(task, settings, "cpu"), IQL(task, settings, "cpu")
    states: list[Any] = []
    ended.fit(dataset, steps=4, seed=0, progress=lambda *_: states.append(ended.training_state()))
    longer.resume(states[-1])
    rates: list[float] = []

    def keep(step: int, metrics: Any) -> None:
        optimiser = longer._algorithm.impl.modules.actor_optim.optim
        rates.append(optimiser.param_groups[0]["lr"])

    longer.fit(dataset, steps=8, seed=0, progress=keep)
    # What is set after steps 5 to 8 of 8; after step 4 of 4 there was nothing left of it.
    expected = [5e-4 * (1 + cos(pi * step / 8)) for step in range(5, 9)]
    assert rates == pytest.approx(expected)
