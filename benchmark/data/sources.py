"""From a task to its data: found in Minari's folder, downloaded, or collected."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmark.data.download import download
from benchmark.data.minari_folder import (
    atomic_dataset,
    installed,
    is_there,
    minari_root,
    not_writable,
)
from benchmark.data.seals import remove_seal
from benchmark.data.stored import about_stored, read_metadata
from benchmark.errors import DatasetError
from benchmark.records.record import DATA_CHOICES
from benchmark.tasks import TASKS, Task
from benchmark.tasks.extras import missing_extra
from benchmark.tasks.published_sets import REBUILT, data_words


@dataclass(frozen=True)
class DatasetState:
    """What is known of a task's data before anything is done about it.

    Attributes:
        id: of the Minari dataset that would be used.
        state: `cached`, `download`, `collect` or `missing`.
        detail: one line for people.
        otherwise: id of the dataset that is taken if the download fails, if there is one.
    """

    id: str
    state: str
    detail: str
    otherwise: str | None = None


def dataset_state(task: Task, data: str) -> DatasetState:
    """Where a task's data would come from; looks, but changes nothing.

    Args:
        task: the task.
        data: `auto` (what was published or collected and is there, then download, then a
            re-creation that is there, then recipe), `minari` (published only), `local` (recipe or
            re-creation), or the id of a dataset in Minari's folder, whatever it is.
    """
    if data not in DATA_CHOICES:
        if is_there(data):
            return DatasetState(data, "cached", _stored_text(task, data))
        if data in task.recipes:
            return DatasetState(data, "collect", "to be collected on this machine")
        return DatasetState(data, "missing", f"not in {minari_root()}")
    present = list(filter(is_there, _before_download(task, data)))
    if present:
        return DatasetState(present[0], "cached", _stored_text(task, present[0]))
    rebuilt = None if data == "minari" else recreation(task)
    recipe = None if data == "minari" else task.recipe
    if data == "local":
        if rebuilt is not None:
            return DatasetState(rebuilt, "cached", _stored_text(task, rebuilt))
        if recipe is not None:
            return DatasetState(recipe, "collect", "to be collected on this machine")
        detail = f"no local recipe{_why_none(task)}; use --data auto or minari"
        return DatasetState(task.dataset, "missing", detail)
    detail = "to be downloaded"
    if rebuilt is not None:
        detail += f", or else {rebuilt}, {_stored_text(task, rebuilt)}"
    elif recipe is not None:
        detail += f", or else collected as {recipe}"
    elif task.recipe is None:
        detail += _why_none(task)
    return DatasetState(task.dataset, "download", detail, rebuilt or recipe)


def small_source(task: Task, data: str) -> str:
    """What `data` means where a smaller dataset will do: the id of the task's, if it has one.

    A choice that rules collected data out, or names a dataset, remains what it is.

    Args:
        task: the task.
        data: see `dataset_state`.
    """
    collects = data in DATA_CHOICES and data != "minari"
    return task.small_recipe if collects and task.small_recipe is not None else data


def stored_id(task: Task, data: str) -> str | None:
    """Which dataset of Minari's folder a task is learned from; None if it has none for it.

    Args:
        task: the task.
        data: see `dataset_state`.
    """
    planned = dataset_state(task, data)
    if planned.state == "cached":
        return planned.id
    # That of a download which failed.
    return planned.otherwise if planned.otherwise and is_there(planned.otherwise) else None


def recreation(task: Task) -> str | None:
    """The newest re-creation of a task's published data in Minari's folder.

    `D4RL/door/expert-v2` is re-created as `rebuilt/door/expert-v0` or another version.
    """
    path = re.sub(r"^[^/]+/|-v\d+$", "", task.dataset)
    pattern = re.compile(re.escape(f"{REBUILT}/{path}-v") + r"(\d+)")
    versions = [match for match in map(pattern.fullmatch, installed()) if match]
    return max(versions, key=lambda match: int(match[1]))[0] if versions else None


def fetch(task: Task, data: str, report: Callable[[str], None]) -> None:
    """Makes sure that a task's data lies in Minari's folder; what is there is left alone.

    Args:
        task: the task.
        data: see `dataset_state`.
        report: gets, in one line each, what takes time.

    Raises:
        DatasetError: if the data cannot be had.
    """
    if (missing := missing_extra(task)) is not None:
        raise DatasetError(*missing)
    planned = dataset_state(task, data)
    if planned.state == "missing":
        raise _missing(task, data)
    if planned.state == "download":
        try:
            report(f"{task.name}: downloading {planned.id}")
            download(planned.id)
            remove_seal(planned.id)
        except DatasetError as error:
            if planned.otherwise is None:
                raise
            there = is_there(planned.otherwise)
            verb = "taking" if there else "collecting"
            report(f"{task.name}: {error.reason}; {verb} {planned.otherwise} instead")
            if not there:
                _collect(planned.otherwise, report)
    if planned.state == "collect":
        report(f"{task.name}: collecting {planned.id}")
        _collect(planned.id, report)


def _why_none(task: Task) -> str:
    """Why a task of the table has no recipe."""
    return ", since people or trained experts recorded it" if task.name in TASKS else ""


def _before_download(task: Task, data: str) -> list[str]:
    """What is taken, if it is there, before anything is downloaded."""
    recipe = [task.recipe] if data != "minari" and task.recipe is not None else []
    # What a user's task is learned from is the user's own, and nothing published.
    only_recipe = data == "local" and task.name in TASKS
    return recipe if only_recipe else [task.dataset, *recipe]


def _stored_text(task: Task, dataset_id: str) -> str:
    """Where a dataset lies, and what it is where it is not the published one."""
    place = f"in {minari_root()}"
    try:
        about = about_stored(task, dataset_id, read_metadata(dataset_id))
    except Exception:  # Files of others; whoever loads this one says what is wrong.
        return place
    return (
        place
        if about["kind"] == "published"
        else f"{place}: {data_words(about, task.published_id)}"
    )


def _missing(task: Task, data: str) -> DatasetError:
    if data in DATA_CHOICES:
        return DatasetError(
            f"{task.name} has no local recipe{_why_none(task)}",
            "use --data auto on a machine with network",
        )
    return DatasetError(
        f"dataset {data} is not in {minari_root()}", "put it there, or choose another --dataset"
    )


def _collect(dataset_id: str, report: Callable[[str], None]) -> None:
    # Keeps MuJoCo out of what only looks data up.
    from benchmark.data.recipes import RECIPES, collect

    if dataset_id not in RECIPES:
        raise DatasetError(
            f"there is no recipe for {dataset_id}",
            f"valid for Task(recipe=...): {', '.join(RECIPES)}; leave it out for other data",
        )
    try:
        collect(RECIPES[dataset_id], minari_root(), atomic_dataset, report)
    except OSError as error:
        raise not_writable(dataset_id, error) from error
