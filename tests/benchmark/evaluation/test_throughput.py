"""Gradient steps a second: what is measured, and what is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.evaluation import action_timing, throughput
from benchmark.evaluation.action_timing import TIMED_TASK
from benchmark.evaluation.throughput import Throughput, count_updates
from benchmark.interface import Dataset, TaskInfo, TaskSettings


def test_every_agent_is_timed_with_the_same_batch() -> None:
    agents = [AgentChoice("bc"), AgentChoice("mage.k2"), AgentChoice("gcbc")]
    rows = count_updates(agents, "smoke", 16, "cpu", steps=8, rounds=1)
    assert [row.agent for row in rows] == ["bc", "mage.k2", "gcbc"]
    for row in rows:
        assert row.batch == 16 and (row.parameters or 0) > 0
        assert row.updates_per_second > 0 and row.steps == 3


class Timed:
    """An agent whose steps take the times of its name, in turns; `clock` is put in by the test."""

    clock: ClassVar[Any]
    seconds: ClassVar[dict[str, list[float]]] = {
        # The first half of a turn of eight steps is slow, for whatever reason.
        "even": [9, 9, 9, 9, 0.25, 0.25, 0.25, 0.25],
        # Half of the steps that count, the middle one: the mean would be 3 s.
        "odd": [9, 9, 9, 9, 5, 0.5, 0.5, 8],
    }
    presets: ClassVar[dict[str, Any]] = {"smoke": {"steps": 99, "width": 2, "batch_size": 7}}
    variants: ClassVar[dict[str, Any]] = {"big": {"width": 5}}
    parameter_count = 50

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        self.log.append((task.name, settings, device))

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        self.log.append((len(dataset), steps))
        for step, seconds in enumerate(self.seconds[type(self).__name__], start=1):
            self.clock.now += seconds
            progress(step, {})

    def reset(self) -> None: ...

    log: ClassVar[list[Any]] = []
    act = save = load = reset


class Clock:
    now = 100.0

    def perf_counter(self) -> float:
        return self.now


def test_updates_a_second_are_those_of_the_median_step(
    monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo
) -> None:
    Timed.clock, Timed.log = Clock(), []
    of_task = TaskSettings(TIMED_TASK, {"depth": 3, "batch_size": 11}, "test")
    kinds = {
        "even": type("even", (Timed,), {"task_settings": [of_task]}),
        "odd": type("odd", (Timed,), {}),
    }
    threads: list[int] = []
    monkeypatch.setattr(registry, "_registered", kinds)
    clock = Timed.clock
    monkeypatch.setattr(throughput, "seconds_now", lambda device: clock.perf_counter())
    monkeypatch.setattr("torch.set_num_threads", threads.append)
    for module in (throughput, action_timing):
        monkeypatch.setattr(module, "task_info", lambda task: tiny_task)
    agents = [AgentChoice("even.big"), AgentChoice("odd")]
    rows = count_updates(agents, "smoke", 16, "cuda", steps=8, rounds=2)
    # Of eight steps the last half is timed, by the three times from one end to the next.
    assert rows == [Throughput("even.big", 50, 16, 4.0, 6), Throughput("odd", 50, 16, 2.0, 6)]
    assert threads == [1]
    turn = [
        ("tiny", {"width": 5, "depth": 3, "batch_size": 16}, "cuda"),
        (2_000, 8),
        ("tiny", {"width": 2, "batch_size": 16}, "cuda"),
        (2_000, 8),
    ]
    assert Timed.log == turn * 2, "in turns"
