"""Which tasks exist: rows of the table, those that a user or a package registers, and of datasets.

A run names its task and, for a task of a user's file, its source: the file that registers it, or
the dataset that it is derived from. Any process finds it by these two, be it on another machine.
Installed packages bring tasks by entry points of the group `mage_bench.tasks`: each names a module
that registers them when it is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.plugins.entry_points import PlugIn, loaded, plug_ins
from benchmark.plugins.source_files import (
    file_being_imported,
    module_of,
    python_file,
    short_hash,
    source_hash,
)
from benchmark.tasks.table import TASKS
from benchmark.tasks.task import Task
from benchmark.tasks.task_fields import check_fields

ENTRY_POINT_GROUP = "mage_bench.tasks"

OF_DATASET = "minari:"
"""What a source starts with that is a dataset and no file."""
OWN_DATA = "own-data"
"""The benchmark of these tasks, which is their heading in reports."""
# By its name, since it lies in a room above.
_DERIVES, _TASKS = "benchmark.data.own_dataset", "tasks_of_datasets"

_registered: dict[str, Task] = {}
_places: dict[str, str] = {}  # Files of the calls that registered them.
_importable: set[str] = set()  # Names that another process finds, by a file or an entry point.
_plugged: list[PlugIn] = []  # The entry points that were loaded, with what is wrong with them.
_OF_FILE = "_mage_bench_tasks"  # Tasks by name, in the module of a user's file.
_NOTEBOOK = "a notebook"


def register_task(task: Task) -> Task:
    """Adds a task, which can then be asked for by its name.

    A cell of a notebook may run twice: the later task counts.

    Returns:
        The task.

    Raises:
        UserError: for a task that no run could use, and for a name that is taken by a task from
            elsewhere.
    """
    check_fields(task)
    place = str(sys._getframe(1).f_globals.get("__file__", _NOTEBOOK))
    file = file_being_imported()
    of_file: dict[str, Task] | None = None if file is None else vars(file).setdefault(_OF_FILE, {})
    if taken_by := _taken_by(task.name, place, of_file):
        raise UserError(
            f"task name {task.name!r} in {place} is taken by {taken_by}; register it under another "
            "name"
        )
    if file is not None and of_file is not None:
        path = Path(str(file.__file__))
        task = replace(task, source=str(path), source_hash=source_hash(path))
        of_file[task.name] = task
        _importable.add(task.name)
    _registered[task.name], _places[task.name] = task, place
    return task


def _taken_by(name: str, place: str, of_file: Mapping[str, Task] | None) -> str | None:
    """Whose a name is already; None if it may be taken.

    Args:
        name: of a task.
        place: the file of the call that registers it.
        of_file: what the user's file has registered so far; None for a package or a notebook.
    """
    if name in TASKS:
        return "the table of tasks"
    if of_file is not None and name in of_file:
        return "another task of the same file"
    # A user's file may be a copy of one that was imported before: results can be moved.
    is_copy = of_file is not None and name in _registered and _registered[name].source is not None
    return None if is_copy or _places.get(name, place) == place else _places[name]


def known_tasks() -> dict[str, Task]:
    """Every task that can be asked for by its name alone, by that name."""
    unusable_task_plug_ins()
    return {**TASKS, **_registered}


def unusable_task_plug_ins() -> list[PlugIn]:
    """The installed entry points that bring no task, and why; imports them, once in a process."""
    if not _plugged:
        listed = sorted(plug_ins(ENTRY_POINT_GROUP), key=lambda one: (one.package, one.name))
        _plugged.extend(map(_load, listed))
    return [plug_in for plug_in in _plugged if plug_in.problem is not None]


def _load(plug_in: PlugIn) -> PlugIn:
    if plug_in.point is None:
        return plug_in
    before, places = dict(_registered), dict(_places)
    try:
        loaded(plug_in.point, "tasks")
    except UserError as error:
        # Nothing of it stays.
        for now, then in ((_registered, before), (_places, places)):
            now.clear()
            now.update(then)  # type: ignore[arg-type]
        return replace(plug_in, point=None, problem=str(error))
    _importable.update(set(_registered) - set(before))
    return plug_in


def find_task(name: str, source: str | None = None, digest: str | None = None) -> Task:
    """The task of a run, in whatever process.

    Args:
        name: of the task.
        source: `Task.source` as the run was planned.
        digest: `Task.source_hash` then; None if it does not matter whether the file has changed.

    Raises:
        UserError: if there is none, or if where it comes from is no longer what it was.
        DatasetError: if its dataset cannot be used.
    """
    if source is not None:
        tasks = {task.name: task for task in tasks_of_source(source)}
        now = tasks[name].source_hash if name in tasks else None
        if digest is not None and now != digest:
            raise UserError(
                f"{source}, from which the task {name} comes, has changed since the run began (its "
                f"hash was {short_hash(digest)}, now {short_hash(now)}); put it back, or run it "
                "again"
            )
    else:
        tasks = TASKS if name in TASKS else known_tasks()
    if name not in tasks:
        raise unknown_name("task", name, tasks, listing=LISTING)
    return tasks[name]


def tasks_of_source(source: str) -> list[Task]:
    """The tasks of a file, or of `minari:` and the id of a dataset or a glob.

    Raises:
        UserError: if there are none.
        DatasetError: if a dataset cannot be used.
    """
    if not source.startswith(OF_DATASET):
        return tasks_of_file(source)
    tasks: list[Task] = getattr(import_module(_DERIVES), _TASKS)(source)
    return tasks


def tasks_of_file(path_text: str) -> list[Task]:
    """The tasks that a file registers when it is imported, itself or by what it imports.

    Raises:
        UserError: if there is no such file, if it cannot be imported, or if it registers none.
    """
    path = python_file(path_text, f"tasks of {path_text!r}", "path/to/tasks.py:NAME")
    of_file: dict[str, Task] = vars(module_of(path)).get(_OF_FILE, {})
    if not of_file:
        raise UserError(
            f"file {path} registers no task; call benchmark.register_task(Task(...)) in it"
        )
    return list(of_file.values())


def benchmark_of(name: str, source: str | None) -> str:
    """The benchmark of a run's task, also where its file is gone since it was planned.

    Raises:
        UserError: if this process has never known the task.
    """
    if source is not None and source.startswith(OF_DATASET):
        return OWN_DATA
    known = TASKS.get(name) or _registered.get(name)
    return (known or find_task(name, source)).benchmark


def tasks_of_session(names: Iterable[str]) -> list[Task]:
    """Those of some tasks that other processes do not find: a notebook has registered them."""
    known = {name: _registered[name] for name in names if name in _registered}
    return [task for name, task in known.items() if name not in _importable]
