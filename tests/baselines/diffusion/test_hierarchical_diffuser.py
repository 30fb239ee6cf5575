from __future__ import annotations

import numpy as np
import torch

from baselines.diffusion.hierarchical_diffuser import HierarchicalDiffuser
from baselines.diffusion.hierarchical_diffusion import HierarchicalConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, walks

TINY = {
    "horizon": 4,
    "channels": (32, 64),
    "diffusion_steps": 4,
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


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert HierarchicalDiffuser.config_class is HierarchicalConfig
    # Steps of the paper: n_train_steps of
    # config/locomotion_ll.py of the authors; all else are defaults.
    check_presets(HierarchicalDiffuser)


def test_plans_go_from_the_observation_to_a_goal_that_the_settings_tell():
    # Three sub-goals after the first, three steps apart: the goal is the position of step 9.
    agent = fitted(2, {"goal": (0.4,), "replan_every": 9}, position_columns=(0,))
    plans = agent._plan(OBSERVATIONS)
    assert plans.shape == (2, 10, 3)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)
    np.testing.assert_allclose(plans[:, 9, 1], [0.4, 0.4], atol=1e-5)
    assert not np.isclose(plans[:, 1:9, 1], 0.4, atol=1e-4).any()
    assert agent.inpaints_goal and "value" not in agent._networks["high"]


def test_a_goal_that_is_shown_is_where_plans_end():
    agent = fitted(1, {"replan_every": 9}, position_columns=(0,), goal_columns=(1,))
    np.testing.assert_allclose(agent._plan(OBSERVATIONS)[:, 9, 1], [0.9, 0.1], atol=1e-5)


def test_training_moves_the_weights_of_both_levels():
    before, after = (fitted(steps, {"learning_rate": 1e-2})._networks for steps in (1, 3))
    for level in ("high", "low"):
        for name, weight in before[level].state_dict().items():
            assert not torch.equal(weight, after[level].state_dict()[name]), name


def test_plans_lead_to_what_was_rewarded():
    agent = fitted(30, {"learning_rate": 5e-3, "candidates": 4, "guide_scale": 5.0})
    observations = np.zeros((10, 2), np.float32)
    agent.reset(10)
    assert agent.act(observations, np.zeros(10, np.float32)).mean() > 0.03
