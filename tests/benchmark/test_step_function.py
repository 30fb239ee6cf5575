"""What a step function takes and gives, by name."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.step_function import Exportable, StepFunction
from tests.benchmark.deployment.steps import Counter, Opaque


def test_names_follow_the_order_of_the_module() -> None:
    plain = StepFunction(torch.nn.Identity())
    assert plain.input_names == ("observation",)
    assert plain.output_names == ("action",)
    assert plain.initial_state(3) == []
    step = Counter().step_function()
    assert step.input_names == ("observation", "last_reward", "random", "total", "steps")
    assert step.output_names == ("action", "next_total", "next_steps")
    total, steps = step.initial_state(3)
    assert (total.shape, total.dtype, steps.shape, steps.dtype) == ((3, 1), "f4", (3,), "i8")


def test_an_agent_offers_it_or_not() -> None:
    assert isinstance(Counter(), Exportable)
    assert issubclass(Counter, Exportable)
    assert not issubclass(Opaque, Exportable)
    assert np.all(Counter().step_function().initial_state(2)[0] == 0)
