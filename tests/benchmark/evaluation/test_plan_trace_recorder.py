"""Episodes of which a plan is kept, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.evaluation.action_timing import random_dataset
from benchmark.evaluation.plan_trace_recorder import record_plan_trace
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
        return np.arange(24.0).reshape(2, 2, 3, 2)  # Of two scales and two environments.

    def close(self) -> None:
        self.calls.append(("close",))


@pytest.mark.parametrize("how", ["ended", "cut"])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_an_episode_is_played_to_its_end_with_the_plan_of_one_step(
    how: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    both: Any = _Counting(how)
    monkeypatch.setattr(
        "benchmark.evaluation.plan_trace_recorder.make_environment", lambda task: both
    )
    trace = record_plan_trace(both, UMAZE, seed=3, after=after)
    # Each step gets the reward that the one before it brought.
    given = [(time, -time, 10 * time) for time in range(5)]
    calls: list[tuple[Any, ...]] = [("act", *seen) for seen in given]
    calls.insert(after, ("sketch", *given[after]))
    assert both.calls == [("environments", 1), ("seed", 3), *calls, ("close",)]
    assert trace.path.tolist() == [[time, -time] for time in range(after, 6)]
    assert trace.plan.tolist() == [[[0, 1], [2, 3], [4, 5]], [[12, 13], [14, 15], [16, 17]]]
    assert trace.steps.tolist() == [0, 4, 8]
    assert trace.scales == (1, 2)


def test_an_episode_that_ends_too_early_has_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    both: Any = _Counting("ended")
    monkeypatch.setattr(
        "benchmark.evaluation.plan_trace_recorder.make_environment", lambda task: both
    )
    with pytest.raises(UserError, match="the episode of seed 3 ended before step 5; plan earlier"):
        record_plan_trace(both, UMAZE, seed=3, after=5)


def test_the_plan_has_a_sketch_for_each_scale() -> None:
    info = task_info(UMAZE)
    agent = MAGEAgent(info, TINY, "cpu")
    agent.fit(random_dataset(info, 300), steps=2, seed=0, progress=lambda step, losses: None)
    trace = record_plan_trace(agent, UMAZE, seed=1)
    assert trace.plan.shape == (3, 8, 4)
    assert trace.path.shape == (301, 4)  # To the end of the episode.
    assert not np.allclose(trace.plan[0], trace.plan[2])


def test_plans_without_observations_cannot_be_drawn() -> None:
    agent: Any = SimpleNamespace(config=SimpleNamespace(sequence=("return", "action")))
    with pytest.raises(
        UserError, match="the plans of this agent hold return, action; a picture needs"
    ):
        record_plan_trace(agent, UMAZE, seed=0)
