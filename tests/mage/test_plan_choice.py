"""Of several plans the one is followed whose states promise the most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, TaskInfo
from mage.agent import MAGEAgent
from mage.model.planner import Condition, Planner
from mage.plan_choice import best_plans, repeated
from mage.sampling import PlanSampler
from tests.mage.conftest import TINY

DRAWN = {"temperature": 1.0, "return_asked": "state"}


def _condition(count: int) -> Condition:
    column = torch.linspace(-1, 1, count)[:, None]
    return Condition.asking(column.repeat(1, 4), column, column)


def test_the_plans_of_an_environment_stand_in_a_row() -> None:
    three = repeated(_condition(2), 3)
    assert three.return_B1[:, 0].tolist() == [-1, -1, -1, 1, 1, 1]
    assert three.observation_BS.shape == (6, 4) and three.known_B1.all()


def test_the_best_is_the_one_whose_states_are_valued_most_in_the_mean(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two environments, three plans each, of eight steps; a state is worth its first number.
    states = torch.zeros(6, 8, 4)
    states[:, 0, 0] = torch.tensor([9.0, 0, 0, 0, 0, 9])  # Where they start: it counts nothing.
    states[1, 1:, 0], states[2, 7, 0] = 1.0, 6.0  # A mean of 1, and of 6 / 7.
    states[3, 4, 0] = 0.5
    monkeypatch.setattr(planner, "decode", lambda latents, returns: latents)
    monkeypatch.setattr(planner, "planned_observations", lambda windows, first: states)
    monkeypatch.setattr(planner.returns, "high_return", lambda seen: seen[:, :1])
    best = best_plans(planner, torch.zeros(6, 2, 3), repeated(_condition(2), 3), 3)
    assert best.tolist() == [1, 3]


def test_a_plan_that_is_followed_is_the_best_of_those_that_are_drawn(planner: Planner) -> None:
    planner.config = replace(planner.config, **DRAWN)
    every = PlanSampler(planner).generate(
        repeated(_condition(2), 5), torch.Generator().manual_seed(3)
    )
    best = best_plans(planner, every, repeated(_condition(2), 5), 5)
    planner.config = replace(planner.config, candidates=5)
    sampler = PlanSampler(planner)
    followed = sampler.generate(_condition(2), torch.Generator().manual_seed(3))
    torch.testing.assert_close(followed, every[best])
    *_, drawn = sampler.sketches(_condition(2), torch.Generator().manual_seed(3))
    torch.testing.assert_close(drawn, followed)


def test_it_acts_by_its_choice_and_cannot_be_exported(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = MAGEAgent(tiny_task, {**TINY, **DRAWN, "candidates": 3}, "cpu")
    agent.fit(tiny_dataset, steps=8, seed=0, progress=lambda *_: None)
    alone = MAGEAgent(tiny_task, {**TINY, **DRAWN}, "cpu")
    alone.fit(tiny_dataset, steps=8, seed=0, progress=lambda *_: None)
    pairs = zip(agent._planner.parameters(), alone._planner.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs), "it learns the same"
    agent.reset(2)
    observations, rewards = np.array(tiny_dataset.observations[:2]), np.zeros(2, np.float32)
    sketched = agent.sketch(observations, rewards)
    assert sketched.shape[:2] == (len(agent.config.scales), 2)
    assert agent.act(observations, rewards).shape == (2, 2)
    with pytest.raises(ValueError, match="with candidates=3 it chooses a plan, as the file does"):
        agent.step_function()


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0.0},
        {"sequence": ("return",)},
        {"inverse_from": "condition", "shares": (0.2, 0.0, 0.8)},
    ],
)
def test_there_has_to_be_something_to_choose(
    tiny_task: TaskInfo, changes: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="setting candidates = 3 is not valid; expected 1 unless"):
        MAGEAgent(tiny_task, {**TINY, **DRAWN, "candidates": 3, **changes}, "cpu")
