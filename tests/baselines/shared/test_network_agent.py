from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from baselines.shared.network_agent import NetworkAgent
from benchmark.interface import Dataset, FloatArray
from tests.baselines.synthetic_tasks import no_progress, task_for, two_armed_bandit


@dataclass(frozen=True)
class Config:
    clip_norm: float = 1.0


@dataclass(frozen=True)
class Statistics:
    mean: torch.Tensor


class Mean(NetworkAgent):
    """Learns the mean reward by one weight, which is all that it has."""

    config_class = Config
    statistics_class = Statistics

    def _measure(self, dataset: Dataset) -> Statistics:
        return Statistics(torch.as_tensor(dataset.rewards.mean()))

    def _build(self) -> nn.Module:
        return nn.Linear(1, 1, bias=False)

    def _optimiser(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self._networks.parameters(), 0.5)

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return lambda rng: self._statistics.mean

    def _losses(self, batch: Any, done: float) -> dict[str, torch.Tensor]:
        self.shares = [*getattr(self, "shares", []), done]
        return {"miss": 100 * (self._networks.weight - batch).abs().sum()}

    def _reset(self, n_envs: int) -> None:
        self.reset_for = n_envs

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        return self._inside_bounds(torch.tensor([[-5.0], [0.25], [5.0]]))


class TwoLosses(Mean):
    """Losses of 3 and 4 times its weight, whatever it sees: a slope of 7."""

    def _losses(self, batch: Any, done: float) -> dict[str, torch.Tensor]:
        return {"three": 3 * self._networks.weight.sum(), "four": 4 * self._networks.weight.sum()}


class Drifting(Mean):
    """Is drawn, with momentum, to random numbers of both generators."""

    def _optimiser(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self._networks.parameters(), 0.02, momentum=0.9)

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return lambda rng: float(rng.random())

    def _losses(self, batch: Any, done: float) -> dict[str, torch.Tensor]:
        target = batch + torch.rand(1).item()
        self.targets = [*getattr(self, "targets", []), target]
        return {"miss": ((self._networks.weight - target) ** 2).sum()}


def new_agent(agent_class: type[Any], clip_norm: float = 1.0) -> Any:
    return agent_class(task_for(two_armed_bandit()), {"clip_norm": clip_norm}, "cpu")


def places_of(agent: Any, steps: int, seed: int = 0) -> list[float]:
    """Its weight after each gradient step."""
    places: list[float] = []

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        places.append(agent._networks.weight.item())

    agent.fit(two_armed_bandit(), steps=steps, seed=seed, progress=progress)
    return places


def rate_of(agent: Any) -> float:
    """The learning rate of the last step."""
    rate: float = agent.training_state()["learner"]["optimiser"]["param_groups"][0]["lr"]
    return rate


def test_the_learning_rate_falls_along_half_a_cosine_to_a_tenth() -> None:
    agent = new_agent(Mean)
    moves = np.abs(np.diff(places_of(agent, 4)))  # A slope of 100 is clipped to 1.
    # After 1, 2 and 3 of 4 steps: 0.1 + 0.9 (1 + cos(45, 90 and 135 degrees)) / 2 of 0.5.
    root = np.sqrt(0.5)
    expected = [0.05 + 0.225 * (1 + root), 0.05 + 0.225, 0.05 + 0.225 * (1 - root)]
    np.testing.assert_allclose(moves, expected, rtol=1e-4)
    assert rate_of(agent) == pytest.approx(expected[-1])
    assert agent.shares == [0, 0.25, 0.5, 0.75]


def test_a_training_that_goes_on_has_the_rates_of_a_longer_one() -> None:
    ended, longer = new_agent(Mean), new_agent(Mean)
    places_of(ended, 2)
    longer.resume(ended.training_state())
    moves = np.abs(np.diff([ended._networks.weight.item(), *places_of(longer, 4)]))
    root = np.sqrt(0.5)
    np.testing.assert_allclose(moves, [0.05 + 0.225, 0.05 + 0.225 * (1 - root)], rtol=1e-4)


def test_the_learning_rate_may_rise_at_first_and_then_stay() -> None:
    agent = new_agent(Mean)
    agent._learning = lambda: {"clip_norm": 1.0, "last_rate": 1.0, "warmup_steps": 4}
    moves = np.abs(np.diff(places_of(agent, 7)))
    np.testing.assert_allclose(moves, [0.25, 0.375, 0.5, 0.5, 0.5, 0.5], rtol=1e-4)


@pytest.mark.parametrize(("clip_norm", "slope"), [(100.0, 7), (2.0, 2)])
def test_a_step_follows_the_sum_of_the_losses_clipped_to_its_largest_norm(
    clip_norm: float, slope: float
) -> None:
    places = places_of(new_agent(TwoLosses, clip_norm), 2)
    # The second of two steps has a rate of 0.1 + 0.9 / 2, and forgets the first one's gradient.
    assert places[0] - places[1] == pytest.approx(0.5 * 0.55 * slope, rel=1e-5)


def test_every_loss_is_reported_after_its_step() -> None:
    agent, reports = new_agent(TwoLosses), []

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        reports.append((step, {name: value() for name, value in metrics.items()}))

    agent.fit(two_armed_bandit(), steps=1, seed=0, progress=progress)
    # Losses are those before the step, whose slope of 7 is clipped to 1 at a rate of 0.5.
    before = agent._networks.weight.item() + 0.5
    (step, metrics), *rest = reports
    assert step == 1 and not rest
    assert metrics == pytest.approx({"three": 3 * before, "four": 4 * before}, abs=1e-5)


def test_weights_batches_and_noise_follow_the_seed() -> None:
    before = torch.get_rng_state()
    agents = [new_agent(Drifting) for _ in range(3)]
    places = [places_of(agent, 1, seed) for agent, seed in zip(agents, (5, 5, 6), strict=True)]
    assert torch.equal(torch.get_rng_state(), before)
    assert places[0] == places[1] != places[2]
    with torch.random.fork_rng():
        torch.manual_seed(5)
        nn.Linear(1, 1, bias=False)  # Comes first.
        expected = np.random.default_rng(5).random() + torch.rand(1).item()
    assert agents[0].targets == [expected]


def test_stopped_and_resumed_it_ends_as_if_never_stopped() -> None:
    whole, states = new_agent(Drifting), []
    whole.fit(
        two_armed_bandit(),
        steps=5,
        seed=0,
        progress=lambda *_: states.append(deepcopy(whole.training_state())),
    )
    assert [state["learner"]["step"] for state in states] == [1, 2, 3, 4, 5]
    for _ in range(2):  # Going on does not write into the state.
        resumed = new_agent(Drifting)
        resumed.resume(states[1])
        assert len(places_of(resumed, 5)) == 3
        assert resumed.targets == whole.targets[2:]
        assert torch.equal(resumed._networks.weight, whole._networks.weight)
        assert rate_of(resumed) == rate_of(whole)
    assert len(places_of(resumed, 5)) == 5  # The next time it starts anew.


def test_weights_and_statistics_are_saved_and_counted(tmp_path: Path) -> None:
    agent = new_agent(Mean)
    agent.fit(two_armed_bandit(), steps=1, seed=0, progress=no_progress)
    agent.save(tmp_path)
    saved = safetensors.torch.load_file(tmp_path / "networks.safetensors")
    assert set(saved) == {"mean", "networks.weight"} and agent.parameter_count == 1
    loaded, before = new_agent(Mean), torch.get_rng_state()
    loaded.load(tmp_path)
    assert torch.equal(torch.get_rng_state(), before)
    assert loaded._statistics.mean == agent._statistics.mean
    assert torch.equal(loaded._networks.weight, agent._networks.weight)


def test_actions_stay_inside_the_bounds() -> None:
    low, high = np.array([-0.5], np.float32), np.array([2.0], np.float32)
    task = task_for(two_armed_bandit(), action_low=low, action_high=high)
    actions = Mean(task, {}, "cpu").act(np.zeros((3, 2), np.float32), np.zeros(3, np.float32))
    assert actions.tolist() == [[-0.5], [0.25], [2]]


def test_a_new_agent_is_ready_for_no_environment() -> None:
    assert new_agent(Mean).reset_for == 0


def test_the_dataset_of_another_task_is_refused() -> None:
    agent = Mean(task_for(two_armed_bandit(), observation_size=3), {}, "cpu")
    with pytest.raises(ValueError, match="the dataset's observations have size 2"):
        agent.fit(two_armed_bandit(), steps=1, seed=0, progress=no_progress)
