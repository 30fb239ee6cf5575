"""MAGE follows the plan that it is given, and its random plans are of its own codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from benchmark.interface import PlanFollower, ReturnConditioned, TaskInfo
from mage.agent import MAGEAgent
from mage.model.quantizer import MultiScaleQuantizer
from mage.plan_exchange import exchanged, random_latents
from tests.mage.conftest import TINY

OBSERVATIONS = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
NOTHING = np.zeros(3, np.float32)


@pytest.fixture
def agent(tiny_task: TaskInfo) -> MAGEAgent:
    """Untrained; three episodes have begun."""
    agent = MAGEAgent(tiny_task, TINY, "cpu")
    agent.reset(3)
    return agent


def test_it_offers_what_is_measured(agent: MAGEAgent) -> None:
    assert isinstance(agent, PlanFollower) and isinstance(agent, ReturnConditioned)
    assert agent.requested_discount == agent._task.discount


def test_it_says_what_it_was_asked_in_the_units_of_the_task(agent: MAGEAgent) -> None:
    agent._planner.return_normaliser.mean.fill_(5)
    requested = {}
    for level in (0.0, 2.0):
        agent.ask_for(level)
        agent.reset(3)
        agent.act(OBSERVATIONS, NOTHING)
        requested[level] = agent.requested_returns()
    with torch.no_grad():
        mean_n1, gap_n1 = agent._planner.returns(torch.as_tensor(OBSERVATIONS))
    np.testing.assert_allclose(requested[0], mean_n1[:, 0] + 5, rtol=1e-5)
    np.testing.assert_allclose(requested[2], (mean_n1 + 2 * gap_n1)[:, 0] + 5, rtol=1e-5)


def test_its_own_plan_given_back_changes_nothing(agent: MAGEAgent) -> None:
    own = agent.act(OBSERVATIONS, NOTHING)
    seen: list[Any] = []
    agent.exchange_plans(lambda plans: seen.append(plans) or plans)
    np.testing.assert_array_equal(agent.act(OBSERVATIONS, NOTHING), own)
    assert seen[0].shape == (3, 4, 6)


def test_actions_follow_the_plan_that_is_given(agent: MAGEAgent) -> None:
    plans = agent.random_plans(3, seed=1)
    agent.exchange_plans(lambda own: plans)
    followed = agent.act(OBSERVATIONS, NOTHING)
    with torch.no_grad():
        condition = agent._condition(OBSERVATIONS, NOTHING)
        expected = agent._planner.inverse_dynamics(torch.as_tensor(plans), condition).clamp(-1, 1)
    np.testing.assert_allclose(followed, expected, rtol=1e-5, atol=1e-6)
    agent.exchange_plans(None)
    assert not np.allclose(agent.act(OBSERVATIONS, NOTHING), followed)


def test_random_plans_are_sums_of_codes_drawn_alike() -> None:
    quantizer = MultiScaleQuantizer((1, 2), codes=3, code_size=1, commitment=0.25)
    with torch.no_grad():
        quantizer.codebook.weight.copy_(torch.tensor([[0.0], [1.0], [10.0]]))
        for convolution in quantizer.mend:  # Passes on what it is given.
            convolution.weight.zero_()
            convolution.weight[0, 0, 1] = 1
            convolution.bias.zero_()
        latent_nLC = random_latents(quantizer, 2000, seed=0)
    assert latent_nLC.shape == (2000, 2, 1)
    sums, counts = latent_nLC[:, 0, 0].round(decimals=4).unique(return_counts=True)
    # The code of the whole and that of the first half: 0, 1 or 10 each, one as likely as another.
    assert sums.tolist() == [0, 1, 2, 10, 11, 20]
    np.testing.assert_allclose(counts / 2000, np.array([1, 2, 1, 2, 2, 1]) / 9, atol=0.04)


def test_random_plans_are_those_of_their_seed(agent: MAGEAgent) -> None:
    first = agent.random_plans(3, seed=1)
    state = torch.get_rng_state()
    np.testing.assert_array_equal(agent.random_plans(3, seed=1), first)
    assert not np.array_equal(agent.random_plans(3, seed=2), first)
    assert torch.equal(torch.get_rng_state(), state), "nobody else's random numbers"


def test_without_an_exchange_plans_are_left_alone() -> None:
    latent = torch.randn(2, 4, 6)
    assert exchanged(latent, None) is latent
    assert torch.equal(exchanged(latent, lambda plans: plans[::-1]), latent.flip(0))
