"""Tasks that need a package which not everybody has."""

from __future__ import annotations

import importlib.util

import pytest

from benchmark.data.sources import fetch
from benchmark.errors import DatasetError, UserError
from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment, task_info
from benchmark.tasks.extras import missing_extra, needed_extra

MAZE, UMAZE = TASKS["ogbench-pointmaze-medium-navigate"], TASKS["maze2d-umaze"]
INSTALL = "pip install -c constraints.txt -e '.[ogbench]'"


@pytest.fixture
def _without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "benchmark.tasks.extras.find_spec",
        lambda name: None if name == "ogbench" else find(name),
    )


def test_only_tasks_of_ogbench_need_it() -> None:
    needing = {name for name, task in TASKS.items() if needed_extra(task) == "ogbench"}
    assert needing == {name for name in TASKS if name.startswith("ogbench-")}
    assert needed_extra(UMAZE) is None


@pytest.mark.usefixtures("_without_package")
def test_without_it_there_is_neither_an_environment_nor_data_and_why_is_told() -> None:
    message = f"{MAZE.name} needs the package ogbench, which is not installed"
    assert missing_extra(MAZE) == (message, INSTALL)
    assert missing_extra(UMAZE) is None
    with pytest.raises(UserError) as refusal:
        make_environment(MAZE)
    assert str(refusal.value) == f"{message}; {INSTALL}"
    with pytest.raises(DatasetError) as missing:
        fetch(MAZE, "local", print)
    assert (missing.value.reason, missing.value.remedy) == (message, INSTALL)


@pytest.mark.usefixtures("_without_package")
def test_what_agents_are_told_needs_no_package() -> None:
    info = task_info(TASKS["ogbench-puzzle-4x4-play-task4"])
    assert (info.observation_size, info.action_size) == (83, 5)
