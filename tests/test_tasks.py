"""What the benchmark needs of a task, for a task of each benchmark, or for one of your own.

`pytest tests/test_tasks.py --task path/to/tasks.py:NAME` looks at yours, as `python -m
benchmark.check_task path/to/tasks.py:NAME` does.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.running.acting_checks import ConformanceCheck, NotApplicableError
from benchmark.running.task_checks import (
    EPISODES,
    TASK_CHECKS,
    TaskSubject,
    has_data_that_fits,
    has_rewards_that_fit,
    scores_a_random_policy_near_zero,
)
from benchmark.tasks import TASKS, Task
from benchmark.tasks.suites import select_tasks
from tests.conftest import REAL_DATASETS

# Of each benchmark the one whose environment is made the fastest; a kitchen takes too long.
OF_TABLE = ("adroit-pen-human", "antmaze-umaze", "maze2d-umaze", "multi2d-umaze", "hopper-medium")
# Their random policies play on to the end in a moment.
FAST = ("hopper-medium", "walker2d-medium")
# What is looked at by tests of its own: it needs whole episodes, or data.
_APART = (scores_a_random_policy_near_zero, has_data_that_fits, has_rewards_that_fit)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = metafunc.config.getoption("--task")
    if "subject" in metafunc.fixturenames:
        tasks = select_tasks(None, [own]) if own else [TASKS[name] for name in OF_TABLE]
        subjects = [
            TaskSubject(task) if own else TaskSubject(replace(task, max_steps=10), 2)
            for task in tasks
        ]
        checks = [one for one in TASK_CHECKS if own or one not in _APART]
        metafunc.parametrize("check", checks, ids=[one.look.__name__ for one in checks])
        metafunc.parametrize("subject", subjects, ids=[task.name for task in tasks], scope="module")


@pytest.fixture
def _own_data(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    if pytestconfig.getoption("--task") and REAL_DATASETS is not None:
        monkeypatch.setenv("MINARI_DATASETS_PATH", REAL_DATASETS)


@pytest.fixture
def _of_table(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--task"):
        pytest.skip("only the task of --task is looked at")


@pytest.mark.usefixtures("_own_data")
def test_it_keeps_what_the_benchmark_needs(
    subject: TaskSubject, check: ConformanceCheck[[TaskSubject]]
) -> None:
    try:
        check.look(subject)
    except NotApplicableError as reason:
        pytest.skip(str(reason))


@pytest.mark.usefixtures("_of_table")
@pytest.mark.parametrize("name", FAST)
def test_a_random_policy_scores_near_zero(name: str) -> None:
    scores_a_random_policy_near_zero.look(TaskSubject(TASKS[name], EPISODES // 2))


@pytest.mark.usefixtures("_of_table")
def test_collected_data_fits(small_umaze: Path) -> None:
    task: Task = replace(TASKS["maze2d-umaze"], max_steps=50)
    subject = TaskSubject(task, 3)
    has_data_that_fits.look(subject)
    has_rewards_that_fit.look(subject)
