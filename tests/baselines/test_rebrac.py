from __future__ import annotations

import pytest

from baselines.rebrac import ReBRAC
from tests.baselines.made_up import mean_action, task_for, two_armed_bandit


def built(**settings):
    return ReBRAC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(100)


def test_it_prefers_what_was_rewarded():
    assert mean_action(ReBRAC, two_armed_bandit(), 300, actor_penalty=0.1) > 0.3


def test_a_large_penalty_makes_it_clone():
    assert mean_action(ReBRAC, two_armed_bandit(), 300, actor_penalty=100.0) < -0.05


def test_settings_reach_d3rlpy():
    config = built(actor_penalty=0.003, critic_penalty=0.002, gamma=0.999)
    assert (config.actor_beta, config.critic_beta, config.gamma) == (0.003, 0.002, 0.999)
    assert (config.batch_size, config.actor_learning_rate) == (1024, 1e-3)


def test_only_critics_are_normalised_by_layer():
    config = built()
    assert config.critic_encoder_factory.use_layer_norm
    assert not config.actor_encoder_factory.use_layer_norm


@pytest.mark.parametrize("setting", [{"actor_penalty": -1.0}, {"critic_penalty": -0.1}])
def test_settings_out_of_range_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.* of ReBRACConfig is out of range"):
        built(**setting)
