from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from baselines.network_agent import NetworkAgent
from tests.baselines.made_up import no_progress, task_for, two_armed_bandit


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

    def _measure(self, dataset):
        return Statistics(torch.as_tensor(dataset.rewards.mean()))

    def _build(self):
        return nn.Linear(1, 1, bias=False)

    def _optimiser(self):
        return torch.optim.SGD(self._networks.parameters(), 0.5)

    def _batches(self, dataset):
        return lambda rng: self._statistics.mean

    def _losses(self, batch, done):
        self.shares = [*getattr(self, "shares", []), done]
        return {"miss": 100 * (self._networks.weight - batch).abs().sum()}

    def reset(self, n_envs):
        pass

    def act(self, observations, last_rewards):
        return self._inside_bounds(torch.full((len(observations), 1), 5.0))


@pytest.fixture
def agent() -> Mean:
    return Mean(task_for(two_armed_bandit()), {}, "cpu")


def test_the_learning_rate_falls_to_a_tenth_and_gradients_are_clipped(agent):
    places: list[float] = []

    def progress(step, metrics):
        places.append(agent._networks.weight.item())
        assert set(metrics) == {"miss"}

    agent.fit(two_armed_bandit(), steps=10, seed=0, progress=progress)
    moves = np.abs(np.diff(places))  # A gradient of 100 is clipped to 1: a move is a rate.
    expected = 0.5 * (0.1 + 0.9 * (1 + np.cos(np.pi * np.arange(1, 10) / 10)) / 2)
    np.testing.assert_allclose(moves, expected, rtol=1e-4)
    assert agent.shares == [step / 10 for step in range(10)]


def test_weights_and_statistics_are_saved_and_counted(agent, tmp_path):
    agent.fit(two_armed_bandit(), steps=1, seed=0, progress=no_progress)
    agent.save(tmp_path)
    saved = safetensors.torch.load_file(tmp_path / "networks.safetensors")
    assert set(saved) == {"mean", "networks.weight"} and agent.parameter_count == 1
    loaded = Mean(task_for(two_armed_bandit()), {}, "cpu")
    loaded.load(tmp_path)
    assert loaded._statistics.mean == agent._statistics.mean
    assert torch.equal(loaded._networks.weight, agent._networks.weight)


def test_actions_stay_inside_the_bounds(agent):
    assert agent.act(np.zeros((2, 2), np.float32), np.zeros(2, np.float32)).tolist() == [[1], [1]]
