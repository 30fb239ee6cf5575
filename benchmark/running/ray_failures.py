"""What ended a trial of Ray Tune, and that the death of one process is never the end of all."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError, RayTaskError

from benchmark.errors import with_type

OUT_OF_MEMORY = "killed: out of memory"
PROCESS_DIED = "its process died"


class _TrialDeathError(RayActorError):
    """A process of a trial is gone, for a reason that Ray does not count among an actor's."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error_msg=str(error))
        self.cause = error


@contextlib.contextmanager
def deaths_cost_one_trial() -> Iterator[None]:
    """Within the block, a process that Ray kills or loses ends its own trial, whatever the reason.

    Ray 2.60 knows two kinds of errors of a trial; at any other, such as a process that was killed
    because memory ran out, `Tuner.fit` ends with all its trials.
    """
    manager_class: Any = RayActorManager
    task_failed = manager_class._actor_task_failed

    def failed(manager: RayActorManager, tracked_actor_task: Any, exception: Exception) -> None:
        if not isinstance(exception, (RayActorError, RayTaskError)):
            exception = _TrialDeathError(exception)
        task_failed(manager, tracked_actor_task, exception)

    manager_class._actor_task_failed = failed
    try:
        yield
    finally:
        manager_class._actor_task_failed = task_failed


def trial_error(trial: Any) -> tuple[str, str]:
    """What ended a trial of Ray Tune, in one line, and all that is known of it."""
    if trial.pickled_error_file is None:
        return "Ray could not run it; see ray.log", ""
    # Ray's own way of reading it looks where it has not been copied to yet.
    error = pickle.loads(Path(trial.pickled_error_file).read_bytes())
    if isinstance(error, RayTaskError):
        return with_type(error.cause), str(error)
    if isinstance(error, _TrialDeathError) and isinstance(error.cause, OutOfMemoryError):
        return OUT_OF_MEMORY, str(error)
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{PROCESS_DIED}: {first_line}", str(error)
