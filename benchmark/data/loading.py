"""From a dataset in Minari's folder to the arrays that agents learn from, checked on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmark.data.checks import (
    CONTENT_HASH,
    HASHED_INFOS,
    BadDataError,
    ContentHash,
    StoredEpisode,
    checked_observations,
)
from benchmark.data.minari_folder import minari_root
from benchmark.data.recorded_scores import recorded_scores
from benchmark.data.relabel import Episode, arrays_of, counts_of_done
from benchmark.data.remedies import bad_dataset
from benchmark.data.seals import keep_seal, seal_file, sealed_hash
from benchmark.data.sources import dataset_state, fetch, stored_id
from benchmark.data.spaces import check_spaces
from benchmark.data.stored import (
    about_stored,
    check_opens,
    check_spaces_readable,
    check_version,
    open_stored,
    read_metadata,
    reference_scores,
)
from benchmark.errors import DatasetError
from benchmark.interface import Dataset, TaskInfo
from benchmark.records.text import listed
from benchmark.tasks import TASKS, Task
from benchmark.tasks.action_bounds import clip_actions
from benchmark.tasks.published_sets import data_words

_EPISODES_AT_ONCE = 100
_NEEDS_NO_WORD = ("published", "collected here")


@dataclass(frozen=True)
class LoadedDataset:
    """A task's arrays and where they came from.

    Attributes:
        dataset: the arrays.
        metadata: `about_stored`, and of what agents see `hash`, `episodes` and `steps`; where
            there are any, `reference_scores` of its own, `recorded_scores` (see there), and
            `clipped_actions`, the share of steps whose action lay beyond its bounds.
    """

    dataset: Dataset
    metadata: dict[str, Any]


def prepare(task: Task, info: TaskInfo, data: str, report: Callable[[str], None]) -> LoadedDataset:
    """Gets a task's data into Minari's folder where it is not there yet, and loads it.

    The hash of its content is kept in a file of the benchmark's own, by which a later load sees
    whether it was altered since.

    Args:
        task: the task.
        info: sizes and bounds of the task.
        data: see `dataset_state`.
        report: gets, in one line each, what takes time, and what the data is where it is neither
            published nor collected here.

    Raises:
        DatasetError: if the data cannot be had.
        BadDatasetError: if the data is there, but cannot be used.
    """
    fetch(task, data, report)
    return load_fetched(task, info, data, report)


def load_fetched(
    task: Task, info: TaskInfo, data: str, report: Callable[[str], None]
) -> LoadedDataset:
    """What `prepare` does once the data is there; arguments and errors as there."""
    loaded = load(task, info, data, seal=True)
    if loaded.metadata["kind"] not in _NEEDS_NO_WORD:
        words = data_words(loaded.metadata, task.published_id)
        meant = _meant_for(task, loaded.metadata["id"])
        report(f"{task.name}: {loaded.metadata['id']} is used: {words}{meant}")
    return loaded


def _meant_for(task: Task, dataset_id: str) -> str:
    """A warning where a dataset is another task's, for people."""
    if dataset_id in (task.dataset, *task.recipes):
        return ""
    others = [one.name for one in TASKS.values() if dataset_id in (one.dataset, *one.recipes)]
    return f"; it was made for {listed(others)}, not for this task" if others else ""


def load(task: Task, info: TaskInfo, data: str, *, seal: bool = False) -> LoadedDataset:
    """Reads a task's data from Minari's folder and checks it.

    One recorded episode is in memory at a time, beside the arrays.

    Args:
        task: the task.
        info: sizes and bounds of the task.
        data: see `dataset_state`.
        seal: whether to keep the hash of a dataset that has none.

    Raises:
        DatasetError: if it is not there; `prepare` would get it.
        BadDatasetError: if it is damaged, altered, in use, or does not fit the task.
    """
    dataset_id = stored_id(task, data)
    if dataset_id is None:
        raise DatasetError(
            f"{dataset_state(task, data).id} is not in {minari_root()}",
            f"get it: python -m benchmark.datasets fetch {task.asked_as}",
        )
    with bad_dataset(task, dataset_id):
        return _read(dataset_id, task, info, seal, published_only=data == "minari")


def check_fits(task: Task, info: TaskInfo, dataset_id: str) -> None:
    """Makes sure, without reading its arrays, that a dataset has the form that a task wants.

    Raises:
        BadDatasetError: if it has not, or cannot be read.
    """
    with bad_dataset(task, dataset_id):
        metadata, _ = _described(task, dataset_id, published_only=False)
        stored = open_stored(dataset_id, metadata)
        check_spaces(stored.observation_space, stored.action_space, task, info)


def check_described(task: Task, dataset_id: str, data: str) -> None:
    """Makes sure, without reading its arrays, that a dataset may be used by what it says of itself.

    Args:
        task: that is to be learned from it.
        dataset_id: of a dataset in Minari's folder.
        data: see `dataset_state`.

    Raises:
        BadDatasetError: if it may not.
    """
    with bad_dataset(task, dataset_id):
        _described(task, dataset_id, published_only=data == "minari")
        check_opens(dataset_id)


def content_hash(dataset: Dataset) -> str:
    """A fingerprint of what the agents saw: the start of the arrays' SHA-256."""
    digest = hashlib.sha256()
    for field in fields(Dataset):
        digest.update(np.ascontiguousarray(getattr(dataset, field.name)).data)
    return digest.hexdigest()[:16]


def _described(
    task: Task, dataset_id: str, published_only: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A dataset's metadata as it is, and what `about_stored` makes of it, once it may be used."""
    metadata = read_metadata(dataset_id)
    check_version(metadata)
    about = about_stored(task, dataset_id, metadata)
    reference_scores(metadata)
    check_spaces_readable(metadata)
    if published_only and about["kind"] != "published":
        raise BadDataError(
            f"is not the published data ({data_words(about, dataset_id)})",
            f"--data minari takes nothing else; to use it as what it is: --data auto, or --dataset "
            f"{task.name}={dataset_id}",
        )
    return metadata, about


def _read(
    dataset_id: str, task: Task, info: TaskInfo, seal: bool, published_only: bool
) -> LoadedDataset:
    stored_metadata, metadata = _described(task, dataset_id, published_only)
    stored = open_stored(dataset_id, stored_metadata)
    check_spaces(stored.observation_space, stored.action_space, task, info)
    reader = _Reader(stored, metadata["recorded_steps"], task, info)
    dataset = arrays_of(task, reader, reader.total_steps)
    expected = stored_metadata.get(CONTENT_HASH) or sealed_hash(dataset_id)
    reader.check_whole(expected, _unsealing(dataset_id, stored_metadata))
    if dataset.observations.shape[1] != info.observation_size:
        raise BadDataError(
            f"has observations of size {dataset.observations.shape[1]}, not {info.observation_size}"
        )
    if seal and expected is None:
        keep_seal(dataset_id, reader.content.hexdigest())
    metadata |= {
        "hash": content_hash(dataset),
        "episodes": len(dataset.ends),
        "steps": len(dataset),
    }
    if (references := reference_scores(stored_metadata)) is not None:
        metadata["reference_scores"] = list(references)
    if (scores := recorded_scores(dataset, task.scored_by(references))) is not None:
        metadata["recorded_scores"] = scores
    if reader.clipped:
        metadata["clipped_actions"] = reader.clipped / reader.steps
    return LoadedDataset(dataset, metadata)


def _unsealing(dataset_id: str, metadata: Mapping[str, Any]) -> str | None:
    """The way out of a broken seal; None where the hash is the dataset's own."""
    if CONTENT_HASH in metadata:
        return None
    return f"put back what it was, or, if it was altered on purpose, delete {seal_file(dataset_id)}"


def _rewards_once(metadata: Mapping[str, Any]) -> bool:
    """Whether data of the Kitchen was recorded in an environment that rewards a sub-task once.

    That is what the environment does unless it is told otherwise, as it was for the published data.
    """
    try:
        kwargs = json.loads(metadata["env_spec"])["kwargs"]
    except (KeyError, TypeError, ValueError):
        return False  # It does not say.
    return bool(kwargs.get("remove_task_when_completed", True))


class _Reader:
    """Goes once through the episodes of a stored dataset, checks each and takes its hash.

    Attributes:
        total_steps: as the dataset says.
        content: hash of the episodes so far.
        steps: in them.
        clipped: steps among these whose action lay beyond its bounds.
    """

    def __init__(self, stored: Any, total_steps: int, task: Task, info: TaskInfo) -> None:
        if not stored.total_episodes:
            raise BadDataError("has no episodes")
        self.total_steps = total_steps
        self.content = ContentHash(stored.metadata.get(HASHED_INFOS, ()))
        self.steps = self.clipped = 0
        self._stored, self._task, self._info = stored, task, info
        self._rewards_once = task.relabel == "kitchen" and _rewards_once(stored.metadata)

    def __iter__(self) -> Iterator[Episode]:
        for index, episode in enumerate(self._stored_episodes()):
            self.content.add(episode)
            observations = checked_observations(index, episode, self._task, self._info)
            actions = np.asarray(episode.actions)
            # The environment did the same before it took them.
            inside, clipped = clip_actions(actions, self._info.action_low, self._info.action_high)
            self.steps += len(actions)
            if self.steps > self.total_steps:
                raise BadDataError(f"has more steps than the {self.total_steps} that it says")
            self.clipped += int(clipped.sum())
            rewards, infos = np.asarray(episode.rewards), getattr(episode, "infos", None)
            if self._rewards_once:
                rewards = counts_of_done(rewards, self._task)
            yield Episode(observations, inside, rewards, episode.terminations[-1], infos or {})

    def _stored_episodes(self) -> Iterator[StoredEpisode]:
        """A few per opening of the file, which keeps what was read until it is closed."""
        # Brings Gymnasium, which a command that answers at once does without.
        from minari import EpisodeData

        episodes = range(int(self._stored.total_episodes))
        for first in episodes[::_EPISODES_AT_ONCE]:
            chunk = self._stored.get_episodes(episodes[first : first + _EPISODES_AT_ONCE])
            yield from (EpisodeData(**arrays) for arrays in chunk)

    def check_whole(self, expected: Any, remedy: str | None) -> None:
        """Compares what was read with what the dataset, or its seal, says of it.

        Args:
            expected: the hash of its content; None for none.
            remedy: what to do where it is another.
        """
        if self.steps != self.total_steps:
            raise BadDataError(f"has {self.steps} steps, but says that it has {self.total_steps}")
        content = self.content.hexdigest()
        if expected is not None and content != expected:
            raise BadDataError(
                f"was altered: the hash of its content is {content[:16]}, not {str(expected)[:16]}",
                remedy,
            )
