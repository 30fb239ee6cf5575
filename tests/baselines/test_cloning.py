from __future__ import annotations

import numpy as np
import pytest

from baselines.cloning import BehaviorCloning, BestCloning
from tests.baselines.made_up import (
    dataset_of,
    mean_action,
    no_progress,
    numbered_steps,
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


def observed(agent_class, dataset, max_steps, **settings):
    """The first observed number of every row that an agent learns from."""
    agent = agent_class(task_for(dataset, max_steps=max_steps), settings, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    return set(batch.observations[:, 0].tolist())


def test_the_best_episodes_are_those_of_the_highest_return():
    assert observed(BestCloning, numbered_steps(), 10) == {4, 5}  # Of returns 6, 15 and 15.
    assert observed(BestCloning, numbered_steps(), 10, share=0.67) == {4, 5, 7}
    assert observed(BehaviorCloning, numbered_steps(), 10) == {0, 1, 2, 3, 4, 5, 7}


def test_long_episodes_are_cut_before_the_best_are_chosen():
    assert observed(BestCloning, numbered_steps(), 2) == {7}  # Pieces end after 1, 3, 5, 6 and 8.


def test_it_imitates_the_rewarded_tenth():
    assert mean_action(BestCloning, two_armed_bandit(), 300) > 0.3


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="setting share=.* of BestCloningConfig is out of range"):
        BestCloning(task_for(two_armed_bandit()), {"share": share}, "cpu")
