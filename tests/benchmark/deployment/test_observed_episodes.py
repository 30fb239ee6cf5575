"""Where the observations come from that a file is checked on."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.deployment.observed_episodes import played_episodes, recorded_episodes
from benchmark.interface import Dataset
from benchmark.tasks import TASKS


def test_recorded_episodes_begin_at_their_starts(tiny_dataset: Dataset) -> None:
    episodes = recorded_episodes(tiny_dataset, 200, "tiny")
    steps, n_envs, _ = episodes.observations.shape
    assert (steps, n_envs, episodes.source) == (20, 10, "tiny")
    starts = tiny_dataset.observations[tiny_dataset.starts]
    for env in range(n_envs):
        (episode,) = np.flatnonzero((starts == episodes.observations[0, env]).all(1))
        first = tiny_dataset.starts[episode]
        rows = slice(first, first + steps)
        assert np.array_equal(episodes.observations[:, env], tiny_dataset.observations[rows])
        assert episodes.rewards[0, env] == 0
        assert np.array_equal(
            episodes.rewards[1:, env], tiny_dataset.rewards[first : first + steps - 1]
        )
    # Of short episodes there are more.
    assert recorded_episodes(tiny_dataset, 1_000, "tiny").observations.shape[:2] == (30, 34)
    assert recorded_episodes(tiny_dataset, 1, "tiny").rewards.size == 1


def test_an_agent_plays_where_there_is_no_data() -> None:
    class Still:
        def reset(self, n_envs: int) -> None:
            self.n_envs = n_envs

        def act(self, observations: Any, last_rewards: Any) -> Any:
            assert observations.dtype == last_rewards.dtype == np.float32
            return np.zeros((self.n_envs, 2), np.float32)

    agent: Any = Still()
    episodes = played_episodes(agent, TASKS["maze2d-umaze"], 12)
    assert episodes.observations.shape == (2, 10, 4)
    assert episodes.rewards.shape == (2, 10)
    assert episodes.source.endswith("played by the agent")
