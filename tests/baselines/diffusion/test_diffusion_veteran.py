"""Diffusion Veteran: what it learns of data, and what it does with a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.diffusion.diffusion_veteran import DiffusionVeteran
from baselines.diffusion.veteran_diffusion import VeteranConfig
from baselines.shared.window_sampler import RangeNormaliser
from benchmark.interface import Dataset
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import dataset_of, no_progress, task_for, walks

TINY = {
    "horizon": 4,
    "stride": 2,
    "diffusion_steps": 50,
    "denoising_steps": 5,
    "batch_size": 16,
    "width": 16,
    "n_heads": 2,
    "depth": 1,
    "value_depth": 1,
    "candidates": 4,
    "hidden_size": 32,
    "ema_decay": 0.9,
}
OBSERVATIONS = np.array([[0.2, 0.9], [-0.3, 0.1]], np.float32)


def new_agent(dataset: Dataset | None = None, task: dict | None = None, **settings):
    given = task_for(walks() if dataset is None else dataset, **(task or {}))
    return DiffusionVeteran(given, {**TINY, **settings}, "cpu")


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert DiffusionVeteran.config_class is VeteranConfig
    # Steps of the paper: planner_diffusion_gradient_steps of configs/veteran in
    # Josh00-Lu/DiffusionVeteran.
    check_presets(DiffusionVeteran)


def test_it_is_told_no_goal():
    assert DiffusionVeteran.makes_plans and not hasattr(DiffusionVeteran, "inpaints_goal")


def test_values_lie_between_minus_1_and_1():
    values = new_agent()._values(np.array([-4, 0, 4, 12], np.float32))
    assert values.tolist() == [-1, -0.5, 0, 1]
    assert new_agent()._values(np.full(3, 5, np.float32)).tolist() == [-1, -1, -1]


def drawn(agent: DiffusionVeteran, dataset: Dataset) -> set[tuple[float, ...]]:
    """Value and states of the plans that are learned; observations are from 0 to 8."""
    agent._normaliser = RangeNormaliser.of(dataset, "cpu")
    windows, values = agent._windows(dataset).sample(np.random.default_rng(0), 200)
    states = ((windows[:, :, 1] + 1) * 4).round().int()[:, : agent.config.horizon]
    return {(round(v, 3), *row) for v, row in zip(values.tolist(), states.tolist(), strict=True)}


def line(rewards: list[float]) -> Dataset:
    rows = np.arange(9)
    return dataset_of(rows[:, None], rows[:, None] / 10, np.array(rewards), {8: "timeout"})


def test_the_inverse_dynamics_learns_from_states_a_stride_apart_on_all_of_the_way():
    dataset = line([0, 0, 0, 1, 0, 0, 0, 0, 0])
    agent = new_agent(dataset, horizon=3, stride=2, to_reward=True)
    agent._normaliser = RangeNormaliser.of(dataset, "cpu")
    windows, _ = agent._windows(dataset).sample(np.random.default_rng(0), 200)
    states = ((windows[:, agent.config.horizon :, 1] + 1) * 4).round().int()
    pairs = {tuple(pair) for pair in states.reshape(-1, 2).tolist()}
    # Also past the reward, where plans end.
    assert {(row, row + 2) for row in range(7)} <= pairs
    assert all(later - now == 2 for now, later in pairs if later < 8)


def test_plans_are_worth_the_discounted_return_from_their_first_step_on():
    agent = new_agent(line([0] * 9), horizon=3, discount=0.5)
    # Returns of 0.25, 0.5 and 1 before the reward, of 0 after it; 0 to 1 is mapped to -1 to 1.
    seen = drawn(agent, line([0, 0, 1, 0, 0, 0, 0, 0, 0]))
    assert {(-0.5, 0, 2, 4), (0, 1, 3, 5), (1, 2, 4, 6), (-1, 3, 5, 7), (-1, 7, 8, 8)} <= seen


def test_in_mazes_plans_end_at_the_reward_and_are_worth_the_steps_until_then():
    maze = {"horizon": 3, "to_reward": True, "discount": 1.0}
    dataset = line([0, 0, 0, 0, 1, 0, 0, 0, 0])
    assert drawn(new_agent(dataset, **maze), dataset) == {
        *((-1, 0, 2, 4), (-0.5, 1, 3, 4), (0, 2, 4, 4)),
        *((0.5, 3, 4, 4), (1, 4, 4, 4)),
    }
    short = drawn(new_agent(dataset, {"max_steps": 2}, **maze), dataset)
    assert short == {(-1, 3, 4, 4), (1, 4, 4, 4)}


class Draws:
    """In the place of the diffusion: states 0, 0.2, 0.4, 0.8, and the way as action."""

    def __init__(self) -> None:
        self.plans, self.heard = 0, []

    def sample(self, networks, first, noise):
        self.plans += 1
        steps = torch.tensor([0, 0.2, 0.4, 0.8])[:, None].expand(len(first), 4, 2)
        return steps + torch.arange(len(first))[:, None, None] / 10

    def actions(self, networks, now, later, noise):
        assert networks == "networks"
        self.heard.append((now.tolist(), later[:, 0].tolist()))
        return torch.stack([later[:, 0] - now[:, 0]], dim=1)


def drawing(**settings) -> DiffusionVeteran:
    agent = new_agent(**settings)
    agent._diffusion, agent._networks = Draws(), "networks"
    # The action is from 0 to 4, the observation from -2 to 2 and from -10 to 10.
    agent._normaliser = RangeNormaliser(torch.tensor([0.0, -2, -10]), torch.tensor([4.0, 2, 10]))
    agent._reset(1)
    return agent


def act(agent: DiffusionVeteran, observations) -> list[float]:
    observed = np.array(observations, np.float32)
    return agent.act(observed, np.zeros(len(observed), np.float32))[:, 0].tolist()


def test_a_new_plan_is_made_at_every_step_and_its_second_state_aimed_at():
    agent = drawing()
    # Actions of 0.2 - 0.5 and 0.2 + 1 where -1 to 1 stand for 0 to 4; the bounds are -1 and 1.
    assert act(agent, [[1, 5]]) == [1]
    low = replace(agent._task, action_high=np.array([9], np.float32))
    agent._task = low
    agent.reset(2)
    assert act(agent, [[1, 5], [-2, 10]]) == pytest.approx([1.4, 4.6])
    assert agent._diffusion.plans == 2
    assert agent._diffusion.heard[1] == ([[0.5, 0.5], [-1, 1]], pytest.approx([0.2, 0.3]))


def test_between_two_plans_it_aims_at_where_the_plan_is_a_stride_later():
    agent = drawing(replan_every=5)
    for _ in range(6):
        act(agent, [[0, 0]])
    aims = [later[0] for _, later in agent._diffusion.heard]
    # Steps 2, 3, 4, 5 and 6 of the plan, whose states are two steps apart; then a new one.
    assert aims == pytest.approx([0.2, 0.3, 0.4, 0.6, 0.8, 0.2])
    assert agent._diffusion.plans == 2


def test_another_plan_may_be_followed_instead():
    agent = drawing()
    agent.exchange_plans(lambda plans: np.roll(plans, 1, axis=0))
    act(agent, OBSERVATIONS)
    assert agent._diffusion.heard[0][1] == pytest.approx([0.3, 0.2])
    agent.exchange_plans(None)
    act(agent, OBSERVATIONS)
    assert agent._diffusion.heard[1][1] == pytest.approx([0.2, 0.3])
    plans = agent.random_plans(50, seed=0)
    assert plans.shape == (50, 4, 2) and plans.dtype == np.float32
    assert -1 <= plans.min() < -0.9 and 0.9 < plans.max() <= 1
    assert not np.array_equal(plans, agent.random_plans(50, seed=1))


def test_plans_start_at_the_observation():
    agent = new_agent()
    agent.fit(walks(), steps=2, seed=0, progress=no_progress)
    plans = agent._plan(OBSERVATIONS)
    assert plans.shape == (2, 4, 2)
    expected = agent._normalised(torch.as_tensor(OBSERVATIONS))
    torch.testing.assert_close(torch.as_tensor(plans[:, 0]), expected)


def test_the_value_picks_plans_like_those_that_were_rewarded():
    walked = walks()
    # A goal would give away the way there.
    dataset = replace(walked, observations=walked.observations * np.array([1, 0], np.float32))
    settings = {"learning_rate": 3e-3, "predict_noise": False, "pairs": 4, "candidates": 16}
    agent = new_agent(dataset, **settings)
    agent.fit(dataset, steps=150, seed=0, progress=no_progress)
    here = np.zeros((20, 2), np.float32)
    upwards = agent._plan(here)[:, -1, 0].mean()
    agent._diffusion._config = replace(agent.config, candidates=1)
    unpicked = agent._plan(here)[:, -1, 0].mean()
    assert upwards > 0.1 and upwards > unpicked + 0.1
    pairs = (torch.zeros(2, 2), torch.tensor([[0.3, 0], [-0.3, 0]]))
    drawn = [agent._diffusion.actions(agent._networks, *pairs, agent._noise) for _ in range(20)]
    up, down = torch.stack(drawn)[:, :, 0].mean(dim=0)
    assert up > down + 0.1, "the way there tells the action"
