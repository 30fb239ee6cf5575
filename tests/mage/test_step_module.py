"""MAGE as a function: it is `act`, whatever is asked for and drawn, and shares nothing with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from benchmark.interface import TaskInfo
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 1.0, "persistence": 0.9},
        {"temperature": 0.5, "guidance": 2.0, "cache": False},
        {"guidance": 0.0, "return_asked": "target"},
        {"inverse_from": "action", "sequence": ("observation", "action"), "shares": (0.3, 0.2, 0)},
        {"scales": (4,), "guidance": 3.0},
    ],
)
def test_it_does_what_the_agent_does(settings: dict[str, Any], tiny_task: TaskInfo) -> None:
    agent = MAGEAgent(tiny_task, {**TINY, **settings}, "cpu")
    step = agent.step_function()
    for n_envs in (1, 3):
        agent.reset(n_envs)
        generator = torch.Generator().manual_seed(0)
        state = [torch.from_numpy(value) for value in step.initial_state(n_envs)]
        rewards = np.zeros(n_envs, np.float32)
        for _ in range(4):
            seen = torch.randn(n_envs, 4)
            inputs = [seen] + [torch.from_numpy(rewards)] * step.reads_reward
            if step.random_shape is not None:
                inputs.append(torch.rand((n_envs, *step.random_shape), generator=generator))
            with torch.no_grad():
                actions, *state = step.module(*inputs, *state)
            assert np.array_equal(actions.numpy(), agent.act(seen.numpy(), rewards))
            rewards = np.random.default_rng(0).random(n_envs).astype(np.float32)


def test_a_plan_that_is_kept_cannot_be_exported(tiny_task: TaskInfo) -> None:
    agent = MAGEAgent(tiny_task, {**TINY, "replan_every": 3}, "cpu")
    with pytest.raises(ValueError, match="with replan_every=3 .* train it with replan_every=1"):
        agent.step_function()


def test_later_training_does_not_change_it(tiny_task: TaskInfo) -> None:
    agent = MAGEAgent(tiny_task, TINY, "cpu")
    module, seen = agent.step_function().module, torch.randn(2, 4)
    with torch.no_grad():
        (before,) = module(seen)
        for weight in agent._planner.parameters():
            weight.zero_()
        assert torch.equal(module(seen)[0], before)
    assert not any(weight.requires_grad for weight in module.parameters())
