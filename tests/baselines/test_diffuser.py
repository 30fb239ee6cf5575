from __future__ import annotations

import numpy as np
import pytest

from baselines.diffuser import Diffuser
from benchmark.interface import Dataset
from tests.baselines.made_up import no_progress, task_for, walks

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


def fitted(steps: int, settings: dict | None = None, **changes) -> Diffuser:
    dataset = walks()
    agent = Diffuser(task_for(dataset, **changes), {**TINY, **(settings or {})}, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def test_plans_start_at_the_observation():
    agent = fitted(2)
    np.testing.assert_allclose(agent._plan(OBSERVATIONS)[:, 0, 1:], OBSERVATIONS, atol=1e-5)


def test_plans_end_at_a_goal_that_is_shown():
    agent = fitted(2, position_columns=(0,), goal_columns=(1,))
    plans = agent._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, 0, 1:], OBSERVATIONS, atol=1e-5)
    np.testing.assert_allclose(plans[:, -1, 1], OBSERVATIONS[:, 1], atol=1e-5)
    assert "value" not in agent._networks


def test_plans_end_at_a_goal_that_the_settings_tell():
    agent = fitted(2, {"goal": (0.4,)}, position_columns=(0,))
    plans = agent._plan(OBSERVATIONS)
    np.testing.assert_allclose(plans[:, -1, 1], [0.4, 0.4], atol=1e-5)
    assert agent.inpaints_goal and "value" not in agent._networks


@pytest.mark.parametrize(
    "columns",
    [{}, {"position_columns": (0, 1)}, {"position_columns": (0,), "goal_columns": (1,)}],
)
def test_a_goal_must_be_a_position_that_is_not_shown(columns):
    with pytest.raises(ValueError, match=r"goal=\(0.4,\) on .*; valid: \(\), or a position"):
        Diffuser(task_for(walks(), **columns), {**TINY, "goal": (0.4,)}, "cpu")


def test_a_value_model_is_trained_where_no_goal_is_known():
    agent = fitted(2, position_columns=(0,))
    assert "value" in agent._networks and not agent.inpaints_goal


def test_guidance_leads_to_what_was_rewarded():
    agent = fitted(80, {"learning_rate": 3e-3, "candidates": 4, "guide_scale": 5.0})
    observations = np.zeros((10, 2), np.float32)
    agent.reset(10)
    assert agent.act(observations, np.zeros(10, np.float32)).mean() > 0.03


def test_a_plan_is_executed_for_as_long_as_it_says():
    agent = fitted(2, {"replan_every": 3})
    agent.reset(2)
    made = []
    plan = agent._plan
    agent._plan = lambda observations: made.append(plan(observations)) or made[-1]
    rewards = np.zeros(2, np.float32)
    actions = [agent.act(OBSERVATIONS, rewards) for _ in range(7)]
    assert len(made) == 3
    np.testing.assert_allclose(actions[4], made[1][:, 1, :1].clip(-1, 1))


PLAN = np.arange(8, dtype=np.float32)[None, :, None] * [0.0, 0.5, 0.0]  # (1, 8, action and O).


def following(**settings) -> Diffuser:
    """Acts on the plan to go from 0 to 3.5, a half at each step."""
    agent = fitted(2, {"position_gain": 0.5, **settings}, position_columns=(0,))
    agent._plan = lambda observations: PLAN
    agent.reset(1)
    return agent


def actions_at(agent: Diffuser, place: float, steps: int) -> list[float]:
    observations = np.array([[place, 0.0]], np.float32)
    return [agent.act(observations, np.zeros(1, np.float32)).item() for _ in range(steps)]


def test_a_controller_leads_to_where_the_plan_is_next_and_stays_at_its_end():
    agent = following(replan_every=100)
    assert actions_at(agent, 2.5, 9) == pytest.approx(
        [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.5, 0.5]
    )


def test_between_the_steps_of_a_plan_the_controller_goes_straight():
    agent = following(replan_every=100, stride=2)
    assert actions_at(agent, 1.0, 5) == pytest.approx([-0.375, -0.25, -0.125, 0.0, 0.125])


def test_a_plan_is_followed_until_the_next():
    agent = following(replan_every=2)
    assert actions_at(agent, 1.0, 4) == pytest.approx([-0.25, 0.0, -0.25, 0.0])


def test_a_plan_that_leaves_out_actions_cannot_be_executed():
    with pytest.raises(ValueError, match=r"stride=2 .* valid: a stride of 1, or a position_gain"):
        fitted(1, {"stride": 2})


def test_positions_cannot_be_followed_where_there_are_none():
    with pytest.raises(ValueError, match=r"position_gain=3 on made-up.* valid: 0"):
        fitted(1, {"position_gain": 3})


def test_returns_are_discounted_as_the_settings_say(monkeypatch):
    asked = []
    whole = Dataset.returns_to_go
    monkeypatch.setattr(
        Dataset, "returns_to_go", lambda self, gamma: asked.append(gamma) or whole(self, gamma)
    )
    fitted(1, discount=0.5)
    fitted(1, {"discount": 0.25}, discount=0.5)
    assert asked == [0.5, 0.25]
