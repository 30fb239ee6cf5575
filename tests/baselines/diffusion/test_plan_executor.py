"""What is done with a plan that holds actions or positions."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.interface import PlanFollower
from tests.baselines.synthetic_planner import BOUNDS, Agent, act, executing, fitted, new_agent


def test_a_plan_is_executed_step_by_step_until_the_next():
    agent = executing([[[0.1, 9, 9], [0.2, 9, 9], [0.3, 9, 9], [0.4, 9, 9]]], {"replan_every": 3})
    assert [act(agent, [[0, 0]])[0][0] for _ in range(5)] == pytest.approx(
        [0.1, 0.2, 0.3, 0.1, 0.2]
    )
    assert agent.planned == [1, 1]
    agent.reset(1)
    assert act(agent, [[0, 0]])[0] == [pytest.approx(0.1)] and agent.planned == [1, 1, 1]


# Positions are the third and the first of three columns; the plan goes 0, 0.4, 0.8 and 0, -1, -4.
PATH = [[[9, 9, 0, 5, 0], [9, 9, -1, 5, 0.4], [9, 9, -4, 5, 0.8]]]
WIDE = {"action_low": np.full(2, -20, np.float32), "action_high": np.array([20, 0.3], np.float32)}


def following(stride: int, replan_every: int) -> Agent:
    settings = {"position_gain": 2.0, "stride": stride, "replan_every": replan_every}
    return executing(PATH, settings, **WIDE, observation_size=3, position_columns=(2, 0))


def test_a_controller_leads_to_where_the_plan_is_next_and_stays_at_its_end():
    agent = following(stride=1, replan_every=9)
    done = [act(agent, [[-2, 5, 0.1]])[0] for _ in range(4)]
    # Twice the way from (0.1, -2) to (0.4, -1) and (0.8, -4); the second column is clipped to 0.3.
    np.testing.assert_allclose(done, [[0.6, 0.3], [1.4, -4], [1.4, -4], [1.4, -4]], rtol=1e-5)


def test_between_the_steps_of_a_plan_the_controller_goes_straight():
    agent = following(stride=4, replan_every=6)
    done = [act(agent, [[0, 5, 0]])[0][1] for _ in range(7)]
    # Quarters of the way from 0 to -1, then of that from -1 to -4, and a new plan after 6 steps.
    assert done == pytest.approx([-0.5, -1, -1.5, -2, -3.5, -5, -0.5])


@pytest.mark.parametrize("columns", [(), (0,), (0, 1, 2)])
def test_positions_cannot_be_followed_where_actions_do_not_push_them(columns):
    with pytest.raises(ValueError, match=r"position_gain=2 on made-up.* valid: 0"):
        new_agent(
            settings={"position_gain": 2.0}, **BOUNDS, observation_size=3, position_columns=columns
        )


def test_a_plan_may_be_exchanged_whenever_one_is_made():
    plans = [[[0.1, 9, 9]] * 4, [[0.2, 9, 9]] * 4]
    agent = executing(plans, {"replan_every": 2})
    agent.exchange_plans(lambda plans: plans[::-1])
    both = np.zeros((2, 2))
    assert [row[0] for row in act(agent, both)] == pytest.approx([0.2, 0.1])
    agent.exchange_plans(None)
    assert [row[0] for row in act(agent, both)] == pytest.approx([0.2, 0.1]), "until the next plan"
    assert [row[0] for row in act(agent, both)] == pytest.approx([0.1, 0.2])
    assert isinstance(agent, PlanFollower)


def test_random_plans_are_of_recorded_sizes():
    agent = fitted(steps=1)
    act(agent, [[0, 0]])
    plans = agent.random_plans(500, seed=3)
    assert plans.shape == (500, 4, 3)
    low, high = agent._normaliser.low.numpy(), agent._normaliser.high.numpy()
    assert (plans >= low).all() and (plans <= high).all()
    np.testing.assert_allclose(plans.mean((0, 1)), (low + high) / 2, atol=0.05 * (high - low).max())
    np.testing.assert_array_equal(agent.random_plans(500, seed=3), plans)
    assert not np.array_equal(agent.random_plans(500, seed=4), plans)
