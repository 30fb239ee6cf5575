from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.diffusion.diffuser import Diffuser
from baselines.diffusion.plan_diffusion import DiffuserConfig
from baselines.shared.window_sampler import RangeNormaliser
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, walks

TINY = {
    "horizon": 8,
    "channels": (32, 64),
    "diffusion_steps": 5,
    "batch_size": 16,
    "candidates": 1,
    "replan_every": 4,
    "ema_every": 1,
    "ema_decay": 0.9,
}
OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def new_agent(settings: dict | None = None, **task) -> Diffuser:
    return Diffuser(task_for(walks(), **task), {**TINY, **(settings or {})}, "cpu")


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert Diffuser.config_class is DiffuserConfig
    # Steps of the paper: n_train_steps of
    # config/locomotion.py in jannerm/diffuser; all else are defaults.
    check_presets(Diffuser)


class Draws:
    """In the place of the diffusion: plans of which all is 0.5, as networks see it."""

    def sample(self, networks, ends, noise):
        self.given, self.ends = (networks, noise), ends
        return torch.full((len(ends.first), 8, 4), 0.5)


# Of one action and three columns of the observation: from 0 to 4, -2 to 2, -10 to 10 and 0 to 1.
LIMITS = RangeNormaliser(torch.tensor([0.0, -2, -10, 0]), torch.tensor([4.0, 2, 10, 1]))


def drawing(settings: dict | None = None, **task) -> Diffuser:
    agent = new_agent(settings, observation_size=3, **task)
    agent._diffusion, agent._normaliser, agent._networks = Draws(), LIMITS, "networks"
    return agent


SEEN = np.array([[1, 5, 0.25], [-2, -10, 1]], np.float32)
NORMALISED = [[0.5, 0.5, -0.5], [-1, -1, 1]]


def test_plans_are_drawn_with_its_networks_and_come_back_in_the_units_of_the_dataset():
    agent = drawing()
    plans = agent._plan(SEEN)
    assert agent._diffusion.given == ("networks", agent._noise)
    assert agent._diffusion.ends.first.tolist() == agent._diffusion.ends.last.tolist() == NORMALISED
    assert plans.shape == (2, 8, 4) and plans[1, 7].tolist() == [3, 1, 5, 0.75]


def test_the_goal_that_is_shown_is_the_last_position():
    # The position is the second column, the goal the first.
    agent = drawing(position_columns=(1,), goal_columns=(0,))
    agent._plan(SEEN)
    assert agent.inpaints_goal
    assert agent._diffusion.ends.first.tolist() == NORMALISED
    # 1 and -2 as positions, which are from -10 to 10.
    np.testing.assert_allclose(
        agent._diffusion.ends.last, [[0.5, 0.1, -0.5], [-1, -0.2, 1]], rtol=1e-6
    )


def test_the_goal_that_the_settings_tell_is_the_last_position():
    agent = drawing(
        {"goal": (0.75, 4.0)},
        position_columns=(2, 1),
        action_low=np.zeros(1, np.float32),
    )
    agent._plan(SEEN)
    assert agent.inpaints_goal
    np.testing.assert_allclose(
        agent._diffusion.ends.last, [[0.5, 0.4, 0.5], [-1, 0.4, 0.5]], rtol=1e-6
    )


def fitted(steps: int, settings: dict | None = None, **task) -> Diffuser:
    agent = new_agent(settings, **task)
    agent.fit(walks(), steps=steps, seed=0, progress=no_progress)
    return agent


def test_plans_go_from_the_observation_to_a_goal_that_is_shown():
    agent = fitted(2, position_columns=(0,), goal_columns=(1,))
    plans = agent._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)
    np.testing.assert_allclose(plans[:, -1, 1], OBSERVATIONS[:, 1], atol=1e-5)
    assert "value" not in agent._networks


def test_plans_end_at_a_goal_that_the_settings_tell():
    agent = fitted(2, {"goal": (0.4,)}, position_columns=(0,))
    plans = agent._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)
    np.testing.assert_allclose(plans[:, -1, 1], [0.4, 0.4], atol=1e-5)
    assert agent.inpaints_goal and "value" not in agent._networks


def test_plans_need_not_end_at_a_goal_that_is_shown():
    agent = fitted(2, {"to_goal": False}, position_columns=(0,), goal_columns=(1,))
    plans = agent._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)
    assert not np.isclose(plans[:, -1, 1], OBSERVATIONS[:, 1], atol=1e-4).any()
    assert "value" in agent._networks and not agent.inpaints_goal


@pytest.mark.parametrize(
    "columns",
    [{}, {"position_columns": (0, 1)}, {"position_columns": (0,), "goal_columns": (1,)}],
)
def test_a_goal_must_be_a_position_that_is_not_shown(columns):
    with pytest.raises(ValueError, match=r"goal=\(0.4,\) on .*; valid: \(\), or a position"):
        new_agent({"goal": (0.4,)}, **columns)


def test_plans_lead_to_what_was_rewarded():
    settings = {"learning_rate": 5e-3, "diffusion_steps": 4, "candidates": 4, "guide_scale": 5.0}
    agent = fitted(30, settings, position_columns=(0,))
    assert "value" in agent._networks and not agent.inpaints_goal
    observations = np.zeros((10, 2), np.float32)
    agent.reset(10)
    assert agent.act(observations, np.zeros(10, np.float32)).mean() > 0.03
