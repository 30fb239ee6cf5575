"""From a run's folder to a file that was checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.agents import registry
from benchmark.agents.saved import save_agent
from benchmark.deployment import exporting
from benchmark.deployment.exporting import export_agent
from benchmark.deployment.policy_file import read_metadata
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Dataset
from benchmark.records.record import RunSpec
from benchmark.running.synthetic_task import random_episodes
from benchmark.step_function import StepFunction
from tests.benchmark.deployment.steps import Counter, Opaque

RUN = RunSpec("maze2d-umaze", "counter", 3, "smoke", 12, 4)


def run_of(agent: type[Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = type(agent.__name__, (agent,), {"__init__": lambda self, *given: None})
    monkeypatch.setattr(registry, "_registered", {"counter": made})
    monkeypatch.setattr(made, "error", 0.0, raising=False)
    save_agent(made(), RUN, folder / "seed-3")
    return folder / "seed-3"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    class Loaded:
        dataset: Dataset = random_episodes()
        metadata = {"id": "made/up-v0"}  # noqa: RUF012

    monkeypatch.setattr(exporting, "load", lambda task, info, data: Loaded)
    return run_of(Counter, tmp_path, monkeypatch)


def test_a_file_that_passes_lies_where_it_was_asked_for(run: Path) -> None:
    out = run.with_suffix(".pt")
    policy = export_agent(run, out, "torchscript", count=50)
    assert (policy.path, policy.source, policy.comparison.largest) == (out, "made/up-v0", 0)
    assert policy.inputs.startswith("observation (n, 4), last_reward (n), random (n, 2, 3), total")
    assert policy.comparison.observations >= 50
    values = read_metadata(out, "torchscript")
    assert (values["task"], values["agent"], values["seed"]) == ("maze2d-umaze", "counter", 3)
    assert sorted(path.name for path in run.parent.iterdir()) == ["seed-3", "seed-3.pt"]


def test_one_that_does_not_is_kept_under_another_name(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run.with_suffix(".pt")
    out.write_text("of before")
    monkeypatch.setattr(registry._registered["counter"], "error", 0.1)
    policy = export_agent(run, out, "torchscript", count=50)
    assert not policy.comparison.passed
    assert policy.path == run.parent / "seed-3.unchecked.pt" and policy.path.exists()
    assert out.read_text() == "of before"


def test_without_its_data_the_agent_plays(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def missing(task: Any, info: Any, data: str) -> Any:
        asked.append(data)
        raise DatasetError("it is not there", "get it")

    monkeypatch.setattr(exporting, "load", missing)
    assert export_agent(run, run.with_suffix(".pt"), "torchscript", 10).source.endswith("the agent")
    assert asked == ["auto"]


class Faulty(torch.nn.Module):
    """Gives three actions, whatever it is given."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.zeros(3, 7)


@pytest.mark.parametrize("state", [{"count": np.full((1,), np.nan)}, {}])
def test_a_faulty_function_is_one_message(
    run: Path, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]
) -> None:
    step = StepFunction(Faulty(), state=state)
    monkeypatch.setattr(Counter, "step_function", lambda self: step)
    with pytest.raises(
        UserError, match=r"counter in .* cannot be exported to torchscript \(.*Error"
    ):
        export_agent(run, run.with_suffix(".pt"), "torchscript", 10)


def test_settings_that_make_no_one_function_are_refused_with_the_agents_reason(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step_function(self: Counter) -> StepFunction:
        raise ValueError("it keeps a plan; train it without")

    monkeypatch.setattr(Counter, "step_function", step_function)
    with pytest.raises(UserError, match="counter in .* cannot be exported: it keeps a plan; train"):
        export_agent(run, run.with_suffix(".pt"), "torchscript")


def test_an_agent_that_cannot_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(Opaque, tmp_path, monkeypatch)
    monkeypatch.setattr(exporting, "exportable_names", lambda: ["mage", "dt", "iql"])
    with pytest.raises(
        UserError,
        match=r"counter .*no step_function; .* mage, dt, iql, and agents of",
    ):
        export_agent(run, tmp_path / "a.pt", "torchscript")
    assert not (tmp_path / "a.pt").exists()
