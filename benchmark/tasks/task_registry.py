"""Which tasks exist: the rows of the table, and those that a user registers in a file of their own.

A run names its task and, for a task that is not in the table, its source: the file that registers
it. Any process finds it by these two, be it on another machine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace

from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.plugins.names import check_name
from benchmark.plugins.source_files import module_of, python_file, short_hash, source_hash
from benchmark.tasks.table import TASKS
from benchmark.tasks.task import Task

_registered: dict[str, Task] = {}
_places: dict[str, str] = {}  # Of the calls that registered them.
_of_files: dict[tuple[str, str], list[str]] = {}  # Names by the path and the hash of a file.
_calls: list[str] = []  # Names in the order of registering.


def register_task(task: Task) -> Task:
    """Adds a task, which can then be asked for by its name.

    A file may register a task of the same name again, as a cell of a notebook does that is run
    twice.

    Returns:
        The task.

    Raises:
        UserError: for a name that is malformed, or taken by a task from elsewhere.
    """
    check_name(task.name, "task", "choose another for Task(name=...)")
    place = str(sys._getframe(1).f_globals.get("__file__", "a notebook"))
    taken_by = "the table of tasks" if task.name in TASKS else _places.get(task.name, place)
    if taken_by != place:
        raise UserError(
            f"task name {task.name!r} in {place} is taken by {taken_by}; register it under another "
            "name"
        )
    _registered[task.name], _places[task.name] = task, place
    _calls.append(task.name)
    return task


def known_tasks() -> dict[str, Task]:
    """Every task that can be asked for by its name alone, by that name."""
    return {**TASKS, **_registered}


def tasks_of_session(names: Iterable[str]) -> list[Task]:
    """Those of these tasks that other processes do not know: they are registered in this alone."""
    return [_registered[name] for name in dict.fromkeys(names) if name in _registered]


def find_task(name: str, source: str | None = None, digest: str | None = None) -> Task:
    """The task of a run, in whatever process.

    Args:
        name: of the task.
        source: `Task.source` as the run was planned.
        digest: `Task.source_hash` then; None if it does not matter whether the file has changed.

    Raises:
        UserError: if there is none, or if its file is no longer what it was.
    """
    if source is not None:
        tasks = {task.name: task for task in tasks_of_file(source)}
        now = tasks[name].source_hash if name in tasks else None
        if digest is not None and now != digest:
            raise UserError(
                f"the file {source} of the task {name} has changed since the run began (its hash "
                f"was {short_hash(digest)}, now {short_hash(now)}); put it back, or run it again"
            )
    else:
        tasks = known_tasks()
    if name not in tasks:
        raise unknown_name("task", name, tasks, listing=LISTING)
    return tasks[name]


def tasks_of_file(path_text: str) -> list[Task]:
    """The tasks that a file registers when it is imported, itself or by what it imports.

    Raises:
        UserError: if there is no such file, if it cannot be imported, or if it registers none.
    """
    path = python_file(path_text, f"tasks of {path_text!r}", "path/to/tasks.py:NAME")
    version = str(path), source_hash(path)
    if version not in _of_files:
        before = len(_calls)
        module_of(path)
        _of_files[version] = list(dict.fromkeys(_calls[before:]))
    names = _of_files[version]
    if not names:
        raise UserError(
            f"file {path} registers no task; call benchmark.register_task(Task(...)) in it"
        )
    return [replace(_registered[name], source=str(path), source_hash=version[1]) for name in names]
