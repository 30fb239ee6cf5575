"""What is read, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark.data import LoadedDataset, content_hash, load, loading, prepare
from benchmark.data.checks import CONTENT_HASH
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import task_info
from tests.benchmark.data.synthetic_datasets import (
    ACTION,
    DOOR,
    OBSERVATION,
    alter_metadata,
    door_episode,
    write,
)

UMAZE, DOOR_TASK = TASKS["maze2d-umaze"], TASKS["adroit-door-human"]


def _load(task: Task, data: str = "auto") -> LoadedDataset:
    return load(task, task_info(task), data)


def _prepare(task: Task, data: str = "auto") -> LoadedDataset:
    return prepare(task, task_info(task), data, print)


def test_a_recorded_dataset_is_described(small_umaze: Path) -> None:
    loaded = _load(UMAZE, "local")
    assert loaded.metadata == {
        "id": "mage/maze2d/umaze-v0",
        "source": "local recipe",
        "hash": content_hash(loaded.dataset),
        "episodes": 5,
        "steps": 5000,
    }
    assert loaded.dataset.observations.shape == (5000, 4)


def test_the_arrays_are_those_of_the_episodes() -> None:
    episodes = [door_episode(0, 4), door_episode(1, 7)]
    write(DOOR, *episodes)
    loaded = _load(DOOR_TASK)
    dataset = loaded.dataset
    assert dataset.observations.shape == (11, OBSERVATION)
    assert dataset.actions.shape == (11, ACTION)
    assert {array.dtype for array in (dataset.observations, dataset.actions)} == {np.dtype("f4")}
    rewards = np.concatenate([each.rewards for each in episodes])
    assert np.allclose(dataset.rewards, rewards)
    assert np.allclose(dataset.observations[4:], np.asarray(episodes[1].observations)[:-1])
    assert np.flatnonzero(dataset.timeouts).tolist() == [3, 10]
    assert not dataset.terminals.any()
    assert loaded.metadata["source"] == "Minari"


def test_a_terminated_episode_ends_in_a_terminal() -> None:
    last = np.arange(6) == 5
    write(DOOR, door_episode(0, terminations=last, truncations=~last & last))
    dataset = _load(DOOR_TASK).dataset
    assert dataset.terminals[-1]
    assert not dataset.timeouts.any()


def test_a_datasets_own_reference_scores_come_along() -> None:
    write(DOOR, door_episode(0), ref_min_score=-50.0, ref_max_score=3000.0)
    assert _load(DOOR_TASK).metadata["reference_scores"] == [-50, 3000]


def test_actions_are_clipped_as_the_environment_clips_them() -> None:
    actions = np.zeros((6, ACTION), np.float32)
    actions[1, 3], actions[4, 5:8] = 1.25, -1.5
    write(DOOR, door_episode(0, actions=actions))
    loaded = _load(DOOR_TASK)
    assert loaded.metadata["clipped_actions"] == pytest.approx(2 / 6)
    assert np.array_equal(loaded.dataset.actions, np.clip(actions, -1, 1))
    # Where the bounds are others, other actions lie beyond them: only the one of -1.5.
    wide = replace(task_info(DOOR_TASK), action_low=np.full(ACTION, -0.5, "f4"))
    wide = replace(wide, action_high=np.full(ACTION, 2, "f4"))
    loaded = load(DOOR_TASK, wide, "auto")
    assert loaded.metadata["clipped_actions"] == pytest.approx(1 / 6)
    assert loaded.dataset.actions[1, 3] == 1.25 and loaded.dataset.actions[4, 5] == -0.5


def test_shares_are_of_what_was_recorded_and_sizes_of_what_agents_see() -> None:
    actions = np.zeros((4, ACTION), np.float32)
    actions[0, 0], actions[2, 1], actions[3] = 1.5, 1.0, -1.5
    rewards = np.array([0.0, 1, 0, 1])
    write(DOOR, door_episode(0, 4, actions=actions, rewards=rewards))
    # The goal is reached after two steps; actions of two in four lay beyond their bounds.
    metadata = _load(replace(DOOR_TASK, relabel="antmaze")).metadata
    assert (metadata["episodes"], metadata["steps"]) == (1, 2)
    assert metadata["clipped_actions"] == 0.5


def test_episodes_are_read_a_few_at_a_time_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert loading._EPISODES_AT_ONCE == 100
    monkeypatch.setattr(loading, "_EPISODES_AT_ONCE", 2)
    write(DOOR, *(door_episode(index, 2, rewards=np.full(2, index)) for index in range(5)))
    assert _load(DOOR_TASK).dataset.rewards.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_the_hash_is_the_start_of_that_of_all_arrays_one_after_the_other(
    tiny_dataset: Dataset,
) -> None:
    arrays = (
        tiny_dataset.observations,
        tiny_dataset.actions,
        tiny_dataset.rewards,
        tiny_dataset.terminals,
        tiny_dataset.timeouts,
    )
    whole = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    assert content_hash(tiny_dataset) == whole[:16]


def test_the_hash_tells_one_changed_number(tiny_dataset: Dataset) -> None:
    rewards = tiny_dataset.rewards.copy()
    rewards[7] += 1
    assert content_hash(replace(tiny_dataset, rewards=rewards)) != content_hash(tiny_dataset)


def test_what_is_not_there() -> None:
    with pytest.raises(
        DatasetError,
        match=r"D4RL/door/human-v2 is not in .*; get it: python -m benchmark.datasets fetch adroit",
    ):
        _load(DOOR_TASK)


@pytest.fixture
def own_umaze(small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the collected dataset, to be damaged."""
    root = tmp_path / "damaged"
    shutil.copytree(small_umaze, root)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(root))
    return root / "mage/maze2d/umaze-v0"


REMEDY = r"; delete .*/mage/maze2d/umaze-v0, and it is downloaded or collected again"
NAMED = "dataset mage/maze2d/umaze-v0, for maze2d-umaze, "


def test_a_truncated_file_is_refused(own_umaze: Path) -> None:
    file = own_umaze / "data" / "main_data.hdf5"
    file.write_bytes(file.read_bytes()[:10_000])
    with pytest.raises(UserError, match=NAMED + r"is damaged \(.*truncated file.*\)" + REMEDY):
        _prepare(UMAZE, "local")


def test_a_file_without_its_data_is_refused(own_umaze: Path) -> None:
    (own_umaze / "data" / "main_data.hdf5").unlink()
    with pytest.raises(UserError, match=NAMED + "is damaged"):
        _load(UMAZE, "local")


@pytest.mark.parametrize("text", ["", "{}", '{"total_steps": '])
def test_damaged_metadata_is_refused(own_umaze: Path, text: str) -> None:
    (own_umaze / "data" / "metadata.json").write_text(text)
    with pytest.raises(UserError, match=NAMED + "is damaged"):
        _load(UMAZE, "local")


def _change_a_number(folder: Path) -> None:
    with h5py.File(folder / "data" / "main_data.hdf5", "r+") as file:
        file["episode_1/actions"][3] += 0.01


def test_altered_data_is_refused(own_umaze: Path) -> None:
    _change_a_number(own_umaze)
    with pytest.raises(UserError, match=NAMED + "was altered: the hash of its content is" + ".*"):
        _load(UMAZE, "local")


def test_published_data_is_sealed_when_it_is_first_prepared() -> None:
    folder = write(DOOR, door_episode(0), door_episode(1))
    metadata = folder / "data" / "metadata.json"
    _load(DOOR_TASK)
    assert CONTENT_HASH not in json.loads(metadata.read_text()), "loading changes nothing"
    first = _prepare(DOOR_TASK)
    assert CONTENT_HASH in json.loads(metadata.read_text())
    assert _load(DOOR_TASK).metadata == first.metadata
    _change_a_number(folder)
    with pytest.raises(UserError, match="dataset D4RL/door/human-v2, for .* was altered"):
        _prepare(DOOR_TASK)


def test_a_missing_episode_is_refused(own_umaze: Path) -> None:
    with h5py.File(own_umaze / "data" / "main_data.hdf5", "r+") as file:
        del file["episode_3"]
    with pytest.raises(UserError, match=NAMED + "is damaged .*episode_3"):
        _load(UMAZE, "local")


def test_steps_have_to_be_as_many_as_it_says(own_umaze: Path) -> None:
    alter_metadata(own_umaze, total_steps=5001)
    with pytest.raises(UserError, match=NAMED + "has 5000 steps, but says that it has 5001"):
        _load(UMAZE, "local")


def test_data_of_a_newer_minari_is_named(own_umaze: Path) -> None:
    alter_metadata(own_umaze, minari_version="9.9.9")
    with pytest.raises(UserError, match=NAMED + "was written by Minari 9.9.9, which the installed"):
        _load(UMAZE, "local")


def test_data_of_another_task_is_refused() -> None:
    write(DOOR, door_episode(0, observations=np.zeros((7, 38))))
    with pytest.raises(UserError, match="has observations of size 38, not 39"):
        _load(DOOR_TASK)


def test_a_bad_episode_is_refused_by_its_number() -> None:
    write(DOOR, door_episode(0), door_episode(1, actions=np.full((6, ACTION), -3, np.float32)))
    with pytest.raises(
        UserError, match="episode 1 has -3 for action 0, far outside its bounds of -1 to 1"
    ):
        _load(DOOR_TASK)
