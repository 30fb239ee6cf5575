from __future__ import annotations

from dataclasses import replace

import numpy as np

from baselines.decision_diffuser import DecisionDiffuser
from tests.baselines.made_up import no_progress, task_for, walks

TINY = {
    "horizon": 8,
    "channels": (32, 64),
    "diffusion_steps": 5,
    "denoising_steps": 5,
    "batch_size": 16,
    "hidden_size": 64,
    "replan_every": 4,
    "ema_every": 1,
    "ema_decay": 0.9,
}
OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def fitted(steps: int, settings: dict | None = None, **changes) -> DecisionDiffuser:
    dataset = walks()
    agent = DecisionDiffuser(task_for(dataset, **changes), {**TINY, **(settings or {})}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def test_a_plan_starts_at_the_observation_and_has_an_action_for_all_states_but_the_last():
    plans = fitted(2)._plan(OBSERVATIONS)
    assert plans.shape == (2, 7, 3)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-6)


def test_a_goal_that_is_shown_is_not_fixed_into_plans():
    agent = fitted(2, position_columns=(0,), goal_columns=(1,))
    assert not np.allclose(agent._plan(OBSERVATIONS)[:, -1, 1], OBSERVATIONS[:, 1], atol=1e-3)
    assert not getattr(DecisionDiffuser, "inpaints_goal", False)


def test_returns_are_told_on_a_scale_from_0_to_1():
    agent = DecisionDiffuser(task_for(walks()), TINY, "cpu")
    told = agent._values(np.array([-4, 0, 4, 12], np.float32))
    assert told.tolist() == [0, 0.25, 0.5, 1]
    assert agent._values(np.full(3, 5, np.float32)).tolist() == [0, 0, 0]


def test_it_does_what_was_rewarded_when_asked_for_a_high_return():
    walked = walks()
    # A goal would give away the way there.
    dataset = replace(walked, observations=walked.observations * np.array([1, 0], np.float32))
    settings = {**TINY, "learning_rate": 3e-3, "diffusion_steps": 50}
    agent = DecisionDiffuser(task_for(dataset), settings, "cpu")
    agent.fit(dataset, steps=200, seed=0, progress=no_progress)
    lazy = DecisionDiffuser(task_for(dataset), {**settings, "target_return": 0.0}, "cpu")
    lazy._networks, lazy._limits = agent._networks, agent._limits
    here = np.zeros((20, 2), np.float32)
    upwards, downwards = (each._plan(here)[:, -1, 1].mean() for each in (agent, lazy))
    assert upwards > 0.3 and downwards < -0.3
