"""MAGE's own behaviour as an agent; what all agents share is in tests/test_agents.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, TaskInfo
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY


def _fitted(task: TaskInfo, dataset: Dataset, **settings: object) -> MAGEAgent:
    agent = MAGEAgent(task, {**TINY, **settings}, "cpu")
    agent.fit(dataset, steps=30, seed=0, progress=lambda step, losses: None)
    return agent


def test_the_return_wanted_falls_by_each_reward(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = _fitted(replace(tiny_task, discount=1.0), tiny_dataset, return_asked="target")
    agent.reset(2)
    observations = np.zeros((2, 4), np.float32)
    agent.act(observations, np.zeros(2, np.float32))
    agent.act(observations, np.array([3.0, 0.0], np.float32))
    assert agent._wanted_n1.tolist() == [[5.0], [8.0]]
    agent.reset(1)
    assert agent._wanted_n1.tolist() == [[8.0]]


def test_a_state_is_asked_for_a_good_return(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = _fitted(tiny_task, tiny_dataset, advantage_asked=0.5)
    condition = agent._condition(tiny_dataset.observations[:3].copy(), np.zeros(3, np.float32))
    usual, spread = agent._planner.returns(condition.observation_BS)
    torch.testing.assert_close(condition.return_B1, usual + spread / 2)
    torch.testing.assert_close(condition.advantage_B1, torch.full((3, 1), 0.5))


def test_what_was_not_received_goes_on_being_asked_for(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = _fitted(tiny_task, tiny_dataset, persistence=0.5)
    agent._planner.returns.largest.fill_(torch.inf)
    normaliser, discount = agent._planner.return_normaliser, tiny_task.discount
    seen = tiny_dataset.observations[:2].copy()
    agent.reset(2)
    first = normaliser.inverse(agent._condition(seen, np.zeros(2, np.float32)).return_B1)
    rewards = np.array([-30.0, 1e6], np.float32)  # Far less than hoped for, and far more.
    second = normaliser.inverse(agent._condition(seen, rewards).return_B1)
    wanted = (first[0] + 30.0) / discount
    torch.testing.assert_close(second[0], 0.5 * first[0] + 0.5 * wanted)
    torch.testing.assert_close(second[1], first[1])
    agent.reset(2)
    again = normaliser.inverse(agent._condition(seen, rewards).return_B1)
    torch.testing.assert_close(again, first)


def test_no_more_is_asked_than_was_ever_recorded(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = _fitted(tiny_task, tiny_dataset, advantage_asked=1e6)
    recorded = torch.tensor(tiny_dataset.returns_to_go(tiny_task.discount))[:, None]
    largest = agent._planner.return_normaliser(recorded).max()
    condition = agent._condition(tiny_dataset.observations[:3].copy(), np.zeros(3, np.float32))
    torch.testing.assert_close(condition.return_B1, largest.expand(3, 1))


def test_other_data_is_refused(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = MAGEAgent(replace(tiny_task, observation_size=7), TINY, "cpu")
    with pytest.raises(ValueError, match="observations have size 4, those of tiny have 7"):
        agent.fit(tiny_dataset, steps=1, seed=0, progress=lambda step, losses: None)
