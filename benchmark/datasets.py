"""From a task to its data: found in Minari's folder, downloaded, or collected, and checked."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.environments import flatten, task_info
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Dataset, TaskInfo
from benchmark.tasks import Task
from benchmark.views import Episode, arrays_of

DATA_CHOICES = ("auto", "minari", "local")


@dataclass(frozen=True)
class DatasetState:
    """What is known of a task's data before anything is done about it.

    Attributes:
        id: of the Minari dataset that would be used.
        state: `cached`, `download`, `collect` or `missing`.
        detail: one line for people.
    """

    id: str
    state: str
    detail: str


@dataclass(frozen=True)
class LoadedDataset:
    """A task's arrays and where they came from.

    Attributes:
        dataset: the arrays.
        about: `id`, `source`, `hash`, `episodes`, `steps`.
    """

    dataset: Dataset
    about: dict[str, Any]


def dataset_state(task: Task, data: str) -> DatasetState:
    """Where a task's data would come from; looks, but changes nothing.

    Args:
        task: the task.
        data: `auto` (cache, then download, then recipe), `minari` (no recipe) or `local` (recipe
            only).
    """
    published, local = data != "local", data != "minari" and task.recipe is not None
    for dataset_id in [task.dataset] * published + [str(task.recipe)] * local:
        if _folder(dataset_id).exists():
            return DatasetState(dataset_id, "cached", f"in {_root()}")
    if published:
        detail = (
            f"to be downloaded, or else collected as {task.recipe}" if local else "to be downloaded"
        )
        return DatasetState(task.dataset, "download", detail)
    if local:
        return DatasetState(str(task.recipe), "collect", "to be collected on this machine")
    return DatasetState(task.dataset, "missing", "no local recipe; use --data auto or minari")


def prepare(task: Task, data: str, report: Callable[[str], None]) -> None:
    """Makes sure that a task's data lies in Minari's folder and can be read.

    Args:
        task: the task.
        data: see `dataset_state`.
        report: is told, in one line each, what takes time.

    Raises:
        DatasetError: if the data cannot be had.
        UserError: if the data is there but damaged, or does not fit the task.
    """
    found = dataset_state(task, data)
    if found.state == "missing":
        raise DatasetError(
            f"{task.name} has no local recipe", "use --data auto on a machine with network"
        )
    if found.state == "download":
        try:
            report(f"{task.name}: downloading {found.id}")
            _download(found.id)
        except DatasetError as error:
            if data == "minari" or task.recipe is None:
                raise
            report(f"{task.name}: {error.reason}; collecting {task.recipe} instead")
            _collect(task.recipe, report)
    if found.state == "collect":
        report(f"{task.name}: collecting {found.id}")
        _collect(found.id, report)
    loaded = load(task, data)
    check_fit(loaded.dataset, task_info(task), loaded.about["id"])


def load(task: Task, data: str) -> LoadedDataset:
    """Reads a task's data from Minari's folder and checks it.

    Raises:
        DatasetError: if it is not there; `prepare` would get it.
        UserError: if it is damaged.
    """
    found = dataset_state(task, data)
    if found.state != "cached":
        raise DatasetError(f"{found.id} is not in {_root()}", f"fetch it with --data {data} first")
    try:
        dataset = arrays_of(task, _episodes(found.id, task.observation_keys))
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise UserError(
            f"dataset {found.id} in {_folder(found.id)} is damaged ({_one_line(error)}); expected "
            "a whole Minari dataset; delete the folder, and it is downloaded or collected again"
        ) from error
    source = "local recipe" if found.id == task.recipe else "Minari"
    return LoadedDataset(
        dataset,
        {
            "id": found.id,
            "source": source,
            "hash": content_hash(dataset),
            "episodes": len(dataset.ends),
            "steps": len(dataset),
        },
    )


def check_fit(dataset: Dataset, info: TaskInfo, dataset_id: str) -> None:
    """Refuses data that does not fit its task.

    Raises:
        UserError: for values that are not finite, or sizes or actions other than the task's.
    """
    problem = None
    if dataset.observations.shape[1] != info.observation_size:
        problem = (
            f"observations of size {dataset.observations.shape[1]}, not {info.observation_size}"
        )
    elif dataset.actions.shape[1] != info.action_size:
        problem = f"actions of size {dataset.actions.shape[1]}, not {info.action_size}"
    elif not all(
        np.isfinite(a).all() for a in (dataset.observations, dataset.actions, dataset.rewards)
    ):
        problem = "values that are not finite"
    elif (dataset.actions < info.action_low - 1e-3).any() or (
        dataset.actions > info.action_high + 1e-3
    ).any():
        problem = "actions outside the action space"
    if problem:
        raise UserError(
            f"dataset {dataset_id} has {problem}, so it does not fit {info.name}; delete "
            f"{_folder(dataset_id)}, and it is downloaded or collected again"
        )


def content_hash(dataset: Dataset) -> str:
    """A fingerprint of what the agents saw: the start of the arrays' SHA-256."""
    digest = hashlib.sha256()
    for name in ("observations", "actions", "rewards", "terminals", "timeouts"):
        digest.update(np.ascontiguousarray(getattr(dataset, name)).data)
    return digest.hexdigest()[:16]


def _root() -> Path:
    default = Path.home() / ".minari" / "datasets"
    return Path(os.environ.get("MINARI_DATASETS_PATH", default))


def _folder(dataset_id: str) -> Path:
    return _root() / dataset_id


def _episodes(dataset_id: str, keys: tuple[str, ...]) -> Iterator[Episode]:
    import minari

    for each in minari.load_dataset(dataset_id).iterate_episodes():
        yield Episode(
            flatten(each.observations, keys),
            np.asarray(each.actions),
            np.asarray(each.rewards),
            bool(each.terminations[-1]),
        )


def _download(dataset_id: str) -> None:
    import minari

    try:
        with _whole_or_not_at_all(dataset_id):
            minari.download_dataset(dataset_id)
    except Exception as error:  # Minari's remotes raise whatever their client libraries raise.
        raise DatasetError(
            f"{dataset_id} cannot be downloaded ({_one_line(error)})",
            f"on a machine with network: minari download {dataset_id}; then copy the folder to "
            f"{_root()}",
        ) from error


def _collect(dataset_id: str, report: Callable[[str], None]) -> None:
    from benchmark.recipes import RECIPES, collect

    try:
        collect(RECIPES[dataset_id], _root(), _whole_or_not_at_all, report)
    except OSError as error:
        raise DatasetError(
            f"{dataset_id} cannot be written to {_root()} ({_one_line(error)})",
            "set MINARI_DATASETS_PATH to a folder that can be written",
        ) from error


@contextlib.contextmanager
def _whole_or_not_at_all(dataset_id: str) -> Iterator[None]:
    """Lets Minari write below a hidden folder and moves the finished dataset into place.

    Minari takes its folder from the environment, so that is where it is pointed for the while.
    """
    root, before = _root(), os.environ.get("MINARI_DATASETS_PATH")
    root.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=root))
    os.environ["MINARI_DATASETS_PATH"] = str(partial)
    try:
        yield
        (root / dataset_id).parent.mkdir(parents=True, exist_ok=True)
        _copy_namespaces(partial, root)
        (partial / dataset_id).replace(root / dataset_id)
    finally:
        if before is None:
            del os.environ["MINARI_DATASETS_PATH"]
        else:
            os.environ["MINARI_DATASETS_PATH"] = before
        shutil.rmtree(partial, ignore_errors=True)


def _copy_namespaces(source: Path, target: Path) -> None:
    """Minari lists only datasets whose parent folders hold a namespace file."""
    for file in source.rglob("namespace_metadata.json"):
        copy = target / file.relative_to(source)
        if not copy.exists():
            shutil.copyfile(file, copy)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:157]}..."
