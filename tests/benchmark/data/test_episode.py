"""Segments of a recorded episode."""

from __future__ import annotations

import numpy as np

from benchmark.data.episode import Episode


def test_a_segment_has_one_observation_more_and_ends_as_the_episode_if_it_reaches_so_far() -> None:
    states = np.arange(6.0)[:, None]
    episode = Episode(states, states[:5], np.arange(5.0), True, {"qpos": states})
    first, last = episode.segment(0, 2), episode.segment(2, 5)
    assert first.observations[:, 0].tolist() == [0, 1, 2] and first.rewards.tolist() == [0, 1]
    assert (first.terminated, last.terminated) == (False, True)
    assert not first.infos
