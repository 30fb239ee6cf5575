from __future__ import annotations

import numpy as np
import pytest

from baselines.cloning import BehaviorCloning
from tests.baselines.made_up import (
    dataset_of,
    mean_action,
    no_progress,
    task_for,
    two_armed_bandit,
)


def test_it_learns_what_was_done():
    rng = np.random.default_rng(0)
    observations = rng.uniform(-1, 1, (300, 2))
    actions = 0.8 * observations[:, :1] * observations[:, 1:]
    ends = dict.fromkeys(range(300), "terminal")
    dataset = dataset_of(observations, actions, np.zeros(300), ends)
    agent = BehaviorCloning(task_for(dataset), {"hidden_sizes": (32, 32)}, "cpu")
    agent.fit(dataset, steps=500, seed=0, progress=no_progress)
    error = agent.act(dataset.observations, np.zeros(300, np.float32)) - dataset.actions
    assert np.abs(error).mean() < 0.05


def test_it_is_blind_to_rewards():
    mostly_bad = two_armed_bandit()
    assert mean_action(BehaviorCloning, mostly_bad, 300) < -0.05


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="setting batch_size=0 of BCConfig is out of range"):
        BehaviorCloning(task_for(two_armed_bandit()), {"batch_size": 0}, "cpu")
