from __future__ import annotations

import pytest

from baselines.awac import AWAC
from tests.baselines.made_up import mean_action, task_for, two_armed_bandit


def built(**settings):
    return AWAC(task_for(two_armed_bandit()), settings, "cpu")._algorithm_config(100)


def test_it_prefers_what_was_rewarded():
    settings = {"learning_rate": 3e-3, "temperature": 0.1}
    assert mean_action(AWAC, two_armed_bandit(), 300, **settings) > 0.3


def test_at_a_high_temperature_it_clones():
    settings = {"learning_rate": 3e-3, "temperature": 1000.0}
    assert mean_action(AWAC, two_armed_bandit(), 300, **settings) < -0.05


def test_settings_reach_d3rlpy():
    config = built(temperature=0.3, n_action_samples=4, weight_decay=1e-3)
    assert (config.lam, config.n_action_samples) == (0.3, 4)
    assert config.actor_optim_factory.weight_decay == 1e-3
    assert config.critic_optim_factory.weight_decay == 0


@pytest.mark.parametrize("setting", [{"temperature": 0.0}, {"weight_decay": -1.0}])
def test_settings_out_of_range_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.* of AWACConfig is out of range"):
        built(**setting)
