"""From a dataset in Minari's folder to the arrays that agents learn from, checked on the way."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmark.data.checks import (
    CONTENT_HASH,
    BadDataError,
    ContentHash,
    StoredEpisode,
    check_episode,
    reference_scores,
)
from benchmark.data.minari_folder import folder_of, minari_root
from benchmark.data.relabel import Episode, arrays_of
from benchmark.data.sources import dataset_state, fetch
from benchmark.errors import DatasetError, UserError, one_line
from benchmark.interface import Dataset, TaskInfo
from benchmark.records.files import write_atomically
from benchmark.tasks import Task
from benchmark.tasks.action_bounds import clip_actions
from benchmark.tasks.task import flatten

_EPISODES_AT_ONCE = 100


@dataclass(frozen=True)
class LoadedDataset:
    """A task's arrays and where they came from.

    Attributes:
        dataset: the arrays.
        metadata: `id`, `source`, `hash`, `episodes`, `steps`; where there are any,
            `reference_scores` of its own, and `clipped_actions`, the share of steps whose action
            lay beyond its bounds.
    """

    dataset: Dataset
    metadata: dict[str, Any]


def prepare(task: Task, info: TaskInfo, data: str, report: Callable[[str], None]) -> LoadedDataset:
    """Gets a task's data into Minari's folder where it is not there yet, and loads it.

    A dataset that comes without a hash of its content is given one, by which a later load sees
    whether it was altered since.

    Args:
        task: the task.
        info: sizes and bounds of the task.
        data: see `dataset_state`.
        report: gets, in one line each, what takes time.

    Raises:
        DatasetError: if the data cannot be had.
        UserError: if the data is there but damaged, altered, or does not fit the task.
    """
    fetch(task, data, report)
    return load(task, info, data, seal=True)


def load(task: Task, info: TaskInfo, data: str, *, seal: bool = False) -> LoadedDataset:
    """Reads a task's data from Minari's folder and checks it.

    One recorded episode is in memory at a time, beside the arrays.

    Args:
        task: the task.
        info: sizes and bounds of the task.
        data: see `dataset_state`.
        seal: whether to write a hash to a dataset that has none.

    Raises:
        DatasetError: if it is not there; `prepare` would get it.
        UserError: if it is damaged, altered, or does not fit the task.
    """
    planned = dataset_state(task, data)
    if planned.state != "cached":
        raise DatasetError(
            f"{planned.id} is not in {minari_root()}",
            f"get it: python -m benchmark.datasets fetch {task.name}",
        )
    try:
        return _read(planned.id, task, info, seal)
    except BadDataError as error:
        problem = str(error)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        problem = f"is damaged ({one_line(error)})"
    raise UserError(
        f"dataset {planned.id}, for {task.name}, {problem}; delete {folder_of(planned.id)}, and it "
        "is downloaded or collected again"
    )


def content_hash(dataset: Dataset) -> str:
    """A fingerprint of what the agents saw: the start of the arrays' SHA-256."""
    digest = hashlib.sha256()
    for field in fields(Dataset):
        digest.update(np.ascontiguousarray(getattr(dataset, field.name)).data)
    return digest.hexdigest()[:16]


def _read(dataset_id: str, task: Task, info: TaskInfo, seal: bool) -> LoadedDataset:
    import minari  # Brings Gymnasium, which a command that answers at once does without.

    file = folder_of(dataset_id) / "data" / "metadata.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    _check_version(stored)
    scores = reference_scores(stored)
    reader = _Reader(minari.load_dataset(dataset_id), task, info)
    dataset = arrays_of(task, reader, reader.total_steps)
    reader.check_whole(stored)
    if dataset.observations.shape[1] != info.observation_size:
        raise BadDataError(
            f"has observations of size {dataset.observations.shape[1]}, not {info.observation_size}"
        )
    if seal and CONTENT_HASH not in stored:
        with contextlib.suppress(OSError):  # A protected folder stays as it is.
            stored[CONTENT_HASH] = reader.content.hexdigest()
            write_atomically(file, json.dumps(stored))
    metadata: dict[str, Any] = {
        "id": dataset_id,
        "source": "local recipe" if dataset_id == task.recipe else "Minari",
        "hash": content_hash(dataset),
        "episodes": len(dataset.ends),
        "steps": len(dataset),
    }
    if scores is not None:
        metadata["reference_scores"] = list(scores)
    if reader.clipped:
        metadata["clipped_actions"] = reader.clipped / reader.steps
    return LoadedDataset(dataset, metadata)


def _check_version(metadata: dict[str, Any]) -> None:
    import minari  # Brings Gymnasium, which a command that answers at once does without.

    version = metadata["minari_version"]
    if version not in minari.supported_dataset_versions:
        raise BadDataError(
            f"was written by Minari {version}, which the installed {minari.__version__} cannot "
            f"read; it reads {min(minari.supported_dataset_versions)} to "
            f"{max(minari.supported_dataset_versions)}"
        )


class _Reader:
    """Goes once through the episodes of a stored dataset, checks each and takes its hash.

    Attributes:
        total_steps: as the dataset says.
        content: hash of the episodes so far.
        steps: in them.
        clipped: steps among these whose action lay beyond its bounds.
    """

    def __init__(self, stored: Any, task: Task, info: TaskInfo) -> None:
        self.total_steps = int(stored.total_steps)
        self.content = ContentHash()
        self.steps = self.clipped = 0
        self._stored, self._task, self._info = stored, task, info

    def __iter__(self) -> Iterator[Episode]:
        for index, episode in enumerate(self._stored_episodes()):
            self.content.add(episode)
            observations = flatten(episode.observations, self._task.observation_keys)
            check_episode(index, episode, observations, self._task, self._info)
            actions = np.asarray(episode.actions)
            # The environment did the same before it took them.
            inside, clipped = clip_actions(actions, self._info.action_low, self._info.action_high)
            self.steps += len(actions)
            self.clipped += int(clipped.sum())
            yield Episode(
                observations, inside, np.asarray(episode.rewards), episode.terminations[-1]
            )

    def _stored_episodes(self) -> Iterator[StoredEpisode]:
        """A few per opening of the file, which keeps what was read until it is closed."""
        for first in range(0, self._stored.total_episodes, _EPISODES_AT_ONCE):
            indices = self._stored.episode_indices[first:][:_EPISODES_AT_ONCE]
            yield from self._stored.iterate_episodes(indices)

    def check_whole(self, metadata: Mapping[str, Any]) -> None:
        """Compares what was read with what the dataset says of itself."""
        if self.steps != self.total_steps:
            raise BadDataError(f"has {self.steps} steps, but says that it has {self.total_steps}")
        content = self.content.hexdigest()
        expected = metadata.get(CONTENT_HASH, content)
        if content != expected:
            raise BadDataError(
                f"was altered: the hash of its content is {content[:16]}, not {expected[:16]}"
            )
