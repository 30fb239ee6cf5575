"""From a dataset in Minari's folder to the arrays that agents learn from, checked on the way."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from benchmark.datasets.checks import BadDataError, check_episode, reference_scores
from benchmark.datasets.content import CONTENT_HASH, ContentHash
from benchmark.datasets.folder import folder_of, root
from benchmark.datasets.sources import dataset_state, fetch
from benchmark.datasets.views import Episode, arrays_of
from benchmark.environments import flatten
from benchmark.errors import DatasetError, UserError, one_line
from benchmark.interface import Dataset, TaskInfo
from benchmark.record import write_atomically
from benchmark.tasks import Task


@dataclass(frozen=True)
class LoadedDataset:
    """A task's arrays and where they came from.

    Attributes:
        dataset: the arrays.
        about: `id`, `source`, `hash`, `episodes`, `steps`, and `reference_scores` where the
            dataset has its own.
    """

    dataset: Dataset
    about: dict[str, Any]


def prepare(task: Task, info: TaskInfo, data: str, report: Callable[[str], None]) -> LoadedDataset:
    """Gets a task's data into Minari's folder where it is not there yet, and loads it.

    A dataset that comes without a hash of its content is given one, by which a later load sees
    whether it was altered since.

    Args:
        task: the task.
        info: sizes and bounds of the task.
        data: see `dataset_state`.
        report: is told, in one line each, what takes time.

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
    found = dataset_state(task, data)
    if found.state != "cached":
        raise DatasetError(f"{found.id} is not in {root()}", f"fetch it with --data {data} first")
    try:
        return _read(found.id, task, info, seal)
    except BadDataError as error:
        problem = str(error)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        problem = f"is damaged ({one_line(error)})"
    raise UserError(
        f"dataset {found.id}, for {task.name}, {problem}; delete {folder_of(found.id)}, and it is "
        "downloaded or collected again"
    )


def content_hash(dataset: Dataset) -> str:
    """A fingerprint of what the agents saw: the start of the arrays' SHA-256."""
    digest = hashlib.sha256()
    for field in fields(Dataset):
        digest.update(np.ascontiguousarray(getattr(dataset, field.name)).data)
    return digest.hexdigest()[:16]


def _read(dataset_id: str, task: Task, info: TaskInfo, seal: bool) -> LoadedDataset:
    import minari

    file = folder_of(dataset_id) / "data" / "metadata.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    _check_version(metadata)
    scores = reference_scores(metadata)
    content = ContentHash()
    stored = minari.load_dataset(dataset_id)
    episodes = _episodes(stored, content, task, info)
    dataset = arrays_of(task, episodes, int(stored.total_steps))
    if dataset.observations.shape[1] != info.observation_size:
        raise BadDataError(
            f"has observations of size {dataset.observations.shape[1]}, not {info.observation_size}"
        )
    _check_content(metadata, content)
    if seal and CONTENT_HASH not in metadata:
        with contextlib.suppress(OSError):  # A protected folder stays as it is.
            metadata[CONTENT_HASH] = content.hexdigest()
            write_atomically(file, json.dumps(metadata))
    about: dict[str, Any] = {
        "id": dataset_id,
        "source": "local recipe" if dataset_id == task.recipe else "Minari",
        "hash": content_hash(dataset),
        "episodes": len(dataset.ends),
        "steps": len(dataset),
    }
    if scores is not None:
        about["reference_scores"] = list(scores)
    return LoadedDataset(dataset, about)


def _check_version(metadata: dict[str, Any]) -> None:
    import minari

    version = metadata["minari_version"]
    if version not in minari.supported_dataset_versions:
        raise BadDataError(
            f"was written by Minari {version}, which the installed {minari.__version__} cannot "
            f"read; it reads {min(minari.supported_dataset_versions)} to "
            f"{max(minari.supported_dataset_versions)}"
        )


def _episodes(stored: Any, content: ContentHash, task: Task, info: TaskInfo) -> Iterator[Episode]:
    steps = 0
    for index, each in enumerate(stored.iterate_episodes()):
        content.add(each)
        observations = flatten(each.observations, task.observation_keys)
        check_episode(index, each, observations, task, info)
        steps += len(each.actions)
        yield Episode(
            observations, np.asarray(each.actions), np.asarray(each.rewards), each.terminations[-1]
        )
    if steps != stored.total_steps:
        raise BadDataError(f"has {steps} steps, but says that it has {stored.total_steps}")


def _check_content(metadata: dict[str, Any], content: ContentHash) -> None:
    expected = metadata.get(CONTENT_HASH, content.hexdigest())
    if content.hexdigest() != expected:
        raise BadDataError(
            f"was altered: the hash of its content is {content.hexdigest()[:16]}, not "
            f"{expected[:16]}"
        )
