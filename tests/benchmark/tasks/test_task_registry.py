"""Which tasks exist, and how a run's task is found in any process."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.tasks import TASKS, find_task, known_tasks, register_task
from benchmark.tasks.suites import select_tasks
from benchmark.tasks.task_registry import (
    benchmark_of,
    tasks_of_file,
    tasks_of_session,
    unusable_task_plug_ins,
)

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


@pytest.fixture(autouse=True)
def _nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, empty in (
        *(("_registered", {}), ("_places", {})),
        *(("_importable", set()), ("_plugged", [])),
    ):
        monkeypatch.setattr(f"benchmark.tasks.task_registry.{name}", empty)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.py"
    path.write_text(FILE, encoding="utf-8")
    return path


Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package with a module of tasks where Python looks for it."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def install(package: str, code: str) -> None:
        (folder / f"{package}_tasks.py").write_text(code, encoding="utf-8")
        info = folder / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[mage_bench.tasks]\n{package} = {package}_tasks\n")

    yield install
    for name in [name for name in sys.modules if name.endswith("_tasks")]:
        if not name.startswith(("benchmark", "tests")):
            del sys.modules[name]


def test_a_file_registers_tasks_that_are_found_again(file: Path) -> None:
    hill, valley = tasks_of_file(str(file))
    assert (hill.name, valley.name) == ("own-hill", "own-valley")
    assert hill.source == str(file) and hill.source_hash
    assert hill.asked_as == f"{file}:own-hill" and TASKS["maze2d-umaze"].asked_as == "maze2d-umaze"
    assert find_task("own-hill", hill.source, hill.source_hash) == hill
    assert tasks_of_file(str(file)) == [hill, valley]
    assert {"own-hill", "own-valley", *TASKS} <= set(known_tasks())
    assert tasks_of_session(["own-hill", "maze2d-umaze"]) == []


def test_a_file_may_hold_an_agent_too_and_be_imported_as_that_before(file: Path) -> None:
    from benchmark.agents.registry import find_agent

    methods = "\n".join(
        f"    def {verb}(self, *args): ..." for verb in ("fit", "reset", "act", "save", "load")
    )
    file.write_text(f"{FILE}\nclass Mine:\n{methods}\n", encoding="utf-8")
    assert find_agent(str(file)).name == "mine"
    assert [task.name for task in tasks_of_file(str(file))] == ["own-hill", "own-valley"]


def test_a_changed_file_is_not_the_task_of_a_run(file: Path) -> None:
    hill, _ = tasks_of_file(str(file))
    file.write_text(FILE.replace("200", "300"), encoding="utf-8")
    assert tasks_of_file(str(file))[0].max_steps == 300
    with pytest.raises(
        UserError, match="tasks.py, from which .* own-hill comes, has changed.*put it back"
    ):
        find_task("own-hill", hill.source, hill.source_hash)


def test_a_copy_of_a_file_has_the_same_tasks_and_two_files_do_not_share_a_name(file: Path) -> None:
    hill, _ = tasks_of_file(str(file))
    copy = file.with_name("copy.py")
    shutil.copy(file, copy)
    assert find_task("own-hill", str(copy), hill.source_hash).source == str(copy)
    with pytest.raises(UserError, match="two tasks are called 'own-hill', of .*tasks.py and .*co"):
        select_tasks(None, [str(file), f"{copy}:own-hill"])


def test_a_benchmark_of_registered_tasks_is_a_suite(file: Path) -> None:
    tasks = tasks_of_file(str(file))
    assert select_tasks("own", []) == tasks
    assert select_tasks("own", ["*-valley"]) == tasks[1:]
    with pytest.raises(UserError, match="unknown suite 'won'.*did you mean 'own'"):
        select_tasks("won", [])


def test_the_benchmark_is_known_where_the_file_is_gone(file: Path) -> None:
    tasks_of_file(str(file))
    file.unlink()
    assert benchmark_of("own-hill", str(file)) == "own"
    assert benchmark_of("kitchen-mixed", None) == "kitchen"


def test_what_is_no_file_of_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Python file .*gone.py; expected path/to/tasks.py:NAME"):
        tasks_of_file(str(tmp_path / "gone.py"))
    empty = tmp_path / "empty.py"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="empty.py registers no task; call benchmark.register_task"):
        tasks_of_file(str(empty))
    twice = tmp_path / "twice.py"
    twice.write_text(FILE.replace("own-valley", "own-hill"), encoding="utf-8")
    with pytest.raises(UserError, match="'own-hill' in .*twice.py is taken by another task of the"):
        tasks_of_file(str(twice))
    wrong = tmp_path / "wrong.py"
    wrong.write_text(FILE.replace("200", "'200'"), encoding="utf-8")
    with pytest.raises(UserError, match="task 'own-hill' has max_steps='200'; valid: a whole"):
        tasks_of_file(str(wrong))


def test_names_are_not_taken_twice(file: Path) -> None:
    own = replace(TASKS["maze2d-umaze"], name="own-hill", benchmark="own")
    with pytest.raises(UserError, match="'maze2d-umaze' in .* is taken by the table of tasks"):
        register_task(TASKS["maze2d-umaze"])
    register_task(own)
    assert register_task(replace(own, max_steps=7)).max_steps == 7, "a cell that runs again"
    assert [task.max_steps for task in tasks_of_session(["own-hill"])] == [7]
    with pytest.raises(UserError, match="'own-hill' in .*tasks.py is taken by .*test_task_registr"):
        tasks_of_file(str(file))
    with pytest.raises(UserError, match="unknown task 'own-hil'; did you mean 'own-hill'"):
        find_task("own-hil")


def test_packages_bring_tasks_and_a_broken_one_is_in_nobodys_way(install: Install) -> None:
    install("good", FILE)
    install("late", FILE.replace("own-valley", "late-valley"))
    install("torn", FILE.replace("own-", "torn-") + "\n1 / 0\n")
    names = set(known_tasks()) - set(TASKS)
    assert names == {"own-hill", "own-valley"}, "nothing of a module that fails stays"
    problems = {one.package: str(one.problem) for one in unusable_task_plug_ins()}
    assert set(problems) == {"late", "torn"}
    assert "task name 'own-hill' in" in problems["late"] and "good_tasks.py" in problems["late"]
    assert "tasks 'torn' cannot be imported from torn_tasks (ZeroDivisionError" in problems["torn"]
    assert tasks_of_session(names) == [], "any process finds them"
    assert select_tasks("own", ["own-hill"])[0].source is None
