"""Times of single calls: what is measured, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmark.environments import task_info
from benchmark.latency import TASK, Case, app, make, measure, noise
from benchmark.registry import agent_class
from benchmark.tasks import TASKS


def test_a_case_tells_whether_a_control_loop_is_met() -> None:
    fast = Case("mage", "quick", 1, "cpu", 100, [10.0] * 100)
    assert fast.row()[:5] == ("mage", "quick", "cpu", 1, 100)
    assert fast.row()[5:] == (10, 10, 10, 10, 100, "yes")
    slow = Case("mage", "quick", 1, "cpu", 100, [10.0] * 90 + [60.0] * 10)
    assert slow.row()[-1] == "no" and slow.row()[5] == 15


def test_every_agent_is_timed_with_every_batch() -> None:
    agents = {name: agent_class(name) for name in ("bc", "mage")}
    cases = measure(agents, ["smoke"], [1, 5], ["cpu"], seconds=0.05)
    assert [(case.agent, case.batch) for case in cases] == [
        ("bc", 1),
        ("mage", 1),
        ("bc", 5),
        ("mage", 5),
    ]
    for case in cases:
        assert len(case.milliseconds) >= 10 and min(case.milliseconds) > 0
        assert case.parameters


def test_a_decision_transformer_gets_as_many_weights_as_mage() -> None:
    agents = {name: agent_class(name) for name in ("dt", "mage")}
    cases = measure(agents, ["smoke"], [1], ["cpu"], seconds=0.01)
    found = {case.agent: case.parameters or 0 for case in cases}
    assert set(found) == {"dt", "mage", "mage (K = 8)", "mage (no cache)", "dt (as many weights)"}
    assert found["dt (as many weights)"] == pytest.approx(found["mage (K = 8)"], rel=0.15)


def test_what_agents_learn_from_has_the_tasks_sizes() -> None:
    info = task_info(TASKS[TASK])
    dataset = noise(info, steps=450)
    dataset.check_fits(info)
    assert np.diff(dataset.ends, prepend=0).tolist() == [200, 200, 50]
    agent = make("bc", agent_class("bc"), "smoke", "cpu", hidden_sizes=(8,))
    assert agent.config.hidden_sizes == (8,)  # type: ignore[attr-defined]


def test_the_table_is_printed_and_written(tmp_path: Path) -> None:
    options = ["--agents", "bc", "--presets", "smoke", "--batches", "1", "--devices", "cpu"]
    out = tmp_path / "latency.csv"
    result = CliRunner().invoke(app, [*options, "--seconds", "0.1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "20 Hz at p99" in result.output
    header, row = out.read_text().splitlines()
    assert header.startswith("agent,preset,device,batch,weights,mean,median")
    assert row.startswith("bc,smoke,cpu,1,")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--agents", "magee"], "unknown agent 'magee'"),
        (["--presets", "huge"], "unknown preset 'huge'"),
        (["--batches", "0"], "--batches '0'; valid: numbers of 1 or more"),
        (["--devices", "gpu"], "unknown device 'gpu'"),
    ],
)
def test_usage_errors(options: list[str], message: str) -> None:
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert message in result.output + result.stderr
