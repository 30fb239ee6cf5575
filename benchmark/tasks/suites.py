"""Suites: tasks that go together, and how tasks are chosen by name."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.tasks import TASKS, Task, known_tasks
from benchmark.tasks.ogbench import DEFAULT_TASKS, OGBENCH_ARM, OGBENCH_MAZE
from benchmark.tasks.task_registry import OF_DATASET, tasks_of_source

_BENCHMARKS = tuple(dict.fromkeys(task.benchmark for task in TASKS.values()))
_OGBENCH = (OGBENCH_MAZE, OGBENCH_ARM)
_NOT_OF_THE_PAPER = ("locomotion", *_OGBENCH)

SUITES: dict[str, tuple[str, ...]] = {
    **{name: tuple(t.name for t in TASKS.values() if t.benchmark == name) for name in _BENCHMARKS},
    "ogbench": tuple(t.name for t in TASKS.values() if t.benchmark in _OGBENCH),
    "ogbench-arm-default": DEFAULT_TASKS,
    "paper": tuple(t.name for t in TASKS.values() if t.benchmark not in _NOT_OF_THE_PAPER),
    "all": tuple(TASKS),
    "ablation": ("adroit-pen-expert", "adroit-door-cloned", "maze2d-medium"),
}


def known_suites() -> dict[str, tuple[str, ...]]:
    """The suites, and the benchmarks of registered tasks, which are called like no suite."""
    suites = dict(SUITES)
    for task in known_tasks().values():
        if task.benchmark not in SUITES:
            suites[task.benchmark] = (*suites.get(task.benchmark, ()), task.name)
    return suites


def select_tasks(suite: str | None, patterns: Sequence[str]) -> list[Task]:
    """The tasks of a suite, of names or globs such as `adroit-door-*`, or of both together.

    Args:
        suite: name of a suite; None for none.
        patterns: task names or globs; with a suite they narrow it down. `path/to/tasks.py:GLOB`
            is for tasks that a file registers, and the file alone for all of these;
            `minari:my/dataset-v0`, or a glob, for the tasks of datasets.

    Raises:
        UserError: for an unknown suite, for a pattern that matches nothing, for no task at all, for
            a file that cannot be imported, and for two tasks of one name.
        DatasetError: for a dataset that cannot be used.
    """
    known = known_tasks()
    suites = SUITES if suite in SUITES else known_suites()
    if suite is not None and suite not in suites:
        is_task = f"; it is a task: --tasks {suite}" if suite in known else ""
        raise UserError(f"{unknown_name('suite', suite, suites)}{is_task}")
    if suite is None and not patterns:
        raise UserError(
            "no tasks asked for; name a suite (--suite maze2d) or tasks (--tasks maze2d-umaze)"
        )
    pool = {name: known[name] for name in (known if suite is None else suites[suite])}
    if not patterns:
        return list(pool.values())
    chosen: dict[str, Task] = {}
    for pattern in patterns:
        if pattern.startswith(OF_DATASET) or re.search(r"\.py(:[^/]*)?$", pattern):
            _add(chosen, _of_source(pattern, suite))
            continue
        matches = fnmatch.filter(pool, pattern)
        if not matches:
            raise _unknown_task(suite, pattern, list(pool))
        _add(chosen, [pool[name] for name in matches])
    return list(chosen.values())


def _add(chosen: dict[str, Task], tasks: Sequence[Task]) -> None:
    """Adds tasks; one that is named twice counts once.

    Raises:
        UserError: for two of one name from two places.
    """
    for task in tasks:
        there = chosen.setdefault(task.name, TASKS.get(task.name, task))
        if there.source != task.source:
            one, other = (of.source or "the table of tasks" for of in (there, task))
            raise UserError(
                f"two tasks are called {task.name!r}, of {one} and {other}; give one another "
                "name, or leave one out: results are filed by it"
            )


def _of_source(pattern: str, suite: str | None) -> list[Task]:
    """The tasks of `path/to/tasks.py:GLOB` or `minari:GLOB`."""
    if suite is not None:
        raise UserError(
            f"--tasks {pattern} brings tasks of its own, none of which is of the suite {suite}; "
            "leave out --suite, or these"
        )
    if pattern.startswith(OF_DATASET):
        return tasks_of_source(pattern)
    path, _, name = pattern.rpartition(":") if not pattern.endswith(".py") else (pattern, "", "*")
    tasks = {task.name: task for task in tasks_of_source(path)}
    matches = fnmatch.filter(tasks, name)
    if not matches:
        raise unknown_name(f"task of {path}:", name, tasks)
    return [tasks[name] for name in matches]


def _unknown_task(suite: str | None, pattern: str, pool: Sequence[str]) -> UserError:
    kind = "task" if suite is None else f"task of the suite {suite}:"
    is_suite = f"; it is a suite: --suite {pattern}" if suite is None and pattern in SUITES else ""
    return UserError(f"{unknown_name(kind, pattern, pool, listing=LISTING)}{is_suite}")
