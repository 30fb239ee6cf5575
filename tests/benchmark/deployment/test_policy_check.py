"""A file that differs from its agent is noticed; a jump of the agent itself is told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from benchmark.deployment.observed_episodes import ObservedEpisodes
from benchmark.deployment.policy_check import compare
from benchmark.interface import FloatArray
from benchmark.step_function import StepFunction
from tests.benchmark.deployment.steps import Counter, CountingModule


def observed(steps: int = 6, n_envs: int = 5) -> ObservedEpisodes:
    rng = np.random.default_rng(0)
    observations = rng.standard_normal((steps, n_envs, 4)).astype(np.float32)
    return ObservedEpisodes(observations, rng.random((steps, n_envs)).astype(np.float32), "made up")


def policy_of(module: torch.nn.Module) -> Any:
    return lambda inputs: [each.numpy() for each in module(*map(torch.from_numpy, inputs))]


def test_state_and_random_numbers_are_followed() -> None:
    agent: Any = Counter()
    result = compare(agent, agent.step_function(), policy_of(CountingModule()), observed())
    assert (result.observations, result.largest, result.jumps, result.passed) == (30, 0, 0, True)


@pytest.mark.parametrize(("error", "passed"), [(5e-5, True), (2e-4, False), (np.nan, False)])
def test_a_difference_is_measured(error: float, passed: bool) -> None:
    agent: Any = Counter(error)
    result = compare(agent, agent.step_function(), policy_of(CountingModule()), observed())
    assert result.passed is passed
    np.testing.assert_allclose(result.largest, error, rtol=1e-2)
    wrong = policy_of(CountingModule(gain=1.1))
    assert not compare(agent, agent.step_function(), wrong, observed()).passed


class Threshold(torch.nn.Module):
    """Acts on the sign of how far an observation is above a threshold."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor]:
        return (torch.where(seen[:, :2] > self.threshold, 1.0, -1.0),)


class Thresholds:
    def reset(self, n_envs: int) -> None: ...

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        (actions,) = Threshold(1.0)(torch.from_numpy(observations))
        taken: FloatArray = actions.numpy()
        return taken


def test_where_the_agent_jumps_the_file_may_be_on_either_side() -> None:
    agent: Any = Thresholds()
    step, episodes = StepFunction(Threshold(1.0)), observed()
    episodes.observations[3, 2, :2] = 1.0, 5.0
    result = compare(agent, step, policy_of(Threshold(1 - 5e-8)), episodes)
    assert (result.largest, result.jumps, result.passed) == (0, 1, True)
    # Of a threshold that is farther away, nothing near tells.
    episodes.observations[3, 2, 0] = 0.9995
    result = compare(agent, step, policy_of(Threshold(0.999)), episodes)
    assert (result.largest, result.jumps, result.passed) == (2, 0, False)
    # A function that is not the agent's excuses nothing.
    step = StepFunction(Threshold(0.999))
    assert not compare(agent, step, policy_of(Threshold(0.999)), episodes).passed
