"""GCIQL values steps towards the goal more, and takes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.goal_conditioned.gciql import GCIQL, GCIQLConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.goal_conditioned.corridor import STEP, acted, at, trained
from tests.baselines.synthetic_tasks import walks


def test_steps_towards_the_goal_are_worth_more_and_it_takes_them() -> None:
    agent = trained(GCIQL, 350, tau=0.05, discount=0.9, alpha=0.3)
    goals = at(0.5, 0.5, -0.5, -0.5)
    towards, away, away_below, below = agent._networks.critic(
        torch.zeros(4, 1), goals, at(1.0, -1.0, 1.0, -1.0)
    ).mean(0)
    assert towards > away and below > away_below
    assert acted(agent, [0.6, -0.6]) == pytest.approx([STEP, -STEP], abs=STEP / 4)


def test_only_the_policy_learns_from_the_value_of_what_it_does() -> None:
    agent = trained(GCIQL, 1)
    networks = agent._networks
    networks.zero_grad()
    agent._actor_loss(agent._batches(walks())(np.random.default_rng(0))).backward()
    assert all(weight.grad is not None for weight in networks.policy.parameters())
    assert all(weight.grad is None for weight in networks.critic.parameters())


def test_presets_and_what_a_search_tries() -> None:
    check_presets(GCIQL)
    assert (GCIQLConfig().alpha, GCIQLConfig().expectile) == (0.3, 0.9)
    with pytest.raises(ValueError, match="setting alpha=-1 of GCIQLConfig is out of range"):
        GCIQLConfig(alpha=-1)
