"""Every built-in agent: its files are no pickles, and its function does what it does.

And the loop of `docs/deployment.md`, run as it is printed, which knows nothing of this project.
"""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import find_agent
from benchmark.deployment.exporting import exportable_names
from benchmark.deployment.observed_episodes import ObservedEpisodes, recorded_episodes
from benchmark.deployment.policy_check import compare
from benchmark.deployment.policy_file import open_policy, write_policy
from benchmark.deployment.policy_metadata import policy_metadata
from benchmark.interface import Agent
from benchmark.running.synthetic_task import Subject
from benchmark.step_function import Exportable
from mage.agent import MAGEAgent
from tests.commands import ROOT
from tests.mage.conftest import TINY

REFUSED = {"diffuser", "dd", "hd", "dv", "tt", "carp", "adt", "fql", "idql", "random", "mean"}
# Guided, drawn, and asking for what is left of what was asked for.
FULL = {**TINY, "temperature": 0.5, "guidance": 2.0, "persistence": 0.9, "log_returns": True}


def observed(subject: Subject, count: int = 60) -> ObservedEpisodes:
    return recorded_episodes(subject.dataset, count, "synthetic")


def eager(step: Any) -> Any:
    @torch.no_grad()
    def policy(inputs: Any) -> Any:
        outputs = step.module(*map(torch.from_numpy, inputs))
        return [each.numpy() for each in (outputs if isinstance(outputs, tuple) else (outputs,))]

    return policy


def open_as_what_it_is(path: Path) -> None:
    """Reads a file by its kind; there is none for pickles."""
    if path.suffix == ".safetensors":
        with safe_open(path, "np") as file:
            assert list(file.keys())
    else:
        assert path.suffix == ".json", path.name
        json.loads(path.read_text(encoding="utf-8"))
    assert not zipfile.is_zipfile(path)
    with pytest.raises((pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)):
        pickle.loads(path.read_bytes())


@pytest.mark.parametrize("name", [*BUILTIN, "dt.state", "mage.paper"])
def test_it_saves_no_pickle_and_its_function_does_what_it_does(name: str, tmp_path: Path) -> None:
    subject = Subject(find_agent(name))
    agent = subject.fitted()
    agent.save(tmp_path)
    files = list(tmp_path.rglob("*"))
    assert files
    for path in files:
        open_as_what_it_is(path)
    assert isinstance(agent, Exportable) == (name not in REFUSED)
    if isinstance(agent, Exportable):
        step = agent.step_function()
        assert compare(agent, step, eager(step), observed(subject)).largest < 1e-5


def test_those_that_can_are_named() -> None:
    assert exportable_names() == [name for name in BUILTIN if name not in REFUSED]


@pytest.fixture(scope="module")
def full_mage() -> Agent:
    return subject_of_mage().fit(MAGEAgent(subject_of_mage().task, FULL, "cpu"), steps=20)


def subject_of_mage() -> Subject:
    return Subject(find_agent("mage"))


@pytest.mark.parametrize("form", ["onnx", "torchscript"])
@pytest.mark.filterwarnings("ignore")
def test_a_file_of_mage_follows_it(form: str, full_mage: MAGEAgent, tmp_path: Path) -> None:
    if form == "onnx":
        pytest.importorskip("onnx", reason="needs the extra [export]")
        pytest.importorskip("onnxruntime", reason="needs the extra [export]")
    step, subject = full_mage.step_function(), subject_of_mage()
    assert step.input_names == ("observation", "last_reward", "random", "return_to_go")
    write_policy(step, tmp_path / "mage", form, 4, "{}")
    policy = open_policy(tmp_path / "mage", form)
    assert compare(full_mage, step, policy, observed(subject, 200)).passed


@pytest.mark.filterwarnings("ignore")
def test_the_loop_as_printed_does_what_the_agent_does(
    full_mage: MAGEAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx", reason="needs the extra [export]")
    pytest.importorskip("onnxruntime", reason="needs the extra [export]")
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    program, loop = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[:2]
    assert set(re.findall(r"^import (\w+)", program, re.M)) == {"json", "numpy", "onnxruntime"}
    assert len([line for line in program.splitlines() if line.strip()]) <= 22
    subject, step = subject_of_mage(), full_mage.step_function()
    metadata = policy_metadata(step, subject.task, "mage", 0)
    write_policy(step, tmp_path / "seed-0.onnx", "onnx", 4, metadata)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(program, names)
    episodes = observed(subject, 100)
    policy, n_envs = names["Policy"]("seed-0.onnx"), episodes.observations.shape[1]
    for _ in range(2):  # The second time after a reset.
        policy.reset(n_envs)
        full_mage.reset(n_envs)
        for observations, rewards in zip(episodes.observations, episodes.rewards, strict=True):
            expected = full_mage.act(observations, rewards)
            np.testing.assert_allclose(policy.act(observations, rewards), expected, atol=1e-4)
    assert "policy.act(" in loop
