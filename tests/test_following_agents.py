"""Built-in agents that can be asked, or given another plan, and how they keep the protocols."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import agent_class, find_agent
from benchmark.agents.settings import resolve_settings
from benchmark.evaluation.asked_returns import can_be_asked
from benchmark.interface import Dataset, PlanFollower, TaskInfo
from benchmark.running.synthetic_task import no_progress, play
from benchmark.tasks import TASKS
from tests.goal_tasks import suited_to

STEPS = 6
ELSEWHERE = replace(TASKS["maze2d-umaze"], name="elsewhere", benchmark="none")
ASKED = {"mage", "dt", "rvs"}
PLANNING = {"mage", "diffuser", "dd", "hd", "dv"}


def made(name: str, task: TaskInfo) -> Any:
    settings = resolve_settings(find_agent(name), ELSEWHERE, "smoke").values
    return agent_class(name)(task, settings, "cpu")


def trained(name: str, task: TaskInfo, dataset: Dataset) -> Any:
    agent = made(name, task)
    agent.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
    return agent


def test_who_can_be_asked_and_who_plans(tiny_task: TaskInfo) -> None:
    agents = {name: made(name, suited_to(name, tiny_task)) for name in BUILTIN}
    assert {name for name, agent in agents.items() if can_be_asked(agent)} == ASKED
    assert {name for name, agent in agents.items() if isinstance(agent, PlanFollower)} == PLANNING


@pytest.mark.parametrize("name", [*sorted(ASKED), "dt.state"])
def test_it_says_what_it_is_asked_at_every_level(
    name: str, tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = trained(name, tiny_task, tiny_dataset)
    own, requested = play(agent, tiny_task), []
    levels = list(agent.asking_levels)
    assert levels == sorted(set(levels)) and len(levels) > 1
    assert agent.asking_unit and 0 <= agent.requested_discount <= 1
    for level in levels:
        agent.ask_for(level)
        agent.reset(3)
        agent.act(np.zeros((3, tiny_task.observation_size), np.float32), np.zeros(3, np.float32))
        requested.append(agent.requested_returns())
        assert requested[-1].shape == (3,)
    assert np.isfinite(requested).all()
    assert (np.diff(requested, axis=0) >= 0).all() and (requested[-1] > requested[0]).all()
    agent.ask_for(None)
    np.testing.assert_array_equal(play(agent, tiny_task), own)


@pytest.mark.parametrize("name", sorted(PLANNING))
def test_it_follows_the_plan_that_it_is_given(
    name: str, tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = trained(name, tiny_task, tiny_dataset)
    own = play(agent, tiny_task)
    agent.exchange_plans(lambda plans: plans)
    np.testing.assert_array_equal(play(agent, tiny_task), own)
    agent.exchange_plans(lambda plans: agent.random_plans(len(plans), seed=0))
    assert not np.array_equal(play(agent, tiny_task), own)
    agent.exchange_plans(None)
    np.testing.assert_array_equal(play(agent, tiny_task), own)
