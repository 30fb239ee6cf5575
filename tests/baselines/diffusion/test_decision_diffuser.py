from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.diffusion.conditional_diffusion import DecisionDiffuserConfig
from baselines.diffusion.decision_diffuser import DecisionDiffuser
from baselines.shared.window_sampler import RangeNormaliser
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, walks

TINY = {
    "horizon": 4,
    "channels": (32, 64),
    "diffusion_steps": 5,
    "denoising_steps": 5,
    "batch_size": 16,
    "hidden_size": 64,
    "replan_every": 2,
    "ema_every": 1,
    "ema_decay": 0.9,
}
OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert DecisionDiffuser.config_class is DecisionDiffuserConfig
    # Steps of the paper: n_train_steps of
    # code/config/locomotion_config.py in anuragajay/decision-diffuser.
    check_presets(DecisionDiffuser)


def test_returns_are_seen_on_a_scale_from_0_to_1():
    agent = DecisionDiffuser(task_for(walks()), TINY, "cpu")
    values = agent._values(np.array([-4, 0, 4, 12], np.float32))
    assert values.tolist() == [0, 0.25, 0.5, 1]
    # Where all are equal, it learns from what it will ask for.
    alike = DecisionDiffuser(task_for(walks()), {**TINY, "target_return": 0.75}, "cpu")
    assert alike._values(np.full(3, 5, np.float32)).tolist() == [0.75] * 3


class Draws:
    """In the place of the diffusion: states 0, 0.25, 0.5, 0.75; actions are what they differ by."""

    def sample(self, networks, first, noise):
        self.given, self.first = (networks, noise), first
        return torch.arange(4.0)[:, None].expand(len(first), 4, 2) / 4

    def actions(self, networks, states):
        assert networks == "networks"
        return (states[:, 1:] - states[:, :-1])[:, :, :1]


def test_an_action_leads_from_where_the_agent_is_to_the_next_state_of_its_plan():
    bounds = {"action_low": np.full(1, -9.0), "action_high": np.full(1, 9.0)}
    agent = DecisionDiffuser(task_for(walks(), **bounds), TINY, "cpu")
    agent._diffusion, agent._networks = Draws(), "networks"
    # The action is from 0 to 4, the observation from -2 to 2 and from -10 to 10.
    agent._normaliser = RangeNormaliser(torch.tensor([0.0, -2, -10]), torch.tensor([4.0, 2, 10]))
    plans = agent._plan(np.array([[1, 5], [-2, 10]], np.float32))
    assert agent._diffusion.given == ("networks", agent._noise)
    assert agent._diffusion.first.tolist() == [[0.5, 0.5], [-1, 1]]
    # The middle of the range stands for actions that are yet to be found.
    expected = [[2, 0, 0], [2, 0.5, 2.5], [2, 1, 5], [2, 1.5, 7.5]]
    np.testing.assert_allclose(plans, [expected] * 2, rtol=1e-6, atol=1e-6)
    agent.reset(2)
    here = [np.array(places, np.float32) for places in ([[0, 0], [-2, 0]], [[1, 0], [0.2, 0]])]
    done = [agent.act(seen, np.zeros(2, np.float32))[:, 0] for seen in here]
    # From 0 to 0.5 of 2 is 0.25, from -2 it is 1.25; a step later from 1 and 0.2 to 1.
    np.testing.assert_allclose(done, [[2.5, 4.5], [2.0, 2.8]], rtol=1e-6)


def test_a_plan_starts_at_the_observation_and_a_goal_that_is_shown_is_not_fixed_into_it():
    task = task_for(walks(), position_columns=(0,), goal_columns=(1,))
    agent = DecisionDiffuser(task, TINY, "cpu")
    agent.fit(walks(), steps=2, seed=0, progress=no_progress)
    plans = agent._plan(OBSERVATIONS)
    assert plans.shape == (2, 4, 3)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-6)
    assert not np.allclose(plans[:, -1, 1], OBSERVATIONS[:, 1], atol=1e-3)
    assert not getattr(DecisionDiffuser, "inpaints_goal", False)


def test_it_does_what_was_rewarded_when_asked_for_a_high_return():
    walked = walks()
    # A goal would give away the way there.
    dataset = replace(walked, observations=walked.observations * np.array([1, 0], np.float32))
    settings = {**TINY, "horizon": 8, "learning_rate": 3e-3, "diffusion_steps": 50}
    agent = DecisionDiffuser(task_for(dataset), settings, "cpu")
    agent.fit(dataset, steps=120, seed=0, progress=no_progress)
    lazy = DecisionDiffuser(task_for(dataset), {**settings, "target_return": 0.0}, "cpu")
    lazy._networks, lazy._normaliser = agent._networks, agent._normaliser
    here = np.zeros((20, 2), np.float32)
    upwards, downwards = (planner._plan(here)[:, -1, 1].mean() for planner in (agent, lazy))
    assert upwards > 0.2 and downwards < -0.2


def test_more_actions_than_a_plan_holds_cannot_be_executed():
    with pytest.raises(ValueError, match="replan_every=4 .* valid: 1 to 3"):
        DecisionDiffuser(task_for(walks()), {**TINY, "replan_every": 4}, "cpu")
