from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch

from baselines.cloning import BehaviorCloning
from baselines.cql import CQL
from baselines.iql import IQL
from tests.baselines.made_up import dataset_of, no_progress, task_for, two_armed_bandit

TINY = {"hidden_sizes": (8,), "batch_size": 16}


def weights_after_training(agent_class, folder, **changes):
    dataset = two_armed_bandit()
    agent = agent_class(task_for(dataset), {**TINY, **changes}, "cpu")
    agent.fit(dataset, steps=5, seed=0, progress=no_progress)
    folder.mkdir()
    agent.save(folder)
    return safetensors.torch.load_file(folder / "policy.safetensors")


@pytest.mark.parametrize("agent_class", [BehaviorCloning, IQL, CQL])
def test_the_same_seed_gives_the_same_weights_to_the_last_bit(agent_class, tmp_path):
    first = weights_after_training(agent_class, tmp_path / "first")
    second = weights_after_training(agent_class, tmp_path / "second")
    assert len(first) > 4
    for name, value in first.items():
        np.testing.assert_array_equal(value.numpy(), second[name].numpy())


def test_an_unseen_value_in_a_constant_column_does_not_explode(tmp_path):
    rng = np.random.default_rng(0)
    observations = np.stack([rng.standard_normal(50), np.full(50, 0.1)], axis=1)
    ends = dict.fromkeys(range(50), "terminal")
    dataset = dataset_of(observations, observations[:, :1].clip(-1, 1), np.zeros(50), ends)
    agent = BehaviorCloning(task_for(dataset), TINY, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    agent.save(tmp_path)
    saved = safetensors.torch.load_file(tmp_path / "policy.safetensors")
    np.testing.assert_allclose(saved["mean"], observations.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(saved["std"], [observations[:, 0].std(), 1.0], rtol=1e-6)


def test_actions_are_scaled_from_the_bounds_and_back():
    dataset = two_armed_bandit()
    wide = replace(dataset, actions=np.where(dataset.actions > 0, 9.0, 5.0).astype(np.float32))
    low, high = np.array([4], np.float32), np.array([10], np.float32)
    agent = BehaviorCloning(task_for(wide, action_low=low, action_high=high), TINY, "cpu")
    agent.fit(wide, steps=300, seed=0, progress=no_progress)
    actions = agent.act(wide.observations, np.zeros(len(wide), np.float32))
    assert abs(actions.mean() - wide.actions.mean()) < 0.3


def test_slow_copies_of_critics_do_not_count_as_parameters():
    dataset = two_armed_bandit()
    agent = IQL(task_for(dataset), TINY, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    policy = 2 * 8 + 8 + 8 * 1 + 1 + 1  # Hidden layer, output, and one logarithm of a spread.
    critic = 3 * 8 + 8 + 8 * 1 + 1
    value = 2 * 8 + 8 + 8 * 1 + 1
    assert agent.parameter_count == policy + 2 * critic + value
