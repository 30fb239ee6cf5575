from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from baselines.cql import CQL
from baselines.iql import IQL
from baselines.value_learning import ValueConfig, learned_rewards
from tests.baselines.made_up import numbered_steps, task_for, two_armed_bandit


@pytest.mark.parametrize("agent_class", [IQL, CQL])
def test_rewards_can_be_scaled_and_shifted(agent_class):
    dataset = two_armed_bandit()
    agent = agent_class(task_for(dataset), {"reward_scale": 2.0, "reward_shift": -1.0}, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    assert set(batch.rewards.ravel().tolist()) == {-1.0, 1.0}


def test_returns_can_be_brought_to_a_range():
    dataset = numbered_steps()  # Returns of 6, 15 and 15.
    rewards = learned_rewards(dataset, ValueConfig(return_range=1000.0))
    returns = replace(dataset, rewards=rewards).episode_returns()
    assert returns.max() - returns.min() == pytest.approx(1000, rel=1e-5)
    np.testing.assert_allclose(rewards, dataset.rewards * 1000 / 9, rtol=1e-6)


def test_equal_returns_have_no_range():
    dataset = numbered_steps()
    flat = replace(dataset, rewards=np.zeros_like(dataset.rewards))
    with pytest.raises(ValueError, match="return_range=10 .*all have 0; set it to None"):
        learned_rewards(flat, ValueConfig(return_range=10.0))


def test_rewards_are_as_recorded_by_default():
    dataset = numbered_steps()
    np.testing.assert_array_equal(learned_rewards(dataset, ValueConfig()), dataset.rewards)


@pytest.mark.parametrize("value", [-1.0, "1000", float("nan")])
def test_a_range_must_be_a_number(value):
    with pytest.raises(ValueError, match="setting return_range=.*valid: 0 to inf"):
        ValueConfig(return_range=value)
