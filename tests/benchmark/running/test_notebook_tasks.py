"""Tasks of a notebook go to Ray's processes by value."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace

import pytest
from ray import cloudpickle

from benchmark.errors import UserError
from benchmark.running.notebook_tasks import tasks_to_send
from benchmark.tasks import TASKS, find_task, register_task

NOTED = replace(
    TASKS["maze2d-umaze"], name="noted", relabel=lambda task, episode, rng: [episode, episode]
)


@pytest.fixture(autouse=True)
def _nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_registered", "_places"):
        monkeypatch.setattr(f"benchmark.tasks.task_registry.{name}", {})


def test_what_no_other_process_finds_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    register_task(NOTED)
    sent = cloudpickle.dumps(tasks_to_send(["noted", "maze2d-umaze", "noted"]))
    for name in ("_registered", "_places"):
        monkeypatch.setattr(f"benchmark.tasks.task_registry.{name}", {})
    for task in pickle.loads(sent):
        register_task(task)
    relabel = find_task("noted").relabel
    assert callable(relabel) and list(relabel(None, 3, None)) == [3, 3]


def test_what_cannot_be_sent_is_refused_with_the_way_out() -> None:
    lock = threading.Lock()
    register_task(replace(NOTED, success=lambda *step: lock.locked()))
    with pytest.raises(UserError, match="noted, which .* cannot be sent.*TypeError.*--workers 0"):
        tasks_to_send(["noted"])
