"""A dataset of one's own from its id to a row of the report, in the real phases of a run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmark.agents.saved import load_agent, trained_task
from benchmark.cli.data import app as data_app
from benchmark.cli.options import parse_agents
from benchmark.cli.run import app
from benchmark.errors import UserError
from benchmark.records.files import RunFiles, RunPlace, write_record
from benchmark.records.record import Record
from benchmark.reporting.build import build_report
from benchmark.running.grid import Grid, pending_runs, plan_runs
from benchmark.running.settings_check import check_settings
from benchmark.running.trial import run_trial
from benchmark.statistics.details import rerun
from benchmark.tasks.suites import select_tasks
from tests.benchmark.data.reach_world import write_reach

ROOT = Path(__file__).resolve().parent.parent
REFERENCES = {"ref_min_score": -20.0, "ref_max_score": 0.0}


def trained(place: RunPlace, *patterns: str, agents: str = "bc", evaluated: bool = True) -> Grid:
    """Runs of agents, as the command does them one after another."""
    tasks, chosen = select_tasks(None, patterns), parse_agents(agents)
    grid = Grid(tasks, chosen, [0], "smoke", steps=4, evaluated=evaluated)
    check_settings(grid)
    for run in plan_runs(grid):
        record = run_trial(run, place, "cpu")
        assert record is not None
        assert record.status == "completed", record.traceback
        write_record(place.out, record)
    return grid


def record_of(place: RunPlace, name: str) -> Record:
    return Record.from_json(RunFiles(place.out, name).record.read_text(encoding="utf-8"))


def test_returns_are_called_returns_beside_normalised_scores(
    place: RunPlace, undrawn: None
) -> None:
    write_reach("my/reach-v0")
    write_reach("my/scored-v0", **REFERENCES)
    trained(place, "minari:my/*", agents="bc,random")
    record = record_of(place, "my-reach-v0/bc/seed-0")
    assert (record.benchmark, record.scale, record.references) == ("own-data", "returns", [])
    assert record.scores == record.returns and record.successes == []
    assert record.run.task_source == "minari:my/reach-v0"
    scored = record_of(place, "my-scored-v0/bc/seed-0")
    assert (scored.scale, scored.references) == ("normalised", [-20.0, 0.0])
    build_report(place.out)
    report = place.out / "report"
    summary = (report / "summary.md").read_text(encoding="utf-8")
    assert "| my-reach-v0 (own data; return)" in summary
    assert "| my-scored-v0 (own data) " in summary
    assert "D4RL" not in summary
    assert "own-data: task my-reach-v0 is left out: its scores are returns" in summary
    assert "average of" not in summary
    assert "Share of solved episodes: n/a" in summary
    scores = pd.read_csv(report / "scores-own-data.csv")
    assert dict(zip(scores["task"], scores["scale"], strict=True)) == {
        "my-reach-v0": "return",
        "my-scored-v0": "own references",
    }
    command = rerun(record.run, record.dataset).command
    assert "--tasks minari:my/reach-v0 --agents bc --seeds 0," in command
    assert "--dataset" not in command


def test_an_agent_is_trained_and_kept_without_an_environment(place: RunPlace) -> None:
    write_reach("my/alone-v0", env=None)
    grid = trained(place, "minari:my/alone-v0", evaluated=False)
    record = record_of(place, "my-alone-v0/bc/seed-0")
    assert (record.status, record.run.episodes, record.score) == ("completed", 0, None)
    assert (record.returns, record.latency_ms, record.steps) == ([], [], 4)
    assert record.curve and all("score" not in point for point in record.curve)
    folder = RunFiles(place.out, record.run.name).agent
    assert trained_task(folder).name == "my-alone-v0"
    assert load_agent(folder) is not None
    assert pending_runs(plan_runs(grid), place.out, resume=True) == []
    with pytest.raises(UserError, match="was run with episodes 0, now asked with 2"):
        pending_runs(
            plan_runs(Grid(grid.tasks, grid.agents, [0], "smoke", steps=4)), place.out, resume=True
        )
    build_report(place.out)
    summary = (place.out / "report" / "summary.md").read_text(encoding="utf-8")
    assert "| my-alone-v0 | not evaluated |" in summary
    assert "No run has a score" in summary and "1, completed, not evaluated" in summary
    assert "--no-evaluation" in rerun(record.run, record.dataset).command.split()


def run(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["--agents", "bc", "--preset", "smoke", *options])
    return result.exit_code, " ".join(result.output.split())


def test_the_plan_shows_what_was_derived() -> None:
    write_reach("my/reach-v0")
    code, text = run("--tasks", "minari:my/reach-v0,minari:my/away-v0", "--dry-run")
    assert code == 0
    assert "minari:my/away-v0 is not there: it would be downloaded; its environment" in text
    assert "1 run: 1 task x 1 agent" in text
    assert "arm/position (2), arm/speed (1), goal (2) -> 5 numbers" in text
    assert "returns, not normalised" in text and "at most 8 steps" in text
    code, text = run("--tasks", "minari:my/away-v0", "--dry-run")
    assert code == 0 and "is not there: it would be downloaded" in text


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--tasks", "minari:my/away-v0"], "cannot be downloaded: no network"),
        (["--tasks", "minari:my/away-v0", "--data", "local", "--dry-run"], "downloads nothing"),
        (["--tasks", "minari:my/alone-v0"], "names no environment"),
        (["--tasks", "minari:my/alone-v0", "--dry-run"], "--no-evaluation trains and saves"),
        (
            ["--tasks", "minari:my/alone-v0", "--no-evaluation", "--episodes", "3"],
            "--episodes is for an evaluation; leave out it or --no-evaluation",
        ),
        (
            ["--tasks", "minari:my/alone-v0", "--no-evaluation", "--video"],
            "--video is for an evaluation",
        ),
        (["--tasks", "minari:my/alone-v0", "--suite", "maze2d"], "brings tasks of its own"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(options: list[str], problem: str) -> None:
    write_reach("my/alone-v0", env=None)
    code, text = run(*options)
    assert code == 2
    assert problem in text


def test_the_lines_of_the_page_are_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, undrawn: None
) -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    mark = "<!-- the test suite runs exactly these lines -->"
    (block,) = re.findall(rf"{mark}\n```\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    write_reach("my/reach-v0")
    for line in block.splitlines():
        name, subcommand, *options = shlex.split(line)
        command = {"run": app, "data": data_app}[subcommand]
        result = CliRunner().invoke(command, options)
        assert name == "mage-bench" and result.exit_code == 0, result.output
        assert "my-reach-v0" in result.output


def test_data_is_described_and_checked_by_its_own_name(tmp_path: Path) -> None:
    write_reach("my/reach-v0")
    write_reach("my/scored-v0", **REFERENCES)
    invoke = CliRunner().invoke
    listed = invoke(data_app, ["list", "minari:my/*"])
    assert "cached (own data)" in listed.output
    checked = invoke(data_app, ["check", "minari:my/*"])
    assert checked.exit_code == 0 and checked.output.count("ok ") == 2
    both = ["describe", "minari:my/*", "--out", str(tmp_path)]
    described = invoke(data_app, both).output
    plain, scored = described.split("my-scored-v0\n")
    assert "normalised score" not in plain and "scores are the returns" in plain
    assert "normalised score" in scored and "the dataset says so" in scored
