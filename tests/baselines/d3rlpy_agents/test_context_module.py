"""Decision Transformer as a function of its context, past the end of the context and of the task.

That it does what the agent does is tested for all agents in `tests/test_deployment.py`.
"""

from __future__ import annotations

import numpy as np
import torch

from baselines.d3rlpy_agents.context_module import TargetModule
from benchmark.agents.registry import find_agent
from benchmark.running.synthetic_task import Subject
from benchmark.step_function import Exportable


def test_the_target_loses_what_was_received() -> None:
    target = TargetModule(8.0, 4.0)
    left = torch.from_numpy(np.repeat(target.initial["return_to_go"], 2))
    asked, (left,) = target(torch.zeros(2, 4), torch.tensor([0.0, 2.0]), left)
    assert asked.dtype == torch.float32 and asked.tolist() == [[2.0], [1.5]]
    assert left.dtype == torch.float64 and left.tolist() == [8.0, 6.0]


def test_it_goes_on_after_the_last_step_of_the_task() -> None:
    subject = Subject(find_agent("dt"))
    agent = subject.fitted()
    assert isinstance(agent, Exportable)
    step = agent.step_function()
    state = [torch.from_numpy(value) for value in step.initial_state(2)]
    agent.reset(2)
    rewards = np.full(2, 0.25, np.float32)
    rng = np.random.default_rng(0)
    for _ in range(subject.task.max_steps + 3):
        seen = rng.standard_normal((2, 4)).astype(np.float32)
        with torch.no_grad():
            actions, *state = step.module(torch.from_numpy(seen), torch.from_numpy(rewards), *state)
        np.testing.assert_allclose(actions.numpy(), agent.act(seen, rewards), atol=1e-5)
