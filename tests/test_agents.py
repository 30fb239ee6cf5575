"""The contract with the benchmark, for each agent in the registry, and more for its own agents.

`python -m benchmark.check_agent path/to/file.py` looks at the same checks of one of your own.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.agents.builtin import BUILTIN, LEARNING_AGENTS
from benchmark.agents.registry import agent_names, find_agent
from benchmark.resumable import takes_gradient_steps
from benchmark.running.acting_checks import ConformanceCheck, NotApplicableError
from benchmark.running.conformance import CHECKS
from benchmark.running.synthetic_task import Subject, play, saved_files
from benchmark.running.training_checks import has_a_loss_that_falls, losses_that_fall

# Losses that are smaller in the last quarter of a short training than in the first.
LOSSES = {
    "mage": {"reconstruction", "cross_entropy", "inverse"},
    "dt": {"loss"},
    "diffuser": {"denoising_loss", "value_loss"},
    "iql": {"q_loss", "v_loss"},
    "cql": {"critic_loss", "conservative_loss", "actor_loss"},
    "bc": {"loss"},
    "bc10": {"loss"},
    "rvs": {"return_loss", "action_loss"},
    "bc-filtered": {"return_loss", "action_loss"},
    "td3bc": {"critic_loss", "actor_loss", "bc_loss"},
    "awac": {"critic_loss", "actor_loss"},
    "rebrac": {"critic_loss", "actor_loss"},
    "dd": {"denoising_loss", "inverse_loss"},
    "hd": {"high_denoising_loss", "high_value_loss", "low_denoising_loss"},
    "dv": {"denoising_loss", "value_loss", "inverse_loss"},
    "tt": {"cross_entropy"},
    "carp": {"quantisation", "cross_entropy"},
    "adt": {"critic_loss"},
    "fql": {"flow_loss"},
    "idql": {"denoising_loss"},
    "gcbc": {"actor_loss"},
    "gcivl": {"actor_loss"},
    "gciql": {"critic_loss"},
    "hiql": {"low_actor_loss"},
}
# What they do at a step depends on how many there are: learning rates, or stages.
FOLLOW_THEIR_STEPS = {"mage", "iql", "tt", "carp", "adt", "rvs", "bc-filtered"}
UNTRAINED = {"random"}  # There is no weight.
ACTS_AS_RECORDED = ("diffuser", "dd", "hd", "dv", "tt", "carp", "mean")

# Of the benchmark's own agents it is known which losses fall.
REQUIRED = [
    (name, check)
    for name in agent_names()
    for check in CHECKS
    if name not in BUILTIN or check is not has_a_loss_that_falls
]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def subject(name: str) -> Subject:
    return Subject(find_agent(name))


@cache
def _trained(name: str) -> bytes:
    """One of the benchmark's own agents after training; that it can be copied has a test below."""
    return pickle.dumps(Subject(find_agent(name)).fitted())


class Trained(Subject):
    """For what only looks at a trained agent: it is trained once for all of that."""

    def fitted(self) -> Any:
        return pickle.loads(_trained(self.name))


_LOOKS_ONLY = ("inside_the_bounds", "forgets", "comes_back", "saves_no_code")


# How they train, stop and go on is code that they share with `diffuser` and `dv`.
_OF_DIFFUSION = ("hd", "dd")
_TRAINED_OFTEN = (
    *("early", "interruption", "starts_anew", "more_steps"),
    *("may_act", "one_kind_of_end"),
)


def _is_slow(name: str, check: ConformanceCheck) -> bool:
    often = any(words in check.look.__name__ for words in _TRAINED_OFTEN)
    return name in _OF_DIFFUSION and often


@pytest.mark.parametrize(
    ("name", "check"),
    [
        pytest.param(name, check, marks=[pytest.mark.slow] * _is_slow(name, check))
        for name, check in REQUIRED
    ],
    ids=[f"{name}-{check.look.__name__}" for name, check in REQUIRED],
)
def test_it_keeps_the_contract(subject: Subject, check: ConformanceCheck, tmp_path: Path) -> None:
    if subject.name in BUILTIN and any(words in check.look.__name__ for words in _LOOKS_ONLY):
        subject = Trained(find_agent(subject.name))
    try:
        check.look(subject, tmp_path)
    except NotApplicableError as reason:
        # The benchmark's own agents must do what is optional, as far as it makes sense.
        assert subject.name not in BUILTIN or not takes_gradient_steps(subject.agent())
        pytest.skip(str(reason))


@pytest.mark.parametrize("name", LEARNING_AGENTS)
def test_what_it_learns_by_falls(subject: Subject) -> None:
    falling = losses_that_fall(subject)
    assert subject.name in LOSSES, f"of {falling}, write those here that have to fall"
    assert falling >= LOSSES[subject.name]


@pytest.mark.parametrize("name", ACTS_AS_RECORDED)
def test_what_was_recorded_outside_the_bounds_it_does_not_do(subject: Subject) -> None:
    low, high = np.array([-0.1, 0.5], np.float32), np.array([0.1, 0.6], np.float32)
    narrow = replace(subject.task, action_low=low, action_high=high)
    agent = subject.fit(subject.agent(narrow), steps=1)
    actions = play(agent, narrow, n_envs=7)
    assert (actions >= low).all() and (actions <= high).all()
    assert ((actions == low) | (actions == high)).any()


@pytest.mark.parametrize("name", BUILTIN)
def test_it_tells_its_settings_and_its_size(subject: Subject) -> None:
    agent = Trained(find_agent(subject.name)).fitted()
    assert is_dataclass(agent.config)
    assert isinstance(agent.parameter_count, int)
    assert agent.parameter_count > 0 or subject.name in UNTRAINED


@pytest.mark.parametrize("name", BUILTIN)
def test_what_it_refuses_it_names(subject: Subject) -> None:
    with pytest.raises(ValueError, match=r"unknown setting 'wibble' for \w+; known: \w+"):
        subject.agent(values={"wibble": 1})
    with pytest.raises(ValueError, match=r"observation.*4.*3"):
        subject.fit(subject.agent(replace(subject.task, observation_size=3)))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in _OF_DIFFUSION))
        for name in sorted({*LEARNING_AGENTS} - FOLLOW_THEIR_STEPS)
    ],
)
def test_given_more_steps_it_is_as_if_it_had_them_at_once(subject: Subject, tmp_path: Path) -> None:
    states: list[Any] = []
    ended: Any = subject.agent()
    progress = lambda step, _: states.append(deepcopy(ended.training_state()))  # noqa: E731
    subject.fit(ended, steps=2, progress=progress)
    longer: Any = subject.agent()
    longer.resume(states[-1])
    subject.fit(longer, steps=4)
    at_once = subject.fit(subject.agent(), steps=4)
    is_same = saved_files(longer, tmp_path / "longer") == saved_files(at_once, tmp_path / "at_once")
    assert is_same, "if a rate or a stage depends on the steps: FOLLOW_THEIR_STEPS"


@pytest.mark.parametrize("name", BUILTIN)
def test_it_can_be_copied_while_it_acts(subject: Subject) -> None:
    agent: Any = subject.fitted()
    play(agent, subject.task)
    seen, rewards = np.full((3, 4), 0.5, np.float32), np.ones(3, np.float32)
    copies = [pickle.loads(pickle.dumps(agent)), copy.deepcopy(agent), agent]
    actions = [[one.act(seen, rewards) for _ in range(3)] for one in copies]
    np.testing.assert_array_equal(actions[0], actions[2])
    np.testing.assert_array_equal(actions[1], actions[2])


@pytest.mark.parametrize("name", BUILTIN)
def test_it_can_be_used_bare(subject: Subject) -> None:
    agent: Any = type(subject.agent())(subject.task, subject.settings())
    assert agent.fit(subject.dataset, steps=1) is agent
    seen = np.linspace(-1, 1, 4)
    one = agent.act(seen)
    assert one.shape == (2,) and one.dtype == np.float32
    agent.reset(1)
    np.testing.assert_array_equal(agent.act(seen[None], np.zeros(1)), one[None])
