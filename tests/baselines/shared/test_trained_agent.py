"""What agents on the trainer share; the trainer has its own tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from baselines.shared.trained_agent import TrainedAgent
from benchmark.interface import Dataset, FloatArray, Metrics, Resumable
from tests.baselines.synthetic_tasks import no_progress, task_for, two_armed_bandit


@dataclass(frozen=True)
class Config:
    size: float = 1.0


class Sum:
    """Adds a random number times the size at every step."""

    def __init__(self, size: float) -> None:
        self.step, self.size = 0, size
        self.sum = torch.zeros(1)

    def train_step(self) -> Metrics:
        self.step += 1
        self.sum += self.size * torch.rand(1)
        return {"sum": self.sum.item()}

    def state(self) -> dict[str, Any]:
        return {"step": self.step, "sum": self.sum}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.step, self.sum = state["step"], state["sum"]


class Summing(TrainedAgent):
    config_class = Config

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Sum:
        self.given = (dataset, steps, seed)
        self.learner = Sum(self.config.size)
        return self.learner

    def _reset(self, n_envs: int) -> None: ...

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        return np.zeros((len(observations), 1), np.float32)


def summing(size: float = 1.0, **task: Any) -> Summing:
    return Summing(task_for(two_armed_bandit(), **task), {"size": size}, "cpu")


def test_a_learner_is_started_with_all_that_fit_is_given() -> None:
    agent, dataset, reports = summing(2.0), two_armed_bandit(), []
    agent.fit(dataset, steps=2, seed=7, progress=lambda step, metrics: reports.append(metrics))
    assert agent.given == (dataset, 2, 7) and len(reports) == 2
    drawn = torch.rand(2, generator=torch.Generator().manual_seed(7))
    assert reports[-1]["sum"] == pytest.approx(2 * drawn.sum().item())


def test_it_is_resumed_from_its_state() -> None:
    whole, half, resumed = summing(), summing(), summing()
    whole.fit(two_armed_bandit(), steps=4, seed=0, progress=no_progress)
    states = []
    half.fit(
        two_armed_bandit(),
        steps=2,
        seed=0,
        progress=lambda *_: states.append(half.training_state()),
    )
    assert isinstance(resumed, Resumable)
    resumed.resume(states[-1])
    reports: list[int] = []
    resumed.fit(two_armed_bandit(), steps=4, seed=0, progress=lambda step, _: reports.append(step))
    assert reports == [3, 4]
    assert resumed.learner.sum == whole.learner.sum != half.learner.sum


def test_unknown_settings_and_the_dataset_of_another_task_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown setting 'wibble' for Config; known: size"):
        Summing(task_for(two_armed_bandit()), {"wibble": 1}, "cpu")
    with pytest.raises(ValueError, match="the dataset's observations have size 2"):
        summing(observation_size=3).fit(two_armed_bandit(), steps=1, seed=0, progress=no_progress)
