"""What is written, and how a change of it is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import minari
import numpy as np
import pytest

from benchmark.datasets.content import CONTENT_HASH, ContentHash
from benchmark.recipes.recipe import Recording
from benchmark.recipes.store import read_part, write_part

RECORDING = Recording(
    {"observation": np.arange(8.0, dtype=np.float32).reshape(4, 2), "goal": np.ones((4, 1))},
    np.zeros((3, 2), np.float32),
    np.array([0, 0, 1], np.float32),
)


@pytest.mark.parametrize("recording", [RECORDING, replace(RECORDING, observations=np.eye(4))])
def test_parts_come_back_as_they_were(recording: Recording, tmp_path: Path) -> None:
    write_part(tmp_path / "part.npz", recording)
    back = read_part(tmp_path / "part.npz")
    if isinstance(recording.observations, dict):
        assert set(back.observations) == {"observation", "goal"}
        for name, part in recording.observations.items():
            assert np.array_equal(back.observations[name], part)
            assert back.observations[name].dtype == part.dtype
    else:
        assert np.array_equal(back.observations, recording.observations)
    assert np.array_equal(back.actions, recording.actions)
    assert np.array_equal(back.rewards, recording.rewards)
    assert [path.name for path in tmp_path.iterdir()] == ["part.npz"]


def _hash(episodes: Any) -> str:
    content = ContentHash()
    for episode in episodes:
        content.add(episode)
    return content.hexdigest()


def test_the_hash_of_a_dataset_is_in_its_metadata(small_umaze: Path) -> None:
    dataset = minari.load_dataset("mage/maze2d/umaze-v0")
    episodes = list(dataset.iterate_episodes())
    assert dataset.storage.metadata[CONTENT_HASH] == _hash(episodes)
    assert _hash(episodes[::-1]) != _hash(episodes)
    rewards = episodes[3].rewards.copy()
    rewards[17] += 1
    altered = [*episodes[:3], replace(episodes[3], rewards=rewards), episodes[4]]
    assert _hash(altered) != _hash(episodes)
