"""What a task consists of: its data, its environment, and what agents are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark import data as datasets
from benchmark.data.choice import choose_datasets
from benchmark.errors import UserError, shown, unknown_name
from benchmark.interface import Dataset, TaskInfo
from benchmark.records.record import DATA_CHOICES
from benchmark.tasks import Task, environments, known_tasks
from benchmark.tasks.suites import select_tasks

TaskLike: TypeAlias = str | Task
"""A task by its name, or its row of the table of tasks."""


def load_dataset(
    task: TaskLike,
    *,
    data: str = "auto",
    dataset: str | None = None,
    small: bool = False,
    log: Callable[[str], None] = print,
) -> Dataset:
    """The recorded steps that agents learn a task from, as flat read-only arrays.

    Data that is not in Minari's folder is downloaded, or collected on this machine, first.

    Args:
        task: name or row of the table.
        data: `auto`; `minari`: published data only; `local`: collected here only.
        dataset: id of another dataset of Minari's folder that fits the task.
        small: whether the smaller dataset will do, for tasks that have one, as at `smoke` and
            `quick`; the other may take hours to collect.
        log: gets, in one line each, what takes time.

    Raises:
        UserError: for an unknown task, or a dataset that is not there or does not fit.
        DatasetError: if the data cannot be had, or is damaged.
    """
    row = one_task(task)
    source = data_source(row, data, dataset)
    if small:
        source = datasets.small_source(row, source)
    return datasets.prepare(row, environments.task_info(row), source, log).dataset


def make_env(
    task: TaskLike, render_mode: str | None = None
) -> gym.Env[NDArray[np.float32], NDArray[np.float32]]:
    """A new evaluation environment, with the flat observations (O,) that agents see.

    Args:
        task: name or row of the table.
        render_mode: gymnasium's name of what `render` returns; None if nothing is to be seen.

    Raises:
        UserError: for an unknown task.
    """
    return environments.make_environment(one_task(task), render_mode)


def task_info(task: TaskLike) -> TaskInfo:
    """What agents are told about a task, such as `IQL(task_info("maze2d-umaze"))`.

    Args:
        task: name or row of the table.

    Raises:
        UserError: for an unknown task.
    """
    return environments.task_info(one_task(task))


def chosen_tasks(tasks: TaskLike | Sequence[TaskLike], suite: str | None) -> list[Task]:
    """The rows of names and globs, as the command takes them, and of rows, each once.

    Raises:
        UserError: for an unknown name or suite, for no task at all, or a row of no known task.
    """
    if isinstance(tasks, str):
        tasks = [part.strip() for part in tasks.split(",") if part.strip()]
    given = [tasks] if isinstance(tasks, Task) else list(tasks)
    if not given:
        return select_tasks(suite, [])
    rows: dict[str, Task] = {}
    for one in given:
        if isinstance(one, Task):
            rows[one.name] = _known(one)
        elif isinstance(one, str):
            rows.update((row.name, row) for row in select_tasks(suite, [one]))
        else:
            raise UserError(f"task {shown(one)} is neither a name nor a Task")
    return list(rows.values())


def one_task(task: TaskLike) -> Task:
    """The row of one task.

    Raises:
        UserError: for none, or for a glob of several.
    """
    rows = chosen_tasks(task, None)
    if len(rows) != 1:
        names = ", ".join(row.name for row in rows)
        raise UserError(f"{task!r} names {len(rows)} tasks; valid: one of {names}")
    return rows[0]


def data_source(task: Task, data: str, dataset: str | None) -> str:
    """Where the data of a task comes from, as in `RunSpec`.

    Raises:
        UserError: for an unknown source, or a dataset that is not there or does not fit.
    """
    if data not in DATA_CHOICES:
        raise unknown_name("value of data", data, DATA_CHOICES)
    if dataset is None:
        return data
    return choose_datasets([task], [f"{task.name}={dataset}"], {})[task.name]


def _known(task: Task) -> Task:
    """A row, which runs look up by its name."""
    if task.source is None and known_tasks().get(task.name) != task:
        raise UserError(
            f"task {task.name!r} is not registered as it is given here; call "
            "benchmark.register_task(task) first, since runs look it up by its name"
        )
    return task
