"""GCIQL values steps towards the goal more, and takes them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.goal_conditioned.gciql import GCIQL, GCIQLConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.goal_conditioned.corridor import STEP, acted, at, both_ways, trained
from tests.baselines.synthetic_tasks import walks


def test_steps_towards_the_goal_are_worth_more_and_it_takes_them() -> None:
    agent = trained(GCIQL, 350, tau=0.05, discount=0.9, alpha=0.3)
    goals = at(0.5, 0.5, -0.5, -0.5)
    towards, away, away_below, below = agent._networks.critic(
        torch.zeros(4, 1), goals, at(1.0, -1.0, 1.0, -1.0)
    ).mean(0)
    assert towards > away and below > away_below
    assert acted(agent, [0.6, -0.6]) == pytest.approx([STEP, -STEP], abs=STEP / 4)


def constant(*values: float) -> Any:
    """(2, B) the values of two critics, whatever is asked."""
    return lambda *seen: torch.tensor(values)[:, None].expand(2, len(seen[0]))


def test_values_are_an_expectile_of_the_lowest_and_back_up_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = trained(GCIQL, 1, expectile=0.9, discount=0.5)
    slow = torch.tensor([[1.0, 6.0], [3.0, 4.0]])
    stub = SimpleNamespace(
        slow_critic=lambda *seen: slow,
        value=lambda state, goal: torch.where(state > 0.05, 6.0, 2.0).T,
        critic=constant(1.0, 2.0),
    )
    monkeypatch.setattr(agent, "_networks", stub)
    monkeypatch.setattr(agent, "_actor_loss", lambda batch: torch.zeros(()))
    losses = agent._losses(both_ways(), 1.0)
    # The lowest are 1 and 4, where the value is 2: one below, two above.
    assert losses["value_loss"].item() == pytest.approx((0.1 * 1 + 0.9 * 4) / 2)
    # Up, 6 follows, and down 2: half of it, less the step, is 2 and 0.
    assert losses["critic_loss"].item() == pytest.approx((1 + 1) / 2 + (0 + 4) / 2)


def test_the_policy_does_what_is_worth_most_by_the_lowest_critic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Critic(torch.nn.Module):
        def forward(self, state: Any, goal: Any, action: Any) -> Any:
            return torch.stack([2 * action[:, 0], action[:, 0]])

    agent = trained(GCIQL, 1, alpha=0.0)
    stub = SimpleNamespace(critic=Critic(), act=lambda state, goal: at(0.5, 0.25))
    monkeypatch.setattr(agent, "_networks", stub)
    # By the mean size of values: 0.375 of 0.375.
    assert agent._actor_loss(both_ways()).item() == pytest.approx(-1, abs=1e-4)
    higher = SimpleNamespace(critic=Critic(), act=lambda state, goal: at(-0.5, 0.25))
    monkeypatch.setattr(agent, "_networks", higher)
    # The lowest are -1 and 0.25; their mean size is 0.625.
    assert agent._actor_loss(both_ways()).item() == pytest.approx(0.375 / 0.625, abs=1e-4)


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
