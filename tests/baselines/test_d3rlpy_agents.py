from __future__ import annotations

import numpy as np
import pytest

from baselines.d3rlpy_agents import CQL, IQL, BehaviorCloning
from tests.baselines.made_up import dataset_of, no_progress, task_for, two_armed_bandit

SMALL = {"hidden_sizes": (32, 32), "batch_size": 64}


def mean_action(agent_class, dataset, steps, **settings):
    agent = agent_class(task_for(dataset), {**SMALL, **settings}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent.act(dataset.observations, np.zeros(len(dataset), np.float32)).mean()


def test_cloning_learns_what_was_done():
    rng = np.random.default_rng(0)
    observations = rng.uniform(-1, 1, (300, 2))
    actions = 0.8 * observations[:, :1] * observations[:, 1:]
    ends = dict.fromkeys(range(300), "terminal")
    dataset = dataset_of(observations, actions, np.zeros(300), ends)
    agent = BehaviorCloning(task_for(dataset), {"hidden_sizes": (32, 32)}, "cpu")
    agent.fit(dataset, steps=500, seed=0, progress=no_progress)
    error = agent.act(dataset.observations, np.zeros(300, np.float32)) - dataset.actions
    assert np.abs(error).mean() < 0.05


def test_cloning_is_blind_to_rewards():
    mostly_bad = two_armed_bandit()
    assert mean_action(BehaviorCloning, mostly_bad, 300) < -0.05


def test_iql_prefers_what_was_rewarded():
    settings = {"learning_rate": 3e-3, "weight_temp": 10.0}
    assert mean_action(IQL, two_armed_bandit(), 300, **settings) > 0.3


def test_cql_prefers_what_was_rewarded():
    rates = {"actor_learning_rate": 3e-3, "critic_learning_rate": 3e-3}
    settings = {"conservative_weight": 0.5, "n_action_samples": 4, "reward_scale": 10.0}
    assert mean_action(CQL, two_armed_bandit(), 200, **rates, **settings) > 0.3


@pytest.mark.parametrize("agent_class", [IQL, CQL])
def test_rewards_can_be_scaled_and_shifted(agent_class):
    dataset = two_armed_bandit()
    agent = agent_class(task_for(dataset), {"reward_scale": 2.0, "reward_shift": -1.0}, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    assert set(batch.rewards.ravel().tolist()) == {-1.0, 1.0}


@pytest.mark.parametrize(
    ("agent_class", "setting"),
    [(BehaviorCloning, {"batch_size": 0}), (IQL, {"expectile": 1.5}), (CQL, {"gamma": -0.1})],
)
def test_settings_out_of_range_are_refused(agent_class, setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"setting {name}=.*out of range; valid: "):
        agent_class(task_for(two_armed_bandit()), setting, "cpu")
