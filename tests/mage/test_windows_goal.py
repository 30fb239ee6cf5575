"""A goal never moves: plans leave it out, and what is made of them knows it all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, HindsightGoals, TaskInfo
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.losses import condition_loss
from mage.model.planner import Planner
from mage.windows import Windows
from tests.mage.conftest import random_condition

GOAL = (1, 3)


@pytest.fixture
def goal_planner(config: MAGEConfig) -> Planner:
    torch.manual_seed(0)
    return Planner(config, 4, 2, GOAL)


def test_windows_hold_all_but_the_goal(config: MAGEConfig, tiny_dataset: Dataset) -> None:
    config = replace(config, relative=False)
    planner = Planner(config, 4, 2, GOAL)
    windows = Windows(tiny_dataset, config, 0.9, torch.device("cpu"))
    windows.normalise(planner)
    assert planner.planned == [0, 2] and planner.observed == slice(1, 3)
    first = windows.cut(torch.arange(5))[:, 0]
    assert torch.equal(first[:, 0], windows.returns_N1[:5, 0])
    assert torch.equal(first[:, 1:], windows.observations_NS[:5][:, [0, 2]])
    assert planner.autoencoder.step_size == 3


def test_differences_are_measured_of_what_plans_hold(
    goal_planner: Planner, tiny_dataset: Dataset
) -> None:
    windows = Windows(tiny_dataset, goal_planner.config, 0.9, torch.device("cpu"))
    windows.normalise(goal_planner)
    observed, _ = windows._measured_differences()
    assert torch.equal(observed[0, 0], windows.observations_NS[0, [0, 2]])
    assert goal_planner.difference_normaliser.mean.shape == (8, 2)


def test_a_plan_in_the_units_of_the_task_has_the_goal_it_was_made_for(
    goal_planner: Planner,
) -> None:
    first = torch.randn(3, 4)
    held = torch.randn(3, 8, 3)
    plan = goal_planner.from_window(held, first)
    assert plan.shape == (3, 8, 4)
    goals = goal_planner.observation_normaliser.inverse(first)[:, None, list(GOAL)]
    assert torch.equal(plan[..., list(GOAL)], goals.expand(3, 8, 2))
    expected = goal_planner.difference_normaliser.inverse(held[..., 1:], first[:, [0, 2]])
    assert torch.equal(plan[..., [0, 2]], expected)


def test_l_cond_asks_no_plan_for_the_goal(goal_planner: Planner) -> None:
    latent, condition = torch.randn(3, 4, 6), random_condition(3)
    moved = condition.observation_BS.clone()
    moved[:, list(GOAL)] += 5
    there = condition._replace(observation_BS=moved)
    loss = condition_loss(goal_planner, latent, condition)
    assert torch.equal(loss, condition_loss(goal_planner, latent, there))
    first = goal_planner.decode(latent, condition.return_B1)[:, 0]
    wanted = torch.cat([condition.return_B1, condition.observation_BS[:, [0, 2]]], 1)
    torch.testing.assert_close(loss, ((first - wanted) ** 2).mean())


def test_networks_that_plan_and_act_see_the_goal(goal_planner: Planner) -> None:
    condition = random_condition(3)
    moved = condition.observation_BS.clone()
    moved[:, list(GOAL)] += 1
    there = condition._replace(observation_BS=moved)
    latent = torch.randn(3, 4, 6)
    embedded = [goal_planner.embed(each) for each in (condition, there)]
    actions = [goal_planner.inverse_dynamics(latent, each) for each in (condition, there)]
    assert not torch.equal(*embedded) and not torch.equal(*actions)


def test_an_agent_leaves_out_the_goal_of_its_task(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    # A goal may be more than a position; `hindsight` has all of its columns.
    hindsight = HindsightGoals(GOAL, (0, 2), 1.0)
    task = replace(tiny_task, goal_columns=GOAL[:1], hindsight=hindsight)
    settings = {
        name: value for name, value in MAGEAgent.presets["smoke"].items() if name != "steps"
    }
    agent = MAGEAgent(task, settings, "cpu")
    agent.fit(tiny_dataset, steps=12, seed=0, progress=lambda step, losses: None)
    agent.reset(3)
    seen = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    sketches = agent.sketch(seen, np.zeros(3, np.float32))
    assert agent._planner.planned == [0, 2]
    goals = np.broadcast_to(seen[:, None, list(GOAL)], sketches[-1][..., list(GOAL)].shape)
    np.testing.assert_allclose(sketches[-1][..., list(GOAL)], goals, atol=1e-4)
