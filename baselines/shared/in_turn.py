"""Trains one thing, and then what learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.interface import Metrics
from benchmark.trainer import Learner


class InTurn:
    """Two learners, one after the other: a `benchmark.trainer.Learner`.

    Args:
        first: takes the first steps.
        steps: how many of them.
        second: takes the others.
    """

    def __init__(self, first: Learner, steps: int, second: Learner) -> None:
        self._first, self._steps, self._second = first, steps, second

    @property
    def step(self) -> int:
        """Gradient steps taken by both."""
        return self._first.step + self._second.step

    def train_step(self) -> Metrics:
        """See `benchmark.trainer.Learner`."""
        is_first = self._first.step < self._steps
        return (self._first if is_first else self._second).train_step()

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {"first": self._first.state(), "second": self._second.state()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self._first.load_state(state["first"])
        self._second.load_state(state["second"])
