"""What a policy file says of itself: enough for a program that knows nothing of this project.

As JSON under the name `mage-bench` in the file::

    format          1
    task, agent     their names
    seed            of the training
    inputs          a list of name, shape and dtype; "n" is the number of environments
    outputs         the same; `action` comes first
    state           name of an input -> its value for one environment at the start of an episode;
                    from then on it is the output `next_NAME`
    action_low, action_high
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from benchmark.interface import TaskInfo
from benchmark.step_function import LAST_REWARD, OBSERVATION, RANDOM, StepFunction

KEY = "mage-bench"


def policy_metadata(step: StepFunction, task: TaskInfo, agent: str, seed: int) -> str:
    """The JSON text for a file of an agent's step function.

    Args:
        step: of the agent.
        task: that it was trained for.
        agent: its name.
        seed: of its training.
    """
    inputs = input_forms(step, task)
    forms: dict[str, dict[str, Any]] = {"action": _form((task.action_size,), "float32")}
    forms |= {f"next_{name}": inputs[name] for name in step.state}
    values = {
        "format": 1,
        "task": task.name,
        "agent": agent,
        "seed": seed,
        "inputs": [{"name": name, **form} for name, form in inputs.items()],
        "outputs": [{"name": name, **form} for name, form in forms.items()],
        "state": {name: value.tolist() for name, value in step.state.items()},
        "action_low": task.action_low.tolist(),
        "action_high": task.action_high.tolist(),
    }
    return json.dumps(values, allow_nan=False)


def input_forms(step: StepFunction, task: TaskInfo) -> dict[str, dict[str, Any]]:
    """Shape and dtype of each input, by name, in the order of the function."""
    shapes = {OBSERVATION: (task.observation_size,), LAST_REWARD: (), RANDOM: step.random_shape}
    forms = {name: _form(shape or (), "float32") for name, shape in shapes.items()}
    forms |= {name: _form(value.shape, str(value.dtype)) for name, value in step.state.items()}
    return {name: forms[name] for name in step.input_names}


def _form(shape: tuple[int, ...], dtype: str) -> dict[str, Any]:
    return {"shape": ["n", *shape], "dtype": str(np.dtype(dtype))}
