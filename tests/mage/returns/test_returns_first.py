"""The return model is trained first, then another learner: known answers."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi
from typing import Any

import pytest
import torch

from benchmark.interface import Metrics
from mage.returns.config import LabelConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.recorded_returns import RecordedReturns
from mage.returns.returns_first import ReturnsFirst, steps_of_returns


class Counter:
    """Counts its steps, and learns nothing."""

    step = 0

    def train_step(self) -> Metrics:
        self.step += 1
        return {"count": self.step}

    def state(self) -> dict[str, Any]:
        return {"count": self.step}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.step = state["count"]


class World:
    """Two states whose returns are 1 and -1, and what was told of them."""

    def __init__(self, steps: int) -> None:
        torch.manual_seed(0)
        self.labeller = ReturnLabeller(LabelConfig(), 1, 16)
        observations = torch.tensor([[1.0], [-1.0]]).repeat(50, 1)
        self.observations, self.returns = self.labeller.normalise(observations, observations)
        self.labels: list[torch.Tensor] = []
        recorded = RecordedReturns(self.observations, self.returns)
        self.counter = Counter()
        self.learner = ReturnsFirst(
            *(self.labeller, recorded),
            steps=steps,
            learner=self.counter,
            use_labels=lambda returns, advantages: self.labels.append(advantages),
        )

    def rate(self) -> float:
        rate: float = self.learner.state()["optimiser"]["param_groups"][0]["lr"]
        return rate


def test_first_the_return_model_then_its_labels_then_the_other() -> None:
    world = World(300)
    losses = []
    for step in range(300):
        assert world.learner.step == step and world.counter.step == 0
        metrics = world.learner.train_step()
        assert set(metrics) == {"return_loss"}
        losses.append(metrics["return_loss"]())  # type: ignore[operator]
    assert losses[-1] < 0.05 * losses[0]
    assert not world.labels
    before = {name: weight.clone() for name, weight in world.labeller.state_dict().items()}
    assert [world.learner.train_step() for _ in range(2)] == [{"count": 1}, {"count": 2}]
    assert world.learner.step == 302
    (labels,) = world.labels
    # Every return is the mean one from its state.
    assert labels.shape == (100, 1) and labels.abs().max() < 2
    assert torch.equal(labels, world.labeller.advantages(world.observations, world.returns))
    after = world.labeller.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())


def test_the_rate_falls_to_nothing_along_a_cosine() -> None:
    world, rates = World(4), []
    for _ in range(4):
        world.learner.train_step()
        rates.append(world.rate())
    assert rates == pytest.approx([1e-3 * 0.5 * (1 + cos(pi * done / 4)) for done in range(4)])


def test_a_training_that_goes_on_has_the_rates_of_a_longer_one() -> None:
    ended = World(4)
    for _ in range(5):
        ended.learner.train_step()
    longer, rates = World(8), []
    longer.learner.load_state(ended.learner.state())
    for _ in range(4):
        longer.learner.train_step()
        rates.append(longer.rate())
    assert rates == pytest.approx([1e-3 * 0.5 * (1 + cos(pi * done / 8)) for done in range(4, 8)])


@pytest.mark.parametrize("stop", [1, 3, 4, 6])
def test_interrupted_anywhere_it_ends_alike(stop: int) -> None:
    whole = World(3)
    for _ in range(8):
        whole.learner.train_step()
    first = World(3)
    for _ in range(stop):
        first.learner.train_step()
    random = torch.get_rng_state()
    resumed = World(3)
    resumed.learner.load_state(first.learner.state())
    torch.set_rng_state(random)
    assert resumed.learner.step == stop
    for _ in range(8 - stop):
        resumed.learner.train_step()
    assert (resumed.learner.step, resumed.counter.step) == (8, 5)
    assert torch.equal(resumed.labels[-1], whole.labels[-1])


def test_without_steps_of_its_own_the_labels_are_there_at_once() -> None:
    world = World(0)
    assert world.learner.train_step() == {"count": 1} and len(world.labels) == 1


def test_nobody_has_to_want_labels() -> None:
    world = World(1)
    recorded = RecordedReturns(world.observations, world.returns)
    learner = ReturnsFirst(world.labeller, recorded, steps=1, learner=world.counter)
    learner.train_step()
    assert learner.train_step() == {"count": 1}


def test_at_least_one_step_and_never_all() -> None:
    assert [steps_of_returns(0.03, steps) for steps in (1, 2, 20, 1000)] == [0, 1, 1, 30]
    assert steps_of_returns(1.0, 1000) == 999
