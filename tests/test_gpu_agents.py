"""The parts of the contract that a GPU could break, for each agent, on a GPU.

That a training with the same seed gives the same weights is promised on a processor alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.agents.registry import agent_names, find_agent
from benchmark.resumable import takes_gradient_steps
from benchmark.running.acting_checks import (
    AgentCheck,
    acts_inside_the_bounds,
    comes_back_from_its_folder,
    leaves_global_state_alone,
)
from benchmark.running.checkpoint import load_checkpoint, save_checkpoint
from benchmark.running.synthetic_task import STEPS, Subject, play

pytestmark = pytest.mark.gpu

CHECKS = (acts_inside_the_bounds, comes_back_from_its_folder, leaves_global_state_alone)


@pytest.fixture(params=agent_names())
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(find_agent(request.param), "cuda")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.look.__name__)
def test_it_keeps_the_contract(subject: Subject, check: AgentCheck, tmp_path: Path) -> None:
    check.look(subject, tmp_path)


def test_it_acts_with_weights_from_a_processor(subject: Subject, tmp_path: Path) -> None:
    Subject(find_agent(subject.name)).fitted().save(tmp_path)
    agent = subject.agent()
    agent.load(tmp_path)
    assert np.isfinite(play(agent, subject.task)).all()


def test_it_goes_on_from_a_checkpoint_of_a_processor(subject: Subject, tmp_path: Path) -> None:
    begun: Any = Subject(find_agent(subject.name)).agent()
    if not takes_gradient_steps(begun):
        pytest.skip("it takes no gradient steps")
    begun = Subject(find_agent(subject.name)).fit(begun, steps=2)
    save_checkpoint(tmp_path, begun.training_state(), {})
    agent: Any = subject.agent()
    checkpoint = load_checkpoint(tmp_path)
    assert checkpoint is not None
    agent.resume(checkpoint[0])
    steps: list[int] = []
    subject.fit(agent, progress=lambda step, _: steps.append(step))
    assert steps == list(range(3, STEPS + 1))
    assert np.isfinite(play(agent, subject.task)).all()
