"""Minari datasets with made-up numbers, and a remote that is a folder."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import h5py
import minari
import numpy as np
import pytest
from minari.data_collector import EpisodeBuffer
from minari.storage import remotes
from minari.storage.remotes.cloud_storage import CloudStorage

from benchmark.data import LoadedDataset, load, prepare
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import task_info

DOOR = "D4RL/door/human-v2"
UMAZE, DOOR_TASK = TASKS["maze2d-umaze"], TASKS["adroit-door-human"]
# Sizes of observation and action of the door.
OBSERVATION, ACTION = 39, 28


def load_task(task: Task, data: str = "auto") -> LoadedDataset:
    """A task's data as it lies in Minari's folder."""
    return load(task, task_info(task), data)


def prepare_task(task: Task, data: str = "auto") -> LoadedDataset:
    """A task's data, got if it is not there yet."""
    return prepare(task, task_info(task), data, print)


def door_episode(index: int, steps: int = 6, **changes: Any) -> EpisodeBuffer:
    """An episode that fits adroit-door-human; `changes` replace some of its arrays."""
    rng = np.random.default_rng(index)
    arrays = {
        "observations": rng.standard_normal((steps + 1, OBSERVATION)),
        "actions": rng.uniform(-1, 1, (steps, ACTION)).astype(np.float32),
        "rewards": rng.standard_normal(steps),
        "terminations": np.zeros(steps, bool),
        "truncations": np.arange(1, steps + 1) == steps,
    }
    return EpisodeBuffer(id=index, **{**arrays, **changes})


def write(dataset_id: str, *episodes: EpisodeBuffer, **metadata: Any) -> Path:
    """Writes a dataset into Minari's folder; `metadata` goes on top of Minari's own."""
    observations = np.asarray(episodes[0].observations)
    actions = np.asarray(episodes[0].actions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = minari.create_dataset_from_buffers(
            dataset_id,
            list(episodes),
            observation_space=gym.spaces.Box(
                -np.inf, np.inf, observations.shape[1:], observations.dtype.type
            ),
            action_space=gym.spaces.Box(-9, 9, actions.shape[1:], np.float32),
        )
    file = Path(str(dataset.storage.data_path)) / "metadata.json"
    alter_metadata(file.parent.parent, **metadata)
    return file.parent.parent


def alter_metadata(folder: Path, **metadata: Any) -> None:
    """Changes what a dataset in a folder says of itself."""
    file = folder / "data" / "metadata.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **metadata}))


def change_a_number(folder: Path, episode: str = "episode_1") -> None:
    """Alters one action of a stored dataset."""
    with h5py.File(folder / "data" / "main_data.hdf5", "r+") as file:
        file[f"{episode}/actions"][3] += 0.01


def remote(folder: Path) -> type[CloudStorage]:
    """A remote whose datasets lie in a folder, as they do in Minari's own."""

    class FolderStorage(CloudStorage):
        def __init__(self, name: str, token: str | None = None) -> None:
            pass

        def list_datasets(self, prefix: str | None = None) -> Iterator[str]:
            for file in folder.rglob("metadata.json"):
                found = str(file.parent.parent.relative_to(folder))
                if found.startswith(prefix or ""):
                    yield found

        def get_dataset_metadata(self, dataset_id: str) -> dict[str, Any]:
            found: dict[str, Any] = json.loads(
                (folder / dataset_id / "data" / "metadata.json").read_text()
            )
            return found

        def download_dataset(self, dataset_id: str, path: Path) -> None:
            shutil.copytree(folder / dataset_id, path / dataset_id)

        def list_namespaces(self) -> list[str]:
            return ["D4RL", "D4RL/door"]

        def download_namespace_metadata(self, namespace: str, path: Path) -> None:
            (path / namespace).mkdir(parents=True, exist_ok=True)
            (path / namespace / "namespace_metadata.json").write_text("{}")

        def upload_dataset(self, dataset_id: str) -> None:
            raise AssertionError("nothing is to be uploaded")

        upload_namespace = upload_dataset

    return FolderStorage


@pytest.fixture
def remote_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Minari downloads from: a folder that a test fills."""
    folder = tmp_path / "remote"
    folder.mkdir()
    monkeypatch.setitem(remotes._registry, "folder", lambda: remote(folder))
    monkeypatch.setenv("MINARI_REMOTE", "folder://made-up")
    return folder


def publish(remote_folder: Path, *episodes: EpisodeBuffer, **metadata: Any) -> None:
    """Puts the door's dataset on the remote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINARI_DATASETS_PATH", str(remote_folder))
        write(DOOR, *(episodes or [door_episode(0), door_episode(1)]), **metadata)
