"""What ended a trial; `tests/test_engine_faults.py` shows that it costs the others nothing."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import NodeDiedError, OutOfMemoryError, RayActorError, RayError, RayTaskError

from benchmark.running.ray_failures import OUT_OF_MEMORY, deaths_cost_one_trial, trial_error


def _trial(tmp_path: Path, error: Exception | None) -> Any:
    if error is None:
        return SimpleNamespace(pickled_error_file=None)
    file = tmp_path / "error"
    file.write_bytes(pickle.dumps(error))
    return SimpleNamespace(pickled_error_file=str(file))


def test_what_ended_a_trial_is_told_in_one_line(tmp_path: Path) -> None:
    raised = RayTaskError("fit", "Traceback: all of it", ValueError("two\n lines"))
    reason, trace = trial_error(_trial(tmp_path, raised))
    assert reason == "ValueError: two lines" and "Traceback: all of it" in trace
    died = trial_error(_trial(tmp_path, OSError("\nkilled by signal 9\nmore")))
    assert died == ("its process died: killed by signal 9", "\nkilled by signal 9\nmore")
    assert trial_error(_trial(tmp_path, OSError("")))[0] == "its process died: OSError"
    assert trial_error(_trial(tmp_path, None)) == ("Ray could not run it; see ray.log", "")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OutOfMemoryError("2 workers\nwere killed"), OUT_OF_MEMORY),
        (NodeDiedError("the node\nis gone"), "its process died: the node"),
        (RayActorError(error_msg="it died"), "its process died: it died"),
    ],
)
def test_a_death_of_any_kind_is_one_of_its_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: RayError, reason: str
) -> None:
    seen: list[Any] = []

    def note(manager: object, tracked_actor_task: object, exception: Exception) -> None:
        seen.append((tracked_actor_task, exception))

    monkeypatch.setattr(RayActorManager, "_actor_task_failed", note)
    fail: Any = RayActorManager._actor_task_failed
    with deaths_cost_one_trial():
        fail = RayActorManager._actor_task_failed
        fail(None, tracked_actor_task="task", exception=error)
    ((task, passed_on),) = seen
    assert task == "task" and isinstance(passed_on, RayActorError)
    assert trial_error(_trial(tmp_path, passed_on)) == (reason, str(error))
    assert RayActorManager._actor_task_failed is note, "and is put back"


def test_errors_of_trials_are_passed_on_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        RayActorManager, "_actor_task_failed", lambda manager, task, error: seen.append(error)
    )
    error = RayTaskError("fit", "trace", ValueError("x"))
    with deaths_cost_one_trial():
        fail: Any = RayActorManager._actor_task_failed
        fail(None, "task", error)
    assert seen == [error]
