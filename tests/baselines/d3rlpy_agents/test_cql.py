from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

import numpy as np
import pytest
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.cql import CQL, CQLConfig
from baselines.d3rlpy_agents.value_learning import ValueConfig
from tests.baselines.config_checks import VALUE_LIMITS, check_limits, check_presets
from tests.baselines.synthetic_tasks import mean_action, no_progress, task_for, two_armed_bandit

SETTINGS = {
    **{"batch_size": 33, "hidden_sizes": (7, 5), "gamma": 0.9, "tau": 0.02},
    **{"actor_learning_rate": 2e-4, "critic_learning_rate": 7e-4},
    **{"conservative_weight": 3.0, "n_action_samples": 4},
}


def built(**settings: Any) -> algos.CQLConfig:
    return CQL(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(70)


@pytest.mark.parametrize(
    ("threshold", "multiplier"),
    [
        # Without a threshold the multiplier stays at 1: its learning rate is 0.
        (None, {"alpha_learning_rate": 0.0, "alpha_threshold": 0.0}),
        (6.0, {"alpha_learning_rate": 7e-4, "alpha_threshold": 6.0}),
        (0.0, {"alpha_learning_rate": 7e-4, "alpha_threshold": 0.0}),
    ],
)
def test_each_setting_reaches_d3rlpy_where_it_belongs(
    threshold: float | None, multiplier: dict[str, float]
) -> None:
    assert built(**SETTINGS, lagrange_threshold=threshold) == algos.CQLConfig(
        **multiplier,
        batch_size=33,
        gamma=0.9,
        tau=0.02,
        conservative_weight=3.0,
        n_action_samples=4,
        n_critics=2,
        actor_learning_rate=2e-4,
        temp_learning_rate=2e-4,
        critic_learning_rate=7e-4,
        initial_alpha=1.0,
        initial_temperature=1.0,
        soft_q_backup=False,
        max_q_backup=False,
        actor_encoder_factory=VectorEncoderFactory([7, 5]),
        critic_encoder_factory=VectorEncoderFactory([7, 5]),
    )


def test_defaults_are_the_authors_for_locomotion() -> None:
    # `examples/cql_mujoco_new.py` of the authors' code, without the Lagrange multiplier.
    assert asdict(CQLConfig()) == {
        **asdict(ValueConfig()),
        "hidden_sizes": (256, 256, 256),
        "actor_learning_rate": 0.0001,
        "critic_learning_rate": 0.0003,
        "conservative_weight": 5.0,
        "lagrange_threshold": None,
        "n_action_samples": 10,
    }


def test_presets_and_what_a_search_tries() -> None:
    check_presets(CQL)


def test_settings_out_of_range_are_refused() -> None:
    rates = {"actor_learning_rate": (0, 1), "critic_learning_rate": (0, 1)}
    own = {"conservative_weight": (0, inf), "lagrange_threshold": (0, inf)}
    check_limits(CQLConfig, {**VALUE_LIMITS, **rates, **own, "n_action_samples": (1, inf)})


@pytest.mark.parametrize(("threshold", "grows"), [(0.0, True), (1000.0, False)])
def test_the_multiplier_follows_the_gap(threshold: float, grows: bool) -> None:
    dataset = two_armed_bandit()
    small = {"hidden_sizes": (8,), "batch_size": 16, "critic_learning_rate": 1e-2}
    agent = CQL(task_for(dataset), {**small, "lagrange_threshold": threshold}, "cpu")
    agent.fit(dataset, steps=5, seed=0, progress=no_progress)
    modules = agent.training_state()["learner"]["modules"]
    multiplier = float(np.exp(modules["log_alpha"]["_parameter"]))
    assert (multiplier > 1) == grows


def test_it_prefers_what_was_rewarded() -> None:
    rates = {"actor_learning_rate": 1e-2, "critic_learning_rate": 1e-2}
    settings = {"conservative_weight": 0.5, "n_action_samples": 4, "reward_scale": 10.0}
    assert mean_action(CQL, two_armed_bandit(), 60, **rates, **settings) > 0.3
