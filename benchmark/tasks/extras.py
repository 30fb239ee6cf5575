"""Packages that only some tasks need, which are extras of this project."""

from __future__ import annotations

from importlib.util import find_spec

from benchmark.tasks.task import Task

# Module that registers environments -> the extra that installs it.
_EXTRAS = {"ogbench": "ogbench"}


def install_command(extra: str) -> str:
    """What installs an extra of this project, as README has it."""
    return f"pip install -c constraints.txt -e '.[{extra}]'"


def needed_extra(task: Task) -> str | None:
    """The extra without which a task's environment cannot be made; None if it needs none."""
    if not isinstance(task.env_id, str):
        return None
    return _EXTRAS.get(task.env_id.partition(":")[0])


def missing_extra(task: Task) -> tuple[str, str] | None:
    """What is missing for a task on this machine, and the way out; None if nothing is."""
    extra = needed_extra(task)
    if extra is None or find_spec(extra) is not None:
        return None
    return (
        f"{task.name} needs the package {extra}, which is not installed",
        install_command(extra),
    )
