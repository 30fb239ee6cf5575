from __future__ import annotations

import pytest

from baselines.iql import IQL
from tests.baselines.made_up import mean_action, task_for, two_armed_bandit


def built(**settings):
    return IQL(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(100)


def test_it_prefers_what_was_rewarded():
    settings = {"learning_rate": 3e-3, "weight_temp": 10.0}
    assert mean_action(IQL, two_armed_bandit(), 300, **settings) > 0.3


def test_settings_reach_d3rlpy():
    config = built(expectile=0.9, weight_temp=10.0, max_weight=50.0, gamma=0.98, tau=0.01)
    assert (config.expectile, config.weight_temp, config.max_weight) == (0.9, 10.0, 50.0)
    assert (config.gamma, config.tau, config.batch_size) == (0.98, 0.01, 256)


def test_only_the_policy_drops_out():
    config = built(dropout=0.1)
    assert config.actor_encoder_factory.dropout_rate == 0.1
    assert config.critic_encoder_factory.dropout_rate is None
    assert config.value_encoder_factory.dropout_rate is None
    assert built().actor_encoder_factory.dropout_rate is None


@pytest.mark.parametrize("setting", [{"expectile": 1.5}, {"dropout": -0.1}, {"gamma": 2.0}])
def test_settings_out_of_range_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.* of IQLConfig is out of range; valid"):
        built(**setting)
