"""One learner takes the first steps, the other the rest, also after an interruption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baselines.shared.in_turn import InTurn
from benchmark.interface import Metrics


class Counter:
    """A learner that counts."""

    def __init__(self, name: str) -> None:
        self.step, self._name = 0, name

    def train_step(self) -> Metrics:
        self.step += 1
        return {self._name: float(self.step)}

    def state(self) -> dict[str, Any]:
        return {"step": self.step}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.step = state["step"]


def in_turn(steps: int) -> InTurn:
    return InTurn(Counter("values"), steps, Counter("policy"))


def test_the_second_begins_when_the_first_is_done() -> None:
    learner = in_turn(2)
    assert [learner.train_step() for _ in range(4)] == [
        {"values": 1},
        {"values": 2},
        {"policy": 1},
        {"policy": 2},
    ]
    assert learner.step == 4


def test_it_goes_on_where_it_was() -> None:
    learner, resumed = in_turn(2), in_turn(2)
    for _ in range(3):
        learner.train_step()
    resumed.load_state(learner.state())
    assert resumed.step == 3
    assert resumed.train_step() == {"policy": 2}


def test_in_a_longer_training_the_first_takes_the_steps_that_it_lacks() -> None:
    learner, longer = in_turn(1), in_turn(2)
    for _ in range(2):
        learner.train_step()
    longer.load_state(learner.state())
    assert [longer.train_step() for _ in range(2)] == [{"values": 2}, {"policy": 2}]
