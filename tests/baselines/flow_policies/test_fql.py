"""FQL clones a distribution with two modes, and picks the one that is rewarded."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.flow_policies.fql import FQL, FQLConfig
from baselines.shared.transition_agent import TransitionBatch
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, two_armed_bandit

# Of the actions a third is near 0.5 and brings 1; the others are near -0.5.
BANDIT = two_armed_bandit()


def trained(steps: int, **settings: Any) -> FQL:
    small = {"hidden_sizes": (64, 64), "batch_size": 128, "learning_rate": 0.01, **settings}
    agent = FQL(task_for(BANDIT), small, "cpu")
    return agent.fit(BANDIT, steps=steps, seed=0, progress=no_progress)


@pytest.fixture(scope="module")
def agent() -> FQL:
    return trained(300, alpha=0.5, flow_steps=8)


def test_the_flow_has_both_modes_as_often_as_they_were_recorded(agent: FQL) -> None:
    torch.manual_seed(0)
    states = torch.as_tensor(BANDIT.observations.copy())
    with torch.no_grad():
        actions = agent._networks.along_the_flow(states, torch.randn(400, 1))[:, 0]
    assert (actions > 0).float().mean().item() == pytest.approx(1 / 3, abs=0.12)
    assert ((actions.abs() - 0.5).abs() < 0.3).float().mean() > 0.7


def test_one_step_picks_the_mode_that_is_rewarded(agent: FQL) -> None:
    actions = agent.act(BANDIT.observations)
    assert np.median(actions) == pytest.approx(0.5, abs=0.35)
    assert (actions > 0).mean() > 0.9


def test_near_the_flow_it_stays_where_that_weighs_more_than_values() -> None:
    actions = trained(200, alpha=1000.0, flow_steps=3).act(BANDIT.observations)
    assert (actions > 0).mean() == pytest.approx(1 / 3, abs=0.15)


def test_values_do_not_learn_from_what_the_policy_does() -> None:
    agent = trained(1)
    agent._networks.zero_grad()
    losses = agent._actor_losses(agent._batches(BANDIT)(np.random.default_rng(0)))
    sum(losses.values()).backward()
    assert all(weight.grad is None for weight in agent._networks.critic.parameters())
    assert all(weight.grad is not None for weight in agent._networks.one_step.parameters())


@pytest.mark.parametrize(("lowest", "follows"), [(True, 0.5), (False, 1.0)])
def test_the_mean_of_the_next_values_is_backed_up_or_the_lowest(
    monkeypatch: pytest.MonkeyPatch, lowest: bool, follows: float
) -> None:
    agent = trained(1, lowest_value=lowest, gamma=0.5)
    heard: list[torch.Tensor] = []
    networks = SimpleNamespace(
        in_one_step=lambda states, noise: (heard.append(states), 0 * noise)[1],
        slow_critic=lambda states, actions: torch.stack([states[:, 0], 3 * states[:, 0]]),
        critic=lambda states, actions: torch.zeros(2, len(states)),
    )
    monkeypatch.setattr(agent, "_networks", networks)
    now, later = torch.full((2, 1), 7.0), torch.ones(2, 1)
    goes_on = torch.tensor([1.0, 0.0])
    batch = TransitionBatch(now, torch.zeros(2, 1), torch.full((2,), 0.25), later, goes_on)
    # Critics say 1 and 3 of the next state; nothing follows where the task has ended.
    expected = ((0.25 + follows) ** 2 + 0.25**2) / 2
    assert agent._critic_loss(batch).item() == pytest.approx(expected)
    assert torch.equal(heard[0], later)


def test_the_defaults_are_those_of_the_reference() -> None:
    assert asdict(FQLConfig()) == {
        "batch_size": 256,
        "hidden_sizes": (512, 512, 512, 512),
        "learning_rate": 3e-4,
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "alpha": 10.0,
        "flow_steps": 10,
        "lowest_value": False,
    }
    check_presets(FQL)


@pytest.mark.parametrize("settings", [{"alpha": -1}, {"flow_steps": 0}], ids=str)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ValueError, match=f"setting {name}=.* is out of range; valid: "):
        FQLConfig(**settings)
