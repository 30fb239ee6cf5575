from __future__ import annotations

import numpy as np
import pytest

from baselines.cql import CQL
from tests.baselines.made_up import mean_action, no_progress, task_for, two_armed_bandit


def built(**settings):
    return CQL(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(100)


def test_it_prefers_what_was_rewarded():
    rates = {"actor_learning_rate": 3e-3, "critic_learning_rate": 3e-3}
    settings = {"conservative_weight": 0.5, "n_action_samples": 4, "reward_scale": 10.0}
    assert mean_action(CQL, two_armed_bandit(), 200, **rates, **settings) > 0.3


def test_settings_reach_d3rlpy():
    config = built(conservative_weight=2.0, n_action_samples=4, actor_learning_rate=3e-5)
    assert (config.conservative_weight, config.n_action_samples) == (2.0, 4)
    assert config.actor_learning_rate == config.temp_learning_rate == 3e-5


def test_the_weight_is_fixed_without_a_threshold_and_learned_with_one():
    assert built().alpha_learning_rate == 0
    lagrange = built(lagrange_threshold=5.0)
    assert lagrange.alpha_threshold == 5.0
    assert lagrange.alpha_learning_rate == lagrange.critic_learning_rate > 0


@pytest.mark.parametrize(("threshold", "grows"), [(0.0, True), (1000.0, False)])
def test_the_multiplier_follows_the_gap(threshold, grows):
    dataset = two_armed_bandit()
    small = {"hidden_sizes": (8,), "batch_size": 16, "critic_learning_rate": 1e-2}
    agent = CQL(task_for(dataset), {**small, "lagrange_threshold": threshold}, "cpu")
    agent.fit(dataset, steps=20, seed=0, progress=no_progress)
    multiplier = float(np.exp(agent._modules()["log_alpha"].state_dict()["_parameter"]))
    assert (multiplier > 1) == grows


@pytest.mark.parametrize("setting", [{"gamma": -0.1}, {"lagrange_threshold": -1.0}])
def test_settings_out_of_range_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.* of CQLConfig is out of range; valid"):
        built(**setting)
