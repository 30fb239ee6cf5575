"""Which tasks exist, and how a run's task is found in any process."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.tasks import TASKS, find_task, known_tasks, register_task
from benchmark.tasks.task_registry import tasks_of_file

FILE = """
from benchmark import Task, register_task

for name in ("own-hill", "own-valley"):
    register_task(
        Task(
            name=name, benchmark="own", dataset="own/hill-v0", env_id="Pendulum-v1",
            max_steps=200, min_score=-1500.0, max_score=0.0,
        )
    )
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("_registered", "_places"):
        monkeypatch.setattr(f"benchmark.tasks.task_registry.{name}", {})
    path = tmp_path / "tasks.py"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_registers_tasks_that_are_found_again(file: Path) -> None:
    hill, valley = tasks_of_file(str(file))
    assert (hill.name, valley.name) == ("own-hill", "own-valley")
    assert hill.source == str(file) and hill.source_hash
    assert find_task("own-hill", hill.source, hill.source_hash) == hill
    assert tasks_of_file(str(file)) == [hill, valley]
    assert {"own-hill", "own-valley", *TASKS} <= set(known_tasks())


def test_a_changed_file_is_not_the_task_of_a_run(file: Path) -> None:
    hill, _ = tasks_of_file(str(file))
    file.write_text(FILE.replace("200", "300"), encoding="utf-8")
    assert tasks_of_file(str(file))[0].max_steps == 300
    with pytest.raises(UserError, match="tasks.py of the task own-hill has changed.*put it back"):
        find_task("own-hill", hill.source, hill.source_hash)


def test_what_is_no_file_of_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Python file .*gone.py; expected path/to/tasks.py:NAME"):
        tasks_of_file(str(tmp_path / "gone.py"))
    empty = tmp_path / "empty.py"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="empty.py registers no task; call benchmark.register_task"):
        tasks_of_file(str(empty))


def test_names_are_not_taken_twice(file: Path) -> None:
    hill, _ = tasks_of_file(str(file))
    with pytest.raises(UserError, match="'own-hill' in .* is taken by .*tasks.py; register it"):
        register_task(hill)
    with pytest.raises(UserError, match="'maze2d-umaze' in .* is taken by the table of tasks"):
        register_task(TASKS["maze2d-umaze"])
    with pytest.raises(UserError, match="unknown task 'own-hil'; did you mean 'own-hill'"):
        find_task("own-hil")
