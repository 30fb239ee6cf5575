"""Whether data fits a task, told by its spaces."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from benchmark.data.checks import BadDataError
from benchmark.data.spaces import check_spaces
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info


def box(*shape: int) -> spaces.Box:
    return spaces.Box(-1, 1, shape, np.float32)


POINTS = spaces.Dict({"observation": box(4), "achieved_goal": box(2), "desired_goal": box(2)})


@pytest.mark.parametrize(
    ("name", "observations", "actions"),
    [
        ("adroit-door-expert", box(39), box(28)),
        ("maze2d-umaze", POINTS, box(2)),
        ("maze2d-umaze", box(4), box(2)),
        ("multi2d-umaze", POINTS, box(2)),
        ("multi2d-umaze", box(4), box(2)),  # Relabelling puts the goal in.
    ],
)
def test_data_that_fits(name: str, observations: Any, actions: Any) -> None:
    check_spaces(observations, actions, TASKS[name], task_info(TASKS[name]))


@pytest.mark.parametrize(
    ("name", "observations", "actions", "problem"),
    [
        (
            "adroit-door-expert",
            spaces.Dict({"state": box(39), "image": box(3, 8, 8), "note": spaces.Text(3)}),
            box(28),
            "its observations are a dict of image ((3, 8, 8)), note (Text), state (39), and the "
            "task wants a vector of 39",
        ),
        ("adroit-door-expert", box(38), box(28), "are a vector of 38, and the task wants a vector"),
        ("adroit-door-expert", box(64, 64), box(28), "are arrays of shape (64, 64), and the task"),
        ("adroit-door-expert", spaces.Discrete(4), box(28), "are of the space Discrete(4), and"),
        ("adroit-door-expert", box(39), box(27), "its actions are a vector of 27, and the task"),
        ("adroit-door-expert", box(39), spaces.Discrete(28), "its actions are of the space Discre"),
        ("adroit-door-expert", box(39), spaces.Tuple([box(28)]), "actions are of the space Tuple"),
        (
            "maze2d-umaze",
            spaces.Dict({"achieved_goal": box(4)}),
            box(2),
            "are a dict of achieved_goal (4), and the task wants a dict with observation (4), "
            "together a vector of 4",
        ),
        (
            "multi2d-umaze",
            spaces.Dict({"observation": box(2), "desired_goal": box(4)}),
            box(2),
            "are a dict of desired_goal (4), observation (2), and the task wants a dict with "
            "observation (4), desired_goal (2), together a vector of 6",
        ),
        ("maze2d-umaze", box(5), box(2), "are a vector of 5, and the task wants a dict with"),
        ("multi2d-umaze", box(5), box(2), "are a vector of 5, and the task wants a dict with"),
        ("maze2d-umaze", spaces.Dict({}), box(2), "are a dict of nothing, and the task"),
    ],
)
def test_data_of_another_form(name: str, observations: Any, actions: Any, problem: str) -> None:
    with pytest.raises(BadDataError, match=re.escape(problem)) as caught:
        check_spaces(observations, actions, TASKS[name], task_info(TASKS[name]))
    assert caught.value.remedy == f"choose a dataset of this form: --dataset {name}=ID"
