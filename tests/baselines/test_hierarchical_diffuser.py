from __future__ import annotations

import numpy as np

from baselines.hierarchical_diffuser import HierarchicalDiffuser
from tests.baselines.made_up import no_progress, task_for, walks

TINY = {
    "horizon": 4,
    "channels": (32, 64),
    "diffusion_steps": 5,
    "batch_size": 16,
    "candidates": 1,
    "subgoal_every": 3,
    "replan_every": 3,
    "ema_every": 1,
    "ema_decay": 0.9,
}
OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def fitted(steps: int, settings: dict | None = None, **changes) -> HierarchicalDiffuser:
    dataset = walks()
    agent = HierarchicalDiffuser(task_for(dataset, **changes), {**TINY, **(settings or {})}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def test_plans_start_at_the_observation():
    plans = fitted(2)._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)


def test_guidance_leads_to_what_was_rewarded():
    agent = fitted(60, {"learning_rate": 3e-3, "candidates": 4, "guide_scale": 5.0})
    observations = np.zeros((10, 2), np.float32)
    agent.reset(10)
    assert agent.act(observations, np.zeros(10, np.float32)).mean() > 0.03


def test_plans_lead_towards_a_goal_that_the_settings_tell():
    agent = fitted(2, {"goal": (0.4,)}, position_columns=(0,))
    assert agent.inpaints_goal and "value" not in agent._networks["high"]
