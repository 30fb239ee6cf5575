from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.trajectory_transformer import TrajectoryTransformer, _after_end
from tests.baselines.made_up import (
    dataset_of,
    no_progress,
    numbered_steps,
    task_for,
    two_armed_bandit,
)

TINY = {
    "n_bins": 10,
    "context": 1,
    "horizon": 3,
    "beam_width": 4,
    "width": 16,
    "n_layers": 1,
    "n_heads": 2,
    "dropout": 0.0,
    "batch_size": 32,
    "learning_rate": 1e-2,
}


def fitted(dataset, steps: int = 1, **settings) -> TrajectoryTransformer:
    agent = TrajectoryTransformer(task_for(dataset, discount=0.5), {**TINY, **settings}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def test_a_value_is_the_discounted_return_of_what_follows():
    *_, values = fitted(numbered_steps())._arrays(numbered_steps())
    # Rewards are 0 to 3, 4 to 6, 7 and 8.
    expected = [1 + 0.5 * 2 + 0.25 * 3, 2 + 0.5 * 3, 3, 0, 5 + 0.5 * 6, 6, 0, 8, 0]
    np.testing.assert_allclose(values[:, 0], expected)


def test_past_a_terminal_the_episode_is_over_and_past_a_timeout_all_is_unknown():
    # Row 3 is a terminal, row 6 a timeout.
    over, unknown = _after_end(numbered_steps(), np.array([2, 5]), np.arange(4))
    assert over.tolist() == [[False, False, True, True], [False] * 4]
    assert unknown.tolist() == [[False] * 4, [False, False, True, True]]
    steps = np.zeros((2, 4, 5), np.float32)
    tokens, known = fitted(numbered_steps())._sequences(steps, (over, unknown))
    assert (tokens == 10).all(dim=2).tolist() == over.tolist()
    assert known.tolist() == (~unknown).tolist()


def test_it_plans_for_reward():
    wide = {"top_p": 1.0, "beam_width": 16}
    agent = fitted(two_armed_bandit(), steps=120, horizon=1, context=0, **wide)
    agent.reset(20)
    actions = agent.act(two_armed_bandit().observations[:20].copy(), np.zeros(20, np.float32))
    assert (np.abs(actions - 0.5) < 0.2).mean() > 0.9


def test_actions_weigh_more_than_observations():
    losses = []
    for weight in (1.0, 5.0):
        agent = fitted(numbered_steps(), action_weight=weight)
        batch = agent._batches(numbered_steps())(np.random.default_rng(0))
        with torch.no_grad():
            losses.append(float(agent._losses(batch, 0.0)["cross_entropy"]))
    # Of 16 tokens of four steps, 15 are predicted, and 4 of these are actions.
    assert losses[1] / losses[0] == pytest.approx((4 * 5 + 15) / 19, rel=0.1)


def test_a_plan_is_executed_for_as_long_as_it_says_and_knows_the_past():
    agent = fitted(numbered_steps(), replan_every=2)
    prefixes, plans = [], []
    plan = agent._search.plan

    class Watched:
        def plan(self, network, prefix, *rest):
            prefixes.append(prefix)
            plans.append(plan(network, prefix, *rest))
            return plans[-1]

    agent._search = Watched()
    agent.reset(2)
    observations = numbered_steps().observations[:2].copy()
    rewards = np.array([6, 0], np.float32)
    actions = [agent.act(observations, rewards) for _ in range(5)]
    assert [prefix.shape for prefix in prefixes] == [(2, 2), (2, 7), (2, 7)]
    bins = agent._statistics
    np.testing.assert_allclose(actions[3], bins.values(plans[1][:, 1])[:, 2:3])
    known = bins.values(prefixes[1][:, :5])[:, :4]
    np.testing.assert_allclose(known[:, :2], observations)
    np.testing.assert_allclose(known[:, 2:3], actions[1])
    np.testing.assert_allclose(known[:, 3], rewards)


def test_episodes_of_one_step_can_be_learned():
    zeros = np.zeros((3, 1))
    agent = fitted(dataset_of(zeros, zeros, zeros[:, 0], dict.fromkeys(range(3), "terminal")))
    agent.reset(1)
    assert agent.act(np.zeros((1, 1), np.float32), np.zeros(1, np.float32)).tolist() == [[0]]
