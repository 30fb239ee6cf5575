"""The command that draws a plan: what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from benchmark.cli.show import app
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY

UMAZE = TASKS["maze2d-umaze"]


@pytest.mark.parametrize(
    ("arguments", "written", "kind", "asked"),
    [
        ([], "run/plan.png", "png", (0, 0)),
        (["--out", "drawn.pdf", "--seed", "4", "--after", "9"], "drawn.pdf", "pdf", (4, 9)),
    ],
)
def test_the_picture_is_written(
    arguments: list[str], written: str, kind: str, asked: tuple[int, int],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    agent, recorded, drawn = MAGEAgent(task_info(UMAZE), TINY, "cpu"), [], []
    monkeypatch.setattr("benchmark.cli.show.load_agent", lambda run: agent)
    monkeypatch.setattr("benchmark.cli.show.trained_task", lambda run: "maze2d-umaze")
    recorder = "benchmark.evaluation.plan_trace_recorder.record_plan_trace"
    monkeypatch.setattr(recorder, lambda *given: recorded.append(given) or "trace")
    plotter = "benchmark.plots.plan_figures.plan_figure"
    monkeypatch.setattr(plotter, lambda *given: drawn.append(given) or "figure")
    monkeypatch.setattr("benchmark.plots.figure_bytes", lambda *given: "-".join(given).encode())
    result = CliRunner().invoke(app, ["run", *arguments])
    assert (result.exit_code, result.output.strip()) == (0, written)
    assert Path(written).read_text() == f"figure-{kind}"
    assert recorded == [(agent, UMAZE, *asked)]
    assert drawn == [("trace", UMAZE)]


def test_another_agent_has_no_plans_of_this_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.cli.show.load_agent", lambda run: SimpleNamespace())
    monkeypatch.setattr("benchmark.cli.show.trained_task", lambda run: "maze2d-umaze")
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no MAGE" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--out", "plan.txt"], "--out plan.txt is no picture; valid: a name that ends"),
        (["none"], "no agent can be loaded from none: there is no agent.json in it; expected the"),
        (
            ["out"],
            "from out: it is not the folder of one trained agent; valid: out/runs/t/a/seed-0;",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out/runs/t/a/seed-0").mkdir(parents=True)
    Path("out/runs/t/a/seed-0/agent.json").touch()
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
