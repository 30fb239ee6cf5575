"""A fixed rate, numbers as they were recorded, and actions in the task's bounds."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
import torch

from baselines.flow_policies.fql import FQL
from baselines.goal_conditioned.gcbc import GCBC
from baselines.shared.fixed_rate_agent import LARGEST_SEEN, FixedRateConfig
from benchmark.interface import HindsightGoals
from tests.baselines.config_checks import check_limits
from tests.baselines.synthetic_tasks import task_for, walks

SMALL = {"hidden_sizes": (8,), "batch_size": 16}
LOW, HIGH = np.array([-1], np.float32), np.array([3], np.float32)


def made(agent_class: type[Any] = GCBC, **settings: Any) -> Any:
    task = task_for(
        walks(), hindsight=HindsightGoals((1,), (0,), 0.05), action_low=LOW, action_high=HIGH
    )
    return agent_class(task, {**SMALL, **settings}, "cpu")


def test_the_limits_of_its_settings() -> None:
    limits = {"batch_size": (1, inf), "hidden_sizes": (1, inf), "learning_rate": (0, 1)}
    check_limits(FixedRateConfig, limits)


def test_the_rate_is_the_same_at_every_step() -> None:
    agent, rates = made(learning_rate=0.02), []

    def progress(step: int, losses: Any) -> None:
        state = agent.training_state()["learner"]
        rates.append(state["optimiser"]["param_groups"][0]["lr"])

    agent.fit(walks(), steps=3, seed=0, progress=progress)
    assert rates == [0.02] * 3


def test_actions_keep_the_bounds_of_the_task() -> None:
    agent = made()
    scaled = agent._scaled(np.array([[-1.0], [1.0], [3.0]], np.float32))
    assert scaled.tolist() == [[-1], [0], [1]]
    assert agent._unscaled(torch.tensor([[-9.0], [0.5], [9.0]])).tolist() == [[-1], [2], [3]]


def test_what_is_observed_is_seen_as_it_is_unless_it_is_beyond_all_measure() -> None:
    seen = made()._observed(np.array([[-7.5, 3e38], [0, -3e38]], np.float32))
    assert seen.tolist() == [[-7.5, LARGEST_SEEN], [0, -LARGEST_SEEN]]


def test_slow_copies_are_no_weights_that_are_trained() -> None:
    agent = made(FQL)
    agent.fit(walks(), steps=1)
    networks = agent._networks
    slow = sum(weight.numel() for weight in networks.slow_critic.parameters())
    everything = sum(weight.numel() for weight in networks.parameters())
    assert agent.parameter_count == everything - slow > 0


@pytest.mark.parametrize("tau", [1.0, 0.0])
def test_slow_copies_follow_after_each_step(tau: float) -> None:
    agent = made(FQL, tau=tau)
    agent.fit(walks(), steps=2)
    pairs = zip(
        agent._networks.slow_critic.parameters(), agent._networks.critic.parameters(), strict=True
    )
    assert all(torch.equal(slow, fast) for slow, fast in pairs) == (tau == 1)
