"""From a task to its data: found in Minari's folder, downloaded, or collected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.data.download import download
from benchmark.data.minari_folder import atomic_dataset, folder_of, minari_root, not_writable
from benchmark.errors import DatasetError
from benchmark.tasks import Task

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


def dataset_state(task: Task, data: str) -> DatasetState:
    """Where a task's data would come from; looks, but changes nothing.

    Args:
        task: the task.
        data: `auto` (cache, then download, then recipe), `minari` (no recipe) or `local` (recipe
            only).
    """
    published, local = data != "local", data != "minari" and task.recipe is not None
    for dataset_id in [task.dataset] * published + [str(task.recipe)] * local:
        if folder_of(dataset_id).exists():
            return DatasetState(dataset_id, "cached", f"in {minari_root()}")
    if published:
        detail = (
            f"to be downloaded, or else collected as {task.recipe}" if local else "to be downloaded"
        )
        return DatasetState(task.dataset, "download", detail)
    if local:
        return DatasetState(str(task.recipe), "collect", "to be collected on this machine")
    return DatasetState(task.dataset, "missing", "no local recipe; use --data auto or minari")


def fetch(task: Task, data: str, report: Callable[[str], None]) -> None:
    """Makes sure that a task's data lies in Minari's folder; what is there is left alone.

    Args:
        task: the task.
        data: see `dataset_state`.
        report: gets, in one line each, what takes time.

    Raises:
        DatasetError: if the data cannot be had.
    """
    planned = dataset_state(task, data)
    if planned.state == "missing":
        raise DatasetError(
            f"{task.name} has no local recipe", "use --data auto on a machine with network"
        )
    if planned.state == "download":
        try:
            report(f"{task.name}: downloading {planned.id}")
            download(planned.id)
        except DatasetError as error:
            if data == "minari" or task.recipe is None:
                raise
            report(f"{task.name}: {error.reason}; collecting {task.recipe} instead")
            _collect(task.recipe, report)
    if planned.state == "collect":
        report(f"{task.name}: collecting {planned.id}")
        _collect(planned.id, report)


def _collect(dataset_id: str, report: Callable[[str], None]) -> None:
    # Keeps MuJoCo out of what only looks data up.
    from benchmark.data.recipes import RECIPES, collect

    try:
        collect(RECIPES[dataset_id], minari_root(), atomic_dataset, report)
    except OSError as error:
        raise not_writable(dataset_id, error) from error
