"""Suites: tasks that go together, and how tasks are chosen by name."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.tasks import TASKS, Task

_BENCHMARKS = tuple(dict.fromkeys(task.benchmark for task in TASKS.values()))

SUITES: dict[str, tuple[str, ...]] = {
    **{name: tuple(t.name for t in TASKS.values() if t.benchmark == name) for name in _BENCHMARKS},
    "paper": tuple(task.name for task in TASKS.values() if task.benchmark != "locomotion"),
    "all": tuple(TASKS),
    "ablation": ("adroit-pen-expert", "adroit-door-cloned", "maze2d-medium"),
}


def select_tasks(suite: str | None, patterns: Sequence[str]) -> list[Task]:
    """The tasks of a suite, of names or globs such as `adroit-door-*`, or of both together.

    Args:
        suite: name of a suite; None for none.
        patterns: task names or globs; with a suite they narrow it down.

    Raises:
        UserError: for an unknown suite, for a pattern that matches nothing, for no task at all.
    """
    if suite is not None and suite not in SUITES:
        is_task = f"; it is a task: --tasks {suite}" if suite in TASKS else ""
        raise UserError(f"{unknown_name('suite', suite, SUITES)}{is_task}")
    if suite is None and not patterns:
        raise UserError(
            "no tasks asked for; name a suite (--suite maze2d) or tasks (--tasks maze2d-umaze)"
        )
    pool = SUITES[suite] if suite is not None else tuple(TASKS)
    if not patterns:
        return [TASKS[name] for name in pool]
    chosen: dict[str, Task] = {}
    for pattern in patterns:
        matches = fnmatch.filter(pool, pattern)
        if not matches:
            raise _unknown_task(suite, pattern, pool)
        chosen.update((name, TASKS[name]) for name in matches)
    return list(chosen.values())


def _unknown_task(suite: str | None, pattern: str, pool: Sequence[str]) -> UserError:
    kind = "task" if suite is None else f"task of the suite {suite}:"
    is_suite = f"; it is a suite: --suite {pattern}" if suite is None and pattern in SUITES else ""
    return UserError(f"{unknown_name(kind, pattern, pool, listing=LISTING)}{is_suite}")
