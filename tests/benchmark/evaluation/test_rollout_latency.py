"""The time of single actions: which calls are timed, and what is played meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.evaluation.rollout import EnvironmentPool, measure_latency
from tests.benchmark.evaluation.test_rollout import EPISODES, TASK, Noted, Scripted, always, pool_of


def test_latency_is_that_of_actions_that_can_be_played() -> None:
    pool, envs = pool_of({500_000: EPISODES[3]})
    measure_latency(always([[12.0]]), pool, samples=2, warm_up=0, longest=0)
    assert envs[0].actions == [9, 9]
    with pytest.raises(ValueError, match="far outside its bounds of -9 to 9"):
        measure_latency(always([[99.0]]), pool)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def slow(self, function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        """The function, taking so long."""

        def slowed(*args: Any, **options: Any) -> Any:
            self.now += seconds
            return function(*args, **options)

        return slowed


def _latency(monkeypatch: pytest.MonkeyPatch, seed: int, **options: float) -> tuple[Any, ...]:
    """Times, the agent and the environment, where the first call takes 1 ms, the second 2 ms."""
    clock, agent, env = Clock(), Noted(), Scripted({500_000: EPISODES[seed]})
    monkeypatch.setattr(
        "benchmark.evaluation.rollout.time", SimpleNamespace(perf_counter=clock.perf_counter)
    )
    act = agent.act

    def slower(observations: np.ndarray, rewards: np.ndarray) -> np.ndarray:
        clock.now += (len(agent.rewards) + 1) / 1000
        return act(observations, rewards) / 1e6

    noted: Any = agent
    noted.act, noted.reset = slower, clock.slow(agent.reset, 7)
    env.step, env.reset = clock.slow(env.step, 11), clock.slow(env.reset, 13)  # type: ignore[method-assign]
    with EnvironmentPool(TASK, lambda task: env) as pool:
        return measure_latency(noted, pool, **{"longest": 0, **options}), agent, env


@pytest.mark.parametrize("seed", [3, 2])
def test_latency_is_the_time_of_the_calls_after_the_first_few(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    times, agent, env = _latency(monkeypatch, seed, samples=4, warm_up=1)
    assert times == pytest.approx([2, 3, 4, 5])
    assert len(agent.rewards) == 5
    # One call that is not timed. Then the episode starts anew, and again when it has ended.
    starts = {3: [0, 0, 1, 2, 0], 2: [0, 0, 1, 0, 1]}[seed]
    before = {3: [0, 0, 4, 8, 0], 2: [0, 0, 1, 0, 1]}[seed]
    assert agent.observations == [[[500_000, step]] for step in starts]
    assert agent.rewards == [[reward] for reward in before]
    assert agent.resets == [1, 1, 1]
    assert env.seeds == [500_000] * 3
    assert env.actions == pytest.approx([0.05] * 5), "one action, not a batch of one"


def test_whole_episodes_are_timed_as_an_agent_may_plan_at_their_begin_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for samples, calls in ((2, 5), (6, 10)):
        times, _, _ = _latency(monkeypatch, 5, samples=samples, warm_up=0, longest=100)
        assert times == pytest.approx(range(1, calls + 1)), "in milliseconds"
    # 1 + 2 + 3 milliseconds are the first that are as many as 6.
    times, _, _ = _latency(monkeypatch, 5, samples=1, warm_up=0, longest=0.006)
    assert times == pytest.approx([1, 2, 3])


def test_latency_is_that_of_50_calls_after_10(monkeypatch: pytest.MonkeyPatch) -> None:
    times, _, _ = _latency(monkeypatch, 5)
    assert times == pytest.approx(list(range(11, 61)))
