"""RvS does what brings the return that it is asked for."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from baselines.return_conditioned.base import NETWORK_SETTINGS
from baselines.return_conditioned.rvs import RvS, RvSConfig
from benchmark.interface import ReturnConditioned
from mage.returns.episode_cuts import cut_episodes
from mage.returns.return_settings import RETURN_SETTINGS
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import (
    no_progress,
    numbered_steps,
    task_for,
    two_armed_bandit,
)

SMALL = {"width": 32, "batch_size": 64, "best_of": 1, "return_share": 0.3}


def trained(**settings: Any) -> RvS:
    """On a bandit of whose actions -0.5 brings nothing (two thirds), and 0.5 brings 1."""
    dataset = two_armed_bandit()
    agent = RvS(task_for(dataset), {**SMALL, **settings}, "cpu")
    agent.fit(dataset, steps=400, seed=0, progress=no_progress)
    return agent


def acted(agent: RvS, *rewards: float) -> list[float]:
    """Its mean action in four states at each step, with the rewards received before."""
    observations = two_armed_bandit().observations[:4]
    agent.reset(4)
    return [
        float(agent.act(observations, np.full(4, reward, np.float32)).mean()) for reward in rewards
    ]


@pytest.mark.parametrize(("advantage", "expected"), [(1.0, 0.5), (-0.5, -0.5)])
def test_the_advantage_asked_decides_what_it_does(advantage: float, expected: float) -> None:
    # The mean return is a third; the expectile is next to 1, and half as far below is nothing.
    assert acted(trained(advantage_asked=advantage), 0.0) == pytest.approx([expected], abs=0.15)


def test_it_may_be_asked_for_another_advantage() -> None:
    agent = trained()
    assert isinstance(agent, ReturnConditioned) and agent.asking_unit == "advantage"
    agent.ask_for(-0.5)
    assert acted(agent, 0.0) == pytest.approx([-0.5], abs=0.15)
    assert agent.requested_returns().mean() == pytest.approx(0, abs=0.1)
    agent.ask_for(None)
    assert acted(agent, 0.0) == pytest.approx([0.5], abs=0.15)
    assert agent.requested_returns().mean() == pytest.approx(1, abs=0.1)


def test_a_target_is_counted_down_by_what_was_received() -> None:
    agent = trained(return_asked="target", condition_on_advantage=False)  # The target is 1.
    assert acted(agent, 0.0, 1.0) == pytest.approx([0.5, -0.5], abs=0.15)
    assert acted(agent, 0.0) == pytest.approx([0.5], abs=0.15), "a new episode asks anew"


def test_what_was_not_received_goes_on_being_asked_for() -> None:
    agent = trained(advantage_asked=0.0, persistence=1.0)
    before, after = acted(agent, 0.0, -2.0)
    assert after > before + 0.1 and after == pytest.approx(0.5, abs=0.2)


def test_without_the_advantage_it_sees_the_return_alone() -> None:
    agent = trained(condition_on_advantage=False)
    weight = agent._networks.policy[0].weight.detach()
    agent._networks.policy[0].weight.data[:, -1] = 100.0
    assert acted(agent, 0.0) == pytest.approx([0.5], abs=0.15)
    assert weight.shape[1] == 4


def test_the_defaults_are_these() -> None:
    assert asdict(RvSConfig()) == {
        "discount": None,
        "log_returns": False,
        "expectile": 0.99,
        "best_of": 4,
        "place_features": 0,
        "bootstrap_steps": 0,
        # Two layers of 256 units; the rate is that of the paper.
        "width": 256,
        "batch_size": 256,
        "learning_rate": 1e-3,
        "dropout": 0.0,
        "return_share": 0.03,
        "return_asked": "state",
        "advantage_asked": 1.0,
        "persistence": 0.0,
        "condition_on_advantage": True,
    }


def test_presets_and_what_a_search_tries() -> None:
    check_presets(RvS)
    asked = RvS.task_settings[: -len(NETWORK_SETTINGS)]
    assert asked == RETURN_SETTINGS, "it is asked for what MAGE is asked for"
    assert RvS.task_settings[-len(NETWORK_SETTINGS) :] == NETWORK_SETTINGS


def test_requests_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="setting persistence = 2 is not valid; expected a number"):
        RvS(task_for(two_armed_bandit()), {"persistence": 2}, "cpu")


def test_for_a_target_what_comes_after_an_evaluation_does_not_count() -> None:
    dataset = numbered_steps()
    agent = RvS(replace(task_for(dataset), max_steps=2), {**SMALL, "return_asked": "target"}, "cpu")
    agent.fit(dataset, steps=4, seed=0, progress=no_progress)
    returns = cut_episodes(dataset, 2).returns_to_go(1.0)
    assert agent._networks.return_normaliser.mean.item() == pytest.approx(returns.mean())
    assert returns.mean() != pytest.approx(dataset.returns_to_go(1.0).mean())
