"""The command that draws a plan: what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.cli.show import app
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY

UMAZE = TASKS["maze2d-umaze"]


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A run of an agent whose episode has ten steps; gets what is recorded and drawn."""
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    agent, calls = MAGEAgent(task_info(UMAZE), TINY, "cpu"), []
    monkeypatch.setattr("benchmark.cli.show.load_agent", lambda run: agent)
    monkeypatch.setattr("benchmark.cli.show.trained_task", lambda run: TASKS["maze2d-umaze"])
    trace = SimpleNamespace(plans=[None] * 10)

    def record(*given: Any) -> Any:
        assert given[0] is agent
        calls.append(given[1:])
        return trace

    def draw(recorded: Any, *given: Any) -> bytes:
        assert recorded is trace
        calls.append(given)
        return b"drawn"

    recorder = "benchmark.evaluation.plan_trace_recorder.record_plan_trace"
    monkeypatch.setattr(recorder, record)
    monkeypatch.setattr("benchmark.plots.plan_animation.plan_picture", draw)
    return calls


@pytest.mark.parametrize(
    ("arguments", "written", "kind", "seed", "after"),
    [
        ([], "run/plan.png", "png", 0, []),
        (["--after", "0", "--after", "9"], "run/plan.png", "png", 0, [0, 9]),
        (["--out", "drawn.pdf", "--seed", "4"], "drawn.pdf", "pdf", 4, []),
        (["--animate"], "run/plan.gif", "gif", 0, []),
        (["--animate", "--out", "moving.gif"], "moving.gif", "gif", 0, []),
    ],
)
def test_the_picture_is_written(
    arguments: list[str], written: str, kind: str, seed: int, after: list[int],
    drawn: list[tuple[Any, ...]],
) -> None:  # fmt: skip
    result = CliRunner().invoke(app, ["run", *arguments])
    assert (result.exit_code, result.output.strip()) == (0, written)
    assert Path(written).read_bytes() == b"drawn"
    recorded, (*what, steps) = drawn
    assert recorded == (UMAZE, seed) and what == [UMAZE, kind] and list(steps or ()) == after


def test_a_moment_after_the_end_of_the_episode_is_refused(drawn: list[tuple[Any, ...]]) -> None:
    result = CliRunner().invoke(app, ["run", "--after", "9", "--after", "10", "--after", "12"])
    assert result.exit_code == 2
    assert (
        "the episode of seed 0 ended after 10 steps, and --after asks for the plan of step 10, 12; "
        "valid: 0 to 9"
    ) in " ".join(result.output.split())
    assert not list(Path("run").iterdir())


def test_another_agent_has_no_plans_of_this_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.cli.show.load_agent", lambda run: SimpleNamespace())
    monkeypatch.setattr("benchmark.cli.show.trained_task", lambda run: TASKS["maze2d-umaze"])
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no MAGE" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--out", "plan.txt"], "--out plan.txt is no picture; valid: a name that ends"),
        (["none", "--out", "a.gif"], "ends in .png or .pdf; for one that moves add --animate"),
        (
            ["none", "--out", "plan.png", "--animate"],
            "--out plan.png is no animation; valid: a name that ends in .gif",
        ),
        (["none", "--animate", "--after", "3"], "leave it or --animate out"),
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
