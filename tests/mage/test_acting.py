"""Plans of MAGE while it acts: drawn, kept and shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.interface import TaskInfo
from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.sampling import PlanSampler
from tests.mage.conftest import random_condition, untrained_agent

NOTHING = np.zeros(3, np.float32)


def test_a_plan_is_kept_for_as_long_as_it_is_asked_to_be(
    task: TaskInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = untrained_agent(task, replan_every=3)
    planned, read, states = [], [], []
    monkeypatch.setattr(
        PlanSampler, "generate", lambda self, *_: planned.append(len(planned)) or planned[-1]
    )

    def inverse_dynamics(plan: int, condition: Any) -> torch.Tensor:
        read.append(plan)
        states.append(condition.observation_BS[0, 0].item())
        return torch.zeros(3, 2)

    monkeypatch.setattr(agent._planner, "inverse_dynamics", inverse_dynamics)
    for _ in range(2):
        agent.reset(3)
        for step in range(4):
            agent.act(np.full((3, 4), 10 + 4 * step, np.float32), NOTHING)
    assert read == [0, 0, 0, 1, 2, 2, 2, 3], "a new episode has a plan of its own"
    assert states == [0, 1, 2, 3] * 2, "a kept plan is read from where the agent is"


def test_drawn_plans_differ_within_an_episode_and_repeat_with_the_next(task: TaskInfo) -> None:
    agent, seen = untrained_agent(task, temperature=3.0), np.zeros((3, 4), np.float32)
    agent.reset(3)
    first, second = agent.act(seen, NOTHING), agent.act(seen, NOTHING)
    assert not np.array_equal(first, second) and not np.array_equal(first[0], first[1])
    agent.reset(3)
    assert agent._generator.initial_seed() == 0
    np.testing.assert_array_equal(agent.act(seen, NOTHING), first)


@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_a_sketch_is_the_plan_that_is_then_followed(task: TaskInfo, guidance: float) -> None:
    agent = untrained_agent(task, temperature=3.0, persistence=0.9, guidance=guidance)
    planner, seen = agent._planner, np.ones((2, 4), np.float32)
    torch.nn.init.normal_(planner._adapter.weight)  # So that the return asked for, 3, is told.
    agent.reset(2)
    latents: list[torch.Tensor] = []
    real = planner.inverse_dynamics
    sketches = agent.sketch(seen, NOTHING[:2])
    assert agent._request.return_to_go_n1.tolist() == [[-np.inf]] * 2
    assert sketches.shape == (3, 2, 8, 4)
    planner.inverse_dynamics = lambda latent, given: latents.append(latent) or real(latent, given)
    agent.act(seen, NOTHING[:2])
    # In the units of the task: 4 times what is normalised, and 10; from s_0 = (1 - 10) / 4 on.
    with torch.inference_mode():
        plan = planner.decode(latents[0], torch.full((2, 1), 3.0))
        expected = 4 * plan[..., 1:] + 10
        expected[:, 1:] -= 4 * 2.25
        expected[:, 0] = 1  # The present observation is known, whatever is decoded.
    np.testing.assert_allclose(sketches[2], expected, atol=1e-5)
    assert not np.allclose(sketches[0], sketches[2])


def test_a_sketch_of_a_plan_that_is_kept_is_that_of_when_it_was_made(task: TaskInfo) -> None:
    agent, sketches = untrained_agent(task, temperature=3.0, replan_every=2), []
    agent.reset(2)
    for step in range(4):
        seen = np.full((2, 4), step, np.float32)
        sketches.append(agent.sketch(seen, NOTHING[:2]))
        agent.act(seen, NOTHING[:2])
    assert np.array_equal(sketches[0], sketches[1]) and np.array_equal(sketches[2], sketches[3])
    assert not np.allclose(sketches[1], sketches[2])
    agent.reset(2)
    assert not np.array_equal(agent.sketch(seen, NOTHING[:2]), sketches[3])


def test_no_plan_is_made_where_no_action_is_read_from_one(
    config: MAGEConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"inverse_from": "condition", "shares": (0.3, 0.0, 0.7), "temperature": 1.0}
    plans = PlanSampler(Planner(replace(config, **settings), 4, 2))
    monkeypatch.setattr(PlanSampler, "_scales", None)
    assert plans.noise_shape is None
    for plan_of in (plans.generate, plans.plan):
        latent = plan_of(random_condition(3), None)
        assert torch.equal(latent, torch.zeros(3, 4, 6))
