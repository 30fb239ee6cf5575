"""What `act` takes and `fit` may leave out; `tests/test_agents.py` asks it of every agent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.agent_base import AgentBase
from benchmark.interface import Dataset, FloatArray, Progress
from benchmark.running.synthetic_task import synthetic_dataset, synthetic_task

SEEN = np.arange(8.0).reshape(2, 4)


class Adding(AgentBase):
    """Its actions are sums of what it is given, which it keeps."""

    def _fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        self.fitted = steps, seed
        self.reset(5)
        progress(1, {})

    def _reset(self, n_envs: int) -> None:
        self.resets = [*getattr(self, "resets", []), n_envs]

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        self.given = observations, last_rewards
        return np.stack([observations.sum(1), last_rewards], 1)


@pytest.fixture
def agent() -> Adding:
    return Adding(synthetic_task())


def test_a_batch_is_handed_on_as_it_is(agent: Adding) -> None:
    observations, rewards = SEEN.astype(np.float32), np.array([1, 2], np.float32)
    agent.reset(2)
    actions = agent.act(observations, rewards)
    assert agent.given[0] is observations and agent.given[1] is rewards
    assert actions.tolist() == [[6, 1], [22, 2]]


def test_one_observation_has_one_action(agent: Adding) -> None:
    assert agent.act(SEEN[1]).tolist() == [22, 0]
    assert agent.act(SEEN[1].tolist(), 0.5).tolist() == [22, 0.5]
    assert [array.dtype for array in agent.given] == [np.float32] * 2
    assert agent.given[0].shape == (1, 4) and agent.resets == [1]


def test_before_the_first_reset_it_resets_itself(agent: Adding) -> None:
    assert agent.act(SEEN).shape == (2, 2) and agent.act(SEEN).shape == (2, 2)
    assert agent.resets == [2]
    agent.reset()
    assert agent.act(SEEN[:1]).shape == (1, 2) and agent.resets == [2, 1]


def test_after_training_it_starts_anew(agent: Adding) -> None:
    agent.act(SEEN)
    assert agent.fit(synthetic_dataset(), steps=3) is agent and agent.fitted == (3, 0)
    agent.act(SEEN[0])
    assert agent.resets == [2, 5, 1]


@pytest.mark.parametrize(
    ("observations", "rewards", "message"),
    [
        (np.zeros(3), None, r"shape \(3,\); valid on elsewhere: \(4,\) for one, \(n, 4\) for n"),
        (np.zeros((1, 2, 4)), None, r"shape \(1, 2, 4\)"),
        (7.0, None, r"shape \(\)"),
        ({"observation": np.zeros(4)}, None, r"observations are \{.*valid: numbers;.*make_env"),
        (np.zeros((3, 4)), None, r"3 environments after reset\(2\).*call reset\(3\) first"),
        (SEEN, 1.0, r"last_rewards have the shape \(1,\); valid: \(2,\)"),
        (SEEN, ["much", "more"], "last_rewards are .*; valid: numbers"),
    ],
)
def test_what_it_cannot_use_it_refuses(
    agent: Adding, observations: Any, rewards: Any, message: str
) -> None:
    agent.reset(2)
    with pytest.raises(ValueError, match=message):
        agent.act(observations, rewards)
