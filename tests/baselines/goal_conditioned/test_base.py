"""States and goals of observations, batches, losses, and tasks that show no goal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.goal_conditioned.base import cloning_loss, implicit_value_loss
from baselines.goal_conditioned.gcbc import GCBC
from baselines.goal_conditioned.gcivl import GCIVL
from baselines.goal_conditioned.hiql import HIQL
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UserError
from benchmark.interface import HindsightGoals
from benchmark.tasks import TASKS
from tests.baselines.goal_conditioned.corridor import SMALL, corridor_task
from tests.baselines.synthetic_tasks import dataset_of, task_for, walks

# Shown are two numbers of a state, a goal, another number, and the goal's other number.
COLUMNS = HindsightGoals((2, 4), (3, 0), radius=0.1)


def numbered(agent_class: type[Any], **settings: Any) -> Any:
    """A batch of a recording of ten rows; the observation of row k is k, 10 + k, ..., 40 + k."""
    rows = np.arange(10)
    observations = np.stack([10 * column + rows for column in range(5)], 1)
    data = dataset_of(observations, rows[:, None] / 10, np.zeros(10), {9: "timeout"})
    agent = agent_class(task_for(data, hindsight=COLUMNS), {**SMALL, **settings}, "cpu")
    return agent._batches(data)(np.random.default_rng(0))


def test_goals_are_the_columns_of_states_that_they_copy() -> None:
    batch = numbered(GCBC)
    row_B = batch.state_BS[:, 0]
    torch.testing.assert_close(batch.state_BS, torch.stack([row_B, row_B + 10, row_B + 30], 1))
    torch.testing.assert_close(batch.next_BS, batch.state_BS + 1)
    torch.testing.assert_close(batch.action_BA[:, 0], row_B / 10)
    goal_row_B = batch.actor_goal_BG[:, 1]
    torch.testing.assert_close(batch.actor_goal_BG, torch.stack([goal_row_B + 30, goal_row_B], 1))
    assert (goal_row_B > row_B).all() and goal_row_B.max() == 9


def test_a_goal_is_reached_where_it_is_the_state_itself() -> None:
    batch = numbered(GCIVL)
    is_there = batch.value_goal_BG[:, 1] == batch.state_BS[:, 0]
    assert torch.equal(batch.reached_B == 1, is_there)
    assert 0.1 < batch.reached_B.mean() < 0.4


def test_values_are_told_their_shares_of_goals_and_how_far_ahead_these_are() -> None:
    none = {"value_current_goals": 0.0, "value_random_goals": 0.0}
    batch = numbered(GCIVL, **none, discount=0.001)
    goal_B, row_B = batch.value_goal_BG[:, 1], batch.state_BS[:, 0]
    assert (goal_B == row_B + 1).float().mean() > 0.95, "what comes next is all that counts"
    batch = numbered(GCIVL, **{**none, "value_random_goals": 1.0})
    assert (batch.value_goal_BG[:, 1] < batch.state_BS[:, 0]).any()
    assert batch.reached_B.mean() < 0.3
    batch = numbered(GCIVL, **{**none, "value_current_goals": 1.0})
    assert batch.reached_B.mean() == 1


def test_waypoints_are_steps_ahead_and_not_beyond_the_goal() -> None:
    batch = numbered(HIQL, waypoint_steps=3)
    row_B, goal_B = batch.state_BS[:, 0], batch.actor_goal_BG[:, 1]
    torch.testing.assert_close(batch.waypoint_BG[:, 1], (row_B + 3).clamp(max=9))
    next_B = torch.minimum(row_B + 3, goal_B)
    torch.testing.assert_close(batch.next_waypoint_BG[:, 1], next_B)
    torch.testing.assert_close(batch.next_waypoint_BS[:, 0], next_B)
    anywhere = numbered(HIQL, waypoint_steps=3, random_goals=1.0)
    torch.testing.assert_close(anywhere.next_waypoint_BG, anywhere.waypoint_BG)
    assert (anywhere.actor_goal_BG[:, 1] < anywhere.state_BS[:, 0]).any()


def test_what_the_settings_leave_out_the_task_says() -> None:
    stitched = replace(COLUMNS, random_goals=0.5)
    task = task_for(numbered_columns(), hindsight=stitched, discount=0.995)
    agent = GCIVL(task, SMALL, "cpu")
    assert (agent._discount, agent._random_goals) == (0.995, 0.5)
    agent = GCIVL(task, {**SMALL, "discount": 0.9, "random_goals": 0.1}, "cpu")
    assert (agent._discount, agent._random_goals) == (0.9, 0.1)


def numbered_columns() -> Any:
    zeros = np.zeros((2, 5))
    return dataset_of(zeros, zeros[:, :1], zeros[:, 0], {1: "timeout"})


def test_one_step_costs_one_until_the_goal() -> None:
    batch = numbered(GCIVL)
    agent = GCIVL(corridor_task(), {**SMALL, "discount": 0.9}, "cpu")
    backed_up = agent._backed_up(batch, torch.full_like(batch.reached_B, -5.0))
    expected = torch.where(batch.reached_B == 1, 0.0, -1 + 0.9 * -5)
    torch.testing.assert_close(backed_up, expected)


def test_likely_actions_weigh_by_their_advantage() -> None:
    mean, action = torch.zeros(2, 2), torch.tensor([[1.0, 1.0], [2.0, 0.0]])
    assert cloning_loss(mean, action).item() == pytest.approx((1 + 2) / 2)
    weighed = cloning_loss(mean, action, torch.tensor([np.log(3.0), 50.0]))
    assert weighed.item() == pytest.approx((3 * 1 + 100 * 2) / 2), "no weight is above 100"


def test_values_are_learned_by_the_sign_that_slow_copies_see() -> None:
    value, backed_up = torch.zeros(2, 2), torch.tensor([[1.0, -1.0], [3.0, 1.0]])
    slow = torch.tensor([[0.5, 0.0], [0.5, 0.0]])
    # Advantages are 1 - 0.5 and -1 - 0: weights 0.9 and 0.1.
    loss = implicit_value_loss(value, backed_up, slow, 0.9)
    assert loss.item() == pytest.approx((0.9 * (1 + 9) + 0.1 * (1 + 1)) / 2)


@pytest.mark.parametrize("name", ["gcbc", "gcivl", "gciql", "hiql"])
def test_a_task_that_shows_no_goal_is_refused_before_work_starts(name: str) -> None:
    task = TASKS["maze2d-umaze"]
    settings = resolve_settings(AgentChoice(name), task, "quick")
    message = (
        f"^agent '{name}' cannot be made for made-up: it learns to reach goals, and made-up does "
        "not say where its observations show one; choose tasks that do, .* multi2d or ogbench-"
        "maze, or leave the agent out$"
    )
    with pytest.raises(UserError, match=message):
        make_agent(AgentChoice(name), task_for(walks()), settings, "cpu")
