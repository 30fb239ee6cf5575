from __future__ import annotations

import pytest

from baselines.td3_bc import TD3BC
from tests.baselines.made_up import mean_action, task_for, two_armed_bandit

FAST = {"actor_learning_rate": 3e-3, "critic_learning_rate": 3e-3}


def built(**settings):
    return TD3BC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(100)


def test_it_prefers_what_was_rewarded():
    assert mean_action(TD3BC, two_armed_bandit(), 300, **FAST) > 0.3


def test_without_values_it_clones():
    assert mean_action(TD3BC, two_armed_bandit(), 300, **FAST, alpha=0.0) < -0.05


def test_settings_reach_d3rlpy():
    config = built(alpha=1.5, target_noise=0.1, noise_clip=0.3, actor_interval=4, batch_size=64)
    assert (config.alpha, config.update_actor_interval, config.batch_size) == (1.5, 4, 64)
    assert (config.target_smoothing_sigma, config.target_smoothing_clip) == (0.1, 0.3)
    assert (config.actor_learning_rate, config.critic_learning_rate) == (3e-4, 3e-4)


@pytest.mark.parametrize("setting", [{"alpha": -1.0}, {"actor_interval": 0}, {"target_noise": 3}])
def test_settings_out_of_range_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.* of TD3BCConfig is out of range"):
        built(**setting)
