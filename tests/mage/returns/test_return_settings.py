"""One table for all agents that are asked for a return."""

from __future__ import annotations

from dataclasses import fields

import pytest

from benchmark.agents.declared import rows_of_task
from benchmark.tasks import TASKS
from mage.returns.config import LabelConfig, ReturnConfig
from mage.returns.return_settings import LABEL_SETTINGS, RETURN_SETTINGS, return_settings_on
from mage.task_settings import TASK_SETTINGS


@pytest.mark.parametrize("task", TASKS)
def test_mage_and_every_other_agent_are_asked_for_the_same(task: str) -> None:
    shared = return_settings_on(task)
    ReturnConfig(**shared)
    rows = rows_of_task(TASK_SETTINGS, task, TASKS[task].benchmark, "quick")
    names = {field.name for field in fields(ReturnConfig)}
    mage = {name: row.values[name] for row in rows for name in row.values if name in names}
    assert mage == shared
    labels = rows_of_task(LABEL_SETTINGS, task, TASKS[task].benchmark, "quick")
    label_names = {field.name for field in fields(LabelConfig)}
    assert {name: row.values[name] for row in labels for name in row.values} == {
        name: value for name, value in shared.items() if name in label_names
    }


def test_what_is_said_of_some_tasks() -> None:
    # For all other tasks see what MAGE does, `tests/mage/test_task_settings.py`.
    assert return_settings_on("antmaze-umaze") == {
        **{"log_returns": True, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.5},
    }
    assert return_settings_on("hopper-medium") == {}


def test_every_row_is_of_some_task_and_says_where_it_comes_from() -> None:
    for row in RETURN_SETTINGS:
        assert row.source
        assert any(row in rows_of_task([row], task, "", "quick") for task in TASKS)
