from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from baselines.reference_policies import MeanAction, RandomPolicy
from tests.baselines.made_up import no_progress, numbered_steps, task_for

NO_REWARDS = np.zeros(5000, np.float32)
OBSERVATIONS = np.zeros((5000, 2), np.float32)


def actions_of(agent_class, dataset, seed=0, **bounds):
    agent = agent_class(task_for(dataset, **bounds), {}, "cpu")
    agent.fit(dataset, steps=1, seed=seed, progress=no_progress)
    agent.reset(len(OBSERVATIONS))
    return agent.act(OBSERVATIONS, NO_REWARDS)


def test_random_actions_fill_the_bounds():
    low, high = np.array([-2], np.float32), np.array([4], np.float32)
    actions = actions_of(RandomPolicy, numbered_steps(), action_low=low, action_high=high)
    assert actions.mean() == pytest.approx(1, abs=0.1)
    assert actions.std() == pytest.approx(6 / np.sqrt(12), abs=0.1)
    assert actions.min() < -1.9 and actions.max() > 3.9


def test_the_mean_action_is_that_of_all_recorded_steps():
    np.testing.assert_allclose(actions_of(MeanAction, numbered_steps()), 0.4, rtol=1e-6)


def test_the_mean_action_knows_no_seed():
    first, second = (actions_of(MeanAction, numbered_steps(), seed) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)


def test_rounding_does_not_lead_out_of_the_bounds():
    dataset = numbered_steps()
    bound = np.array([0.1], np.float32)
    same = replace(dataset, actions=np.full_like(dataset.actions, bound[0]))
    actions = actions_of(MeanAction, same, action_low=-bound, action_high=bound)
    assert (actions <= bound).all()
