"""What a file says of itself."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmark.deployment.policy_metadata import input_forms, policy_metadata
from benchmark.interface import TaskInfo
from benchmark.step_function import StepFunction
from tests.benchmark.deployment.steps import Counter, CountingModule


def test_shapes_and_the_first_state_are_told(tiny_task: TaskInfo) -> None:
    values = json.loads(policy_metadata(Counter().step_function(), tiny_task, "counter", 3))
    floats = {"dtype": "float32"}
    assert values.pop("inputs") == [
        {"name": "observation", "shape": ["n", 4], **floats},
        {"name": "last_reward", "shape": ["n"], **floats},
        {"name": "random", "shape": ["n", 2, 3], **floats},
        {"name": "total", "shape": ["n", 1], **floats},
        {"name": "steps", "shape": ["n"], "dtype": "int64"},
    ]
    assert [one["name"] for one in values.pop("outputs")] == ["action", "next_total", "next_steps"]
    assert values == {
        **{"format": 1, "task": "tiny", "agent": "counter", "seed": 3},
        **{"state": {"total": [0.0], "steps": 0}},
        **{"action_low": [-1.0, -1.0], "action_high": [1.0, 1.0]},
    }
    assert list(input_forms(StepFunction(CountingModule()), tiny_task)) == ["observation"]


def test_what_json_does_not_know_is_refused(tiny_task: TaskInfo) -> None:
    step = StepFunction(CountingModule(), state={"left": np.array(np.inf)})
    with pytest.raises(ValueError, match="JSON"):
        policy_metadata(step, tiny_task, "counter", 0)
