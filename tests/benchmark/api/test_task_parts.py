"""The parts of a task, and how it is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark import DatasetError, UserError, load_dataset, make_env, task_info
from benchmark.api.task_parts import chosen_tasks
from benchmark.tasks import TASKS

UMAZE = TASKS["maze2d-umaze"]


def names(tasks: Any, suite: str | None = None) -> list[str]:
    return [task.name for task in chosen_tasks(tasks, suite)]


def test_tasks_are_named_as_the_command_names_them() -> None:
    assert names("maze2d-umaze, maze2d-large") == ["maze2d-umaze", "maze2d-large"]
    assert names(["*2d-umaze", "maze2d-umaze"]) == ["maze2d-umaze", "multi2d-umaze"]
    assert names(UMAZE) == names([UMAZE, "maze2d-umaze"]) == ["maze2d-umaze"]
    assert names((), "maze2d") == ["maze2d-umaze", "maze2d-medium", "maze2d-large"]
    assert names("*-large", "maze2d") == ["maze2d-large"]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ((), "no tasks asked for; name a suite"),
        ("maze2d", "unknown task 'maze2d'.*it is a suite"),
        ([3], "task 3 is neither a name nor a Task"),
        (replace(UMAZE, max_steps=3), r"'maze2d-umaze' is not registered.*register_task\(task\)"),
    ],
)
def test_what_is_no_task_is_refused(tasks: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        chosen_tasks(tasks, None)


def test_environment_data_and_facts_fit_together(small_umaze: Path) -> None:
    info, dataset = task_info("maze2d-umaze"), load_dataset(UMAZE, data="local")
    dataset.check_fits(info)
    env = make_env("maze2d-umaze")
    observation, _ = env.reset(seed=0)
    assert observation.shape == (info.observation_size,) and observation.dtype == np.float32
    env.close()


def test_the_data_may_be_another_dataset(small_umaze: Path) -> None:
    own = load_dataset("maze2d-umaze", dataset="mage/maze2d/umaze-v0")
    assert np.array_equal(own.actions, load_dataset("maze2d-umaze", data="local").actions)
    with pytest.raises(UserError, match="dataset 'my/maze-v0' for .* is not in"):
        load_dataset("maze2d-umaze", dataset="my/maze-v0")


def test_the_smaller_dataset_will_do(small_umaze: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        "benchmark.data.prepare",
        lambda task, info, source, log: asked.append(source) or SimpleNamespace(dataset=None),
    )
    for small in (False, True):
        load_dataset("ogbench-pointmaze-giant-stitch", data="local", small=small)
    assert asked == ["local", "mage/ogbench-small/pointmaze-giant-stitch-v0"]


def test_what_cannot_be_had_is_refused() -> None:
    with pytest.raises(UserError, match="unknown value of data 'here'; valid: auto, local, minari"):
        load_dataset("maze2d-umaze", data="here")
    with pytest.raises(UserError, match="'maze2d-.' names 3 tasks; valid: one of maze2d-umaze"):
        task_info("maze2d-*")
    with pytest.raises(DatasetError, match="adroit-pen-human|no local recipe"):
        load_dataset("adroit-door-expert", data="local")
