"""Agents whose training is to count, and the clock by which they do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.record import RunSpec
from benchmark.running import monitor
from benchmark.running.curves.curve_files import CurveTable
from benchmark.running.monitor import Callbacks, TrainingMonitor

RUN = RunSpec("t", "a", 4, "smoke", steps=1000, episodes=1)
SHORT = replace(RUN, steps=10)  # Every step is a point of the curve; 5 and 10 have a score.


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of training."""
    clock = Clock()
    monkeypatch.setattr(monitor, "time", clock)
    return clock


class Counter:
    """An agent whose training is to count; `during` is called at every step."""

    def __init__(self, during: Callable[[int], object] = lambda step: None) -> None:
        self.count, self.during = 0, during
        self.asked: list[tuple[int, int]] = []
        self.saved: list[int] = []

    def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
        self.asked.append((steps, seed))
        for step in range(self.count + 1, steps + 1):
            self.count = step
            self.during(step)
            progress(step, self.metrics(step))

    def metrics(self, step: int) -> dict[str, Any]:
        return {"loss": lambda: 1.0}

    def training_state(self) -> dict[str, Any]:
        self.saved.append(self.count)
        return {"count": self.count}

    def resume(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


class Losses(Counter):
    """A counter with the losses that a function tells."""

    def __init__(self, metrics: Callable[[int], dict[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        self.metrics = metrics  # type: ignore[assignment]


def make(
    place: RunPlace,
    agent: Any,
    run: RunSpec = RUN,
    callbacks: Callbacks | None = None,
    score: Callable[[], float] = lambda: 5.0,
    dataset_hash: str | None = "content",
) -> TrainingMonitor:
    table = CurveTable(RunFiles(place.out, run.name).curve)
    callbacks = replace(callbacks or Callbacks(), curve=table)
    return TrainingMonitor(run, agent, place, dataset_hash, score, callbacks)


def stopping_at(place: RunPlace, last: int, during: Callable[[int], object]) -> Any:
    """What a counter is to do, with a request to stop at a step."""

    def work(step: int) -> None:
        during(step)
        if step == last:
            place.stop.touch()

    return work


class Slow(Counter):
    """Takes 2 s a step, and 7 s to say how to go on."""

    def __init__(self, clock: Clock, during: Any = None) -> None:
        super().__init__(during or (lambda step: clock.wait(2)))
        self.clock = clock

    def training_state(self) -> dict[str, Any]:
        self.clock.wait(7)
        return super().training_state()


def scoring(clock: Clock) -> Any:
    """A score that takes 30 s."""
    return lambda: clock.wait(30) or 5.0  # type: ignore[func-returns-value]
