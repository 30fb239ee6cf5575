"""What is wrong with a task is told as it is registered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.data.relabel import RELABELLINGS, RELABELLINGS_OF_ALL
from benchmark.errors import UserError
from benchmark.interface import HindsightGoals
from benchmark.tasks import TASKS, Task
from benchmark.tasks.task_fields import RELABEL_NAMES, check_fields

TASK = Task("made-up", "none", "my/data-v0", "Env-v0", 100, min_score=-20.0, max_score=60.0)


def test_every_task_of_the_table_is_all_right() -> None:
    for task in TASKS.values():
        check_fields(task)


def test_names_of_relabellings_are_those_that_there_are() -> None:
    assert [*RELABELLINGS, *RELABELLINGS_OF_ALL] == list(RELABEL_NAMES)


def test_functions_have_their_place() -> None:
    check_fields(
        replace(
            TASK,
            env_id=object,
            relabel=lambda task, episode, rng: [episode],
            success=lambda observation, reward, terminated, info: terminated,
        )
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "My Task"}, "task name 'My Task' is malformed.*choose Task\\(name=...\\)"),
        ({"name": None}, "task name '' is malformed"),
        ({"benchmark": "a/b"}, "benchmark name 'a/b' is malformed.*of made-up"),
        ({"dataset": "door"}, "has dataset='door'; valid: the id of a Minari dataset"),
        ({"env_id": 3}, "has env_id=3; valid: an id of gymnasium's"),
        ({"env_kwargs": [1]}, "has env_kwargs=\\[1\\]; valid: a dict"),
        ({"max_steps": 0}, "has max_steps=0; valid: a whole number of steps, 1 or more"),
        ({"max_steps": True}, "has max_steps=True"),
        ({"max_steps": 30.0}, "has max_steps=30.0"),
        ({"min_score": float("nan")}, "has min_score=nan; valid: a finite number"),
        ({"min_score": 60.0}, "min_score=60.0 and max_score=60.0; valid: the return that scores 0"),
        ({"relabel": "palin"}, "unknown relabel of task 'made-up' 'palin'.*did you mean 'plain'"),
        (
            {"relabel": "hindsight", "hindsight": HindsightGoals((0,), (2,), 0.5)},
            "has relabel='hindsight', which needs position_columns; valid: Task\\(position_columns",
        ),
        ({"relabel": "maze2d"}, "relabel='maze2d', which needs goal_cell"),
        (
            {"relabel": "kitchen", "min_score": None, "max_score": None},
            "relabel='kitchen', which needs max_score",
        ),
        ({"observation_parts": {"arm": 0}}, "has observation_parts=.*valid: a dict of sizes"),
        ({"success": 1.0}, "has success=1.0; valid: a key of the environment's info, or a fun"),
        ({"success_return": "3"}, "has success_return='3'"),
        ({"tells_success": 1}, "has tells_success=1; valid: True or False"),
        ({"score_is_success": 1}, "has score_is_success=1; valid: True or False"),
        ({"score_is_success": True}, "score_is_success=True and reference returns; leave out one"),
        (
            {"score_is_success": True, "tells_success": False},
            "has score_is_success=True, and defines no success; valid: tells_success=True or",
        ),
        ({"discount": 1.5}, "has discount=1.5; valid: a number above 0, and 1 at the most"),
        ({"return_scale": 0}, "has return_scale=0; valid: a number above 0"),
        ({"target_return": "all"}, "has target_return='all'"),
        ({"hindsight": 0.5}, "has hindsight=0.5; valid: None, or a benchmark.interface.Hin"),
        ({"goal_columns": [1]}, "has goal_columns=\\[1\\]; valid: a tuple of columns"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_valid(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_fields(replace(TASK, **change))


def test_what_is_no_task_is_refused() -> None:
    with pytest.raises(UserError, match="'made-up' is no task; register_task takes"):
        check_fields("made-up")  # type: ignore[arg-type]
