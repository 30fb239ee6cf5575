"""Episodes of which a plan is kept, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.evaluation.action_timing import random_dataset
from benchmark.evaluation.plan_trace_recorder import record_plan_trace
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY

UMAZE = TASKS["maze2d-umaze"]
RECORDER = "benchmark.evaluation.plan_trace_recorder"


class _Counting:
    """An episode of five steps whose observation and reward tell the step; it keeps the calls."""

    action_space = gym.spaces.Box(-9, 9, (2,), np.float32)
    config = SimpleNamespace(sequence=("observation",), scales=(1, 2))
    plan_steps = (0, 4, 8)

    def __init__(self, how: str) -> None:
        self.how, self.time, self.calls = how, 0, []

    def reset(self, *given: int, seed: int | None = None) -> Any:
        self.calls.append(("seed", seed) if seed is not None else ("environments", *given))
        return np.array([0.0, 0.0], np.float32), {}

    def step(self, action: Any) -> Any:
        assert action.tolist() == [self.time, 7]
        self.time += 1
        over = self.time == 5
        seen = np.array([self.time, -self.time], np.float32)
        return seen, 10.0 * self.time, over and self.how == "ended", over and self.how == "cut", {}

    def act(self, observations: Any, rewards: Any) -> Any:
        self.calls.append(("act", *observations[0].tolist(), *rewards.tolist()))
        return np.array([[self.time, 7]], np.float32)

    def sketch(self, observations: Any, rewards: Any) -> Any:
        self.calls.append(("sketch", *observations[0].tolist(), *rewards.tolist()))
        # Of two scales and two environments.
        return 100 * self.time + np.arange(24.0).reshape(2, 2, 3, 2)

    def close(self) -> None:
        self.calls.append(("close",))


@pytest.mark.parametrize("how", ["ended", "cut"])
def test_an_episode_is_played_to_its_end_with_the_plan_of_every_step(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both: Any = _Counting(how)
    monkeypatch.setattr(f"{RECORDER}.make_environment", lambda task: both)
    trace = record_plan_trace(both, UMAZE, seed=3)
    # Each step gets the reward that the one before it brought, and plans before it acts.
    given = [(time, -time, 10 * time) for time in range(5)]
    calls = [(what, *seen) for seen in given for what in ("sketch", "act")]
    assert both.calls == [("environments", 1), ("seed", 3), *calls, ("close",)]
    assert trace.path.tolist() == [[time, -time] for time in range(6)]
    # Of the first of two environments.
    plan = np.array([[[0, 1], [2, 3], [4, 5]], [[12, 13], [14, 15], [16, 17]]])
    assert trace.plans.tolist() == [(plan + 100 * time).tolist() for time in range(5)]
    assert trace.rewards.tolist() == [10, 20, 30, 40, 50]
    assert trace.steps.tolist() == [0, 4, 8]
    assert trace.scales == (1, 2) and trace.kept_for == 1


def test_it_knows_how_long_a_plan_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    both: Any = _Counting("ended")
    both.config = SimpleNamespace(sequence=("observation",), scales=(1, 2), replan_every=4)
    monkeypatch.setattr(f"{RECORDER}.make_environment", lambda task: both)
    trace = record_plan_trace(both, UMAZE, seed=3)
    assert trace.kept_for == 4 and [*map(trace.made_at, (0, 3, 4, 9))] == [0, 0, 4, 8]


def test_the_way_ends_at_the_first_reward_and_a_plan_looks_so_far_ahead() -> None:
    path, plans = np.arange(12.0).reshape(6, 2), np.zeros((5, 1, 2, 2))
    trace = PlanTrace((1,), np.array([0, 2]), plans, path, np.array([0.0, -1.0, 0.0, 1.0, 1.0]))
    assert trace.under_way() == 3
    assert replace(trace, rewards=np.zeros(5)).under_way() == 5
    assert trace.ahead(1).tolist() == [[2, 3], [4, 5], [6, 7]]
    assert trace.ahead(4).tolist() == [[8, 9], [10, 11]], "to the end of the episode"


def test_the_plan_has_a_sketch_for_each_scale() -> None:
    info = task_info(UMAZE)
    agent = MAGEAgent(info, TINY, "cpu")
    agent.fit(random_dataset(info, 300), steps=2, seed=0, progress=lambda step, losses: None)
    trace = record_plan_trace(agent, UMAZE, seed=1)
    assert trace.plans.shape == (300, 3, 8, 4)
    assert trace.path.shape == (301, 4)  # To the end of the episode.
    assert not np.allclose(trace.plans[0, 0], trace.plans[0, 2])


def test_plans_without_observations_cannot_be_drawn() -> None:
    agent: Any = SimpleNamespace(config=SimpleNamespace(sequence=("return", "action")))
    with pytest.raises(
        UserError, match="the plans of this agent hold return, action; a picture needs"
    ):
        record_plan_trace(agent, UMAZE, seed=0)


def test_an_agent_without_a_plan_is_refused() -> None:
    agent: Any = SimpleNamespace(
        config=SimpleNamespace(sequence=("observation",), inverse_from="condition")
    )
    with pytest.raises(UserError, match="this agent makes no plans"):
        record_plan_trace(agent, UMAZE, 0)
