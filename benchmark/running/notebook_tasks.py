"""Tasks that a notebook has registered: no other process finds them, so that Ray sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmark.errors import UserError, with_type
from benchmark.tasks import Task
from benchmark.tasks.task_registry import tasks_of_session


def tasks_to_send(names: Iterable[str]) -> list[Task]:
    """Those of some tasks that Ray has to send to its processes.

    Raises:
        UserError: for one that cannot be sent.
    """
    tasks = tasks_of_session(names)
    for task in tasks:
        from ray import cloudpickle  # Keeps Ray out of --help.

        dumps: Callable[[object], bytes] = cloudpickle.dumps  # Ray's own has no types.
        try:
            dumps(task)
        except Exception as error:  # What cannot be sent raises anything.
            raise UserError(
                f"the task {task.name}, which this process has registered, cannot be sent to "
                f"others ({with_type(error)}); write it to a file and ask for "
                f"path/to/tasks.py:{task.name}, or run with --workers 0"
            ) from error
    return tasks
