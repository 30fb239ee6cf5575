"""The command that holds baselines against what is known, on records that are there already."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmark.cli.options import parse_agents
from benchmark.cli.sanity import SANITY_TASKS, app
from benchmark.records.files import write_record
from benchmark.reporting.expectations import FLOORS, HIDDEN_GOAL
from benchmark.running.grid import Grid, plan_runs
from benchmark.tasks import TASKS as TABLE
from tests.benchmark.synthetic_records import record_of
from tests.commands import HANG

pytestmark = pytest.mark.usefixtures("undrawn")
DOOR, UMAZE = "adroit-door-expert", "maze2d-umaze"
SCORES = {(DOOR, "bc"): 99.0, (DOOR, "mage"): 98.0, (UMAZE, "bc"): 1.0, (UMAZE, "mage"): 90.0}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def options(out: str = "out") -> list[str]:
    asked = ["--tasks", f"{DOOR},{UMAZE}", "--agents", "bc,mage", "--preset", "smoke"]
    return [*asked, "--out", out, "--workers", "1", "--resume"]


def records(
    out: Path, scores: dict[tuple[str, str], float | None], steps: int | None = None
) -> None:
    """Records of the runs that `options` ask for; without a score, of a run that failed."""
    grid = Grid([TABLE[DOOR], TABLE[UMAZE]], parse_agents("bc,mage"), [0], "smoke")
    for run in plan_runs(grid):
        score, run = scores[run.task, run.agent], replace(run, steps=steps or run.steps)
        if score is None:
            write_record(out, record_of(run, "diverged", reason="lost"))
        else:
            write_record(out, record_of(run, "completed", score=score, steps=run.steps))


def test_what_is_there_is_judged_without_training(cli: CliRunner, tmp_path: Path) -> None:
    records(tmp_path / "out", dict(SCORES))
    for agent, seed in (("iql", 0), ("bc", 1)):  # Not asked for, and both far too low.
        (run,) = plan_runs(Grid([TABLE[DOOR]], parse_agents(agent), [seed], "smoke"))
        write_record(tmp_path / "out", record_of(run, "completed", score=3.0, steps=run.steps))
    result = cli.invoke(app, options())
    assert result.exit_code == 0, result.output
    assert not re.search(r"^training \d", result.output, re.MULTILINE)
    assert "at least 95.0" in result.output and "above 1.0" in result.output
    report = tmp_path / "out" / "report"
    assert "does not hold" not in (report / "sanity.md").read_text()
    table = pd.read_csv(report / "sanity.csv")
    assert table[["task", "agent", "score", "seeds", "verdict"]].to_numpy().tolist() == [
        [DOOR, "mage", 98.0, 1, "holds"],
        [DOOR, "bc", 99.0, 1, "holds"],
        [UMAZE, "mage", 90.0, 1, "holds"],
        [UMAZE, "bc", 1.0, 1, "nothing expected"],
    ]
    assert (report / "summary.md").exists()


def test_records_of_another_budget_are_compared_without_training(
    cli: CliRunner, tmp_path: Path
) -> None:
    records(tmp_path / "out", dict(SCORES), steps=3)
    refused = cli.invoke(app, options())
    assert refused.exit_code == 2 and "has ended, and cannot go on" in refused.output
    result = cli.invoke(app, [*options(), "--no-train"])
    assert result.exit_code == 0, result.output
    assert "at least 95.0" in result.output
    more = cli.invoke(app, [*options(), "--no-train", "--seeds", "2"])
    assert more.exit_code == 1
    assert "4 of 8 runs that were asked for are not there" in more.output
    nothing = cli.invoke(app, [*options("nowhere"), "--no-train"])
    assert (
        nothing.exit_code == 2
        and "nowhere holds no record of these runs; name their folder with" in nothing.output
    )
    assert not (tmp_path / "nowhere").exists()


def test_the_answer_goes_to_a_place_elsewhere_too(cli: CliRunner, tmp_path: Path) -> None:
    records(tmp_path / "far", SCORES)
    result = cli.invoke(app, options(f"file://{tmp_path}/far"))
    assert result.exit_code == 0, result.output
    assert "holds" in (tmp_path / "far" / "report" / "sanity.md").read_text()
    assert not list(tmp_path.glob("file:*")), "a URL is no name of a folder here"


@pytest.mark.parametrize("score", [50.0, None])
def test_what_does_not_hold_or_failed_ends_with_1(
    cli: CliRunner, tmp_path: Path, score: float | None
) -> None:
    records(tmp_path / "out", {**SCORES, (DOOR, "bc"): score})
    result = cli.invoke(app, options())
    assert result.exit_code == 1, result.output
    expected = "does not hold" if score else "not tested"
    written = (tmp_path / "out" / "report" / "sanity.md").read_text()
    assert expected in written
    assert ("\n- BC: its file gives no reason." in written) == bool(score)


def test_data_that_cannot_be_had_leaves_it_untested(cli: CliRunner, tmp_path: Path) -> None:
    asked = ["--tasks", DOOR, "--agents", "bc", "--preset", "smoke", "--out", "out"]
    result = cli.invoke(app, [*asked, "--data", "local"])
    assert result.exit_code == 1, result.output
    assert "n/a (dataset)" in result.output and "not tested" in result.output


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--agents", "mgae"], "unknown agent 'mgae'"),
        (["--tasks", "maze9d"], "unknown task 'maze9d'"),
        (["--preset", "fast"], "unknown preset 'fast'"),
        (["--seeds", "0"], "is no number of seeds"),
        (["--workers", "-1"], "--workers -1 is too few"),
    ],
)
def test_bad_input_is_one_message(
    cli: CliRunner, tmp_path: Path, asked: list[str], message: str
) -> None:
    result = cli.invoke(app, asked)
    assert result.exit_code == 2 and message in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ran", "holds", "code"), [(0, True, 0), (0, False, 1), (1, True, 1), (130, True, 130)]
)
def test_exit_code_is_that_of_runs_and_judgement(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch, ran: int, holds: bool, code: int
) -> None:
    asked: list[Grid] = []

    def execute(grid: Grid, *_: object) -> int:
        asked.append(grid)
        return ran

    monkeypatch.setattr("benchmark.cli.sanity.run_comparison", execute)
    monkeypatch.setattr("benchmark.cli.sanity.compare_with_expectations", lambda *_: holds)
    assert cli.invoke(app, ["--agents", "bc,iql"]).exit_code == code
    (grid,) = asked
    assert tuple(task.name for task in grid.tasks) == SANITY_TASKS
    assert [agent.name for agent in grid.agents] == ["bc", "iql"]
    assert (grid.seeds, grid.preset, grid.data) == ([0], "quick", "auto")


def test_tasks_are_those_where_something_is_known() -> None:
    assert {TABLE[name].benchmark for name in SANITY_TASKS} == {
        *("adroit", "maze2d", "multi2d", "antmaze", "kitchen")
    }
    assert {*FLOORS, *HIDDEN_GOAL} <= set(SANITY_TASKS)


def test_the_command_explains_itself() -> None:
    command = [sys.executable, "-m", "benchmark.sanity", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=HANG).stdout
    for option in ("--agents", "--tasks", "--preset", "--seeds", "--out", "--workers", "--resume"):
        assert option in shown
