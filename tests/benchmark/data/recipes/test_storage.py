"""What is written, and how a change of it is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import minari
import numpy as np
import pytest

from benchmark.data.checks import CONTENT_HASH, ContentHash
from benchmark.data.recipes import storage
from benchmark.data.recipes.recipe import Recording
from benchmark.data.recipes.storage import read_part, write_part

RECORDING = Recording(
    {"observation": np.arange(8.0, dtype=np.float32).reshape(4, 2), "goal": np.ones((4, 1))},
    np.zeros((3, 2), np.float32),
    np.array([0, 0, 1], np.float32),
)


STATES = {"qpos": np.arange(12, dtype=np.float32).reshape(4, 3), "on": np.array([0, 1, 1, 0])}


@pytest.mark.parametrize(
    "recording",
    [
        RECORDING,
        replace(RECORDING, observations=np.eye(4)),
        replace(RECORDING, observations=np.eye(4), infos=STATES),
    ],
)
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
    assert {name: values.tolist() for name, values in back.infos.items()} == {
        name: values.tolist() for name, values in recording.infos.items()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["part.npz"]


def test_what_relabelling_needs_is_kept_and_hashed(tmp_path: Path) -> None:
    write_part(tmp_path / "a.npz", replace(RECORDING, infos=STATES))
    plain, whole = ContentHash(), ContentHash(["qpos", "on"])
    for content in (plain, whole):
        (buffer,) = storage._buffers([tmp_path / "a.npz"], content)
        assert buffer.infos is not None and set(buffer.infos) == {"qpos", "on"}
    assert plain.hexdigest() != whole.hexdigest()
    write_part(tmp_path / "b.npz", replace(RECORDING, infos={**STATES, "on": np.zeros(4, int)}))
    other = ContentHash(["on", "qpos"])
    list(storage._buffers([tmp_path / "b.npz"], other))
    assert other.hexdigest() != whole.hexdigest()


def test_an_episode_that_is_only_begun_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[Path, int]] = []
    monkeypatch.setattr(
        storage, "write_atomically", lambda path, content: written.append((path, len(content)))
    )
    write_part(tmp_path / "part.npz", RECORDING)
    assert [path for path, _ in written] == [tmp_path / "part.npz"]
    assert list(tmp_path.iterdir()) == []


def test_recordings_become_episodes_that_the_time_limit_ends(tmp_path: Path) -> None:
    short = replace(RECORDING, actions=np.full((2, 2), 0.5, "f4"), rewards=np.array([5.0, 6.0]))
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path, recording in zip(paths, (RECORDING, short), strict=True):
        write_part(path, recording)
    content = ContentHash()
    first, second = storage._buffers(paths, content)
    assert (first.id, second.id) == (0, 1)
    assert np.array_equal(first.truncations, [False, False, True])
    assert np.array_equal(second.truncations, [False, True])
    assert not first.terminations.any() and not second.terminations.any()
    assert (len(first.terminations), len(second.terminations)) == (3, 2)
    assert np.array_equal(first.rewards, [0, 0, 1]) and np.array_equal(second.rewards, [5, 6])
    assert np.array_equal(second.actions, np.full((2, 2), 0.5))
    assert np.array_equal(first.observations["goal"], np.ones((4, 1)))
    assert content.hexdigest() == _hash([first, second])


def test_a_dataset_says_what_it_is_and_how_large_its_numbers_can_be(small_umaze: Path) -> None:
    dataset = minari.load_dataset("mage/maze2d/umaze-v0")
    about = dataset.storage.metadata
    assert "MAGE-bench" in about["author"]
    assert about["algorithm_name"] == "noisy waypoint controller between random goals"
    assert "by MAGE-bench with a scripted controller, seed 0; not D4RL's" in about["description"]
    assert about["description"].endswith("holds of 1 to 100 steps at each goal.")
    assert (dataset.total_episodes, dataset.total_steps) == (5, 5000)
    assert [one.split("==")[0] for one in about["requirements"]] == [
        *("gymnasium-robotics", "mujoco", "numpy")
    ]
    actions = dataset.action_space
    assert (actions.low.tolist(), actions.high.tolist()) == ([-1, -1], [1, 1])
    assert (actions.dtype, dataset.observation_space.dtype) == (np.float32, np.float32)
    episode = dataset[0]
    assert episode.actions.dtype == episode.observations.dtype == np.float32
    assert len(episode.observations) == 1001
    assert np.flatnonzero(episode.truncations).tolist() == [999]


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
