"""The command that measures whether agents follow: what it does, and what it refuses at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from benchmark.agents.registry import find_agent
from benchmark.agents.settings import resolve_settings
from benchmark.cli.calibration import app
from benchmark.evaluation import run_calibration
from benchmark.records.calibration_record import read_calibrations
from benchmark.records.files import RunFiles, RunPlace, write_record
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.reporting.build import build_report
from benchmark.running.trial import run_trial
from benchmark.tasks import TASKS
from tests.benchmark.evaluation.trained_runs import TASK, train
from tests.benchmark.synthetic_records import completed, failed, written


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Episodes of six steps."""
    short = replace(TASKS[TASK], max_steps=6)
    monkeypatch.setattr(run_calibration, "trained_task", lambda folder: short)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def said(result: Result) -> str:
    return " ".join((result.output + result.stderr).split())


@pytest.mark.usefixtures("short")
def test_tables_are_printed_and_what_was_measured_is_kept(tmp_path: Path) -> None:
    for name in ("Planner", "Silent"):
        train(tmp_path, tmp_path / "agents.py", name)
    result = call("--runs", tmp_path, "--episodes", 2)
    assert result.exit_code == 0, result.output
    text = said(result)
    assert text.startswith("2 trained agents, 0 measured before; 2 episodes a rollout")
    assert "maze2d-umaze/planner/seed-0: measured in" in text
    assert "maze2d-umaze/silent/seed-0: is not asked for returns, and makes no plans" in text
    assert "rank correlation" in text and "another episode's" in text
    assert [kept.run for kept in read_calibrations(tmp_path)] == ["maze2d-umaze/planner/seed-0"]


@pytest.mark.usefixtures("short")
def test_what_is_measured_already_is_left_with_resume(tmp_path: Path) -> None:
    for seed in (0, 1):
        train(tmp_path, tmp_path / "agents.py", "Asked", seed)
    options = ("--runs", tmp_path, "--episodes", 2, "--resume")
    assert "0 measured before" in said(call(*options))
    path = RunFiles(tmp_path, f"{TASK}/asked/seed-1").calibration
    before = path.stat().st_mtime_ns
    assert "2 trained agents, 2 measured before" in said(call(*options))
    assert path.stat().st_mtime_ns == before
    train(tmp_path, tmp_path / "agents.py", "Asked", 0, parameters=7)
    assert "1 measured before" in said(call(*options)), "one was trained anew"
    assert "0 measured before" in said(call(*options, "--episodes", 3)), "on so many episodes none"


@pytest.mark.usefixtures("short")
def test_perturbations_are_played_by_every_agent(tmp_path: Path) -> None:
    for name in ("Planner", "Silent"):
        train(tmp_path, tmp_path / "agents.py", name)
    options = ("--runs", tmp_path, "--episodes", 2, "--perturb")
    result = call(*options, "delay,start=2")
    assert result.exit_code == 0, result.output
    text = said(result)
    assert "undisturbed" in text and "delay=1" in text and "start=2" in text
    assert "maze2d-umaze/silent/seed-0: measured in" in text
    assert "2 measured before" in said(call(*options, "start=2", "--resume"))
    assert "0 measured before" in said(call(*options, "start=3", "--resume"))


@pytest.mark.usefixtures("short")
def test_what_would_be_lost_and_sizes_of_a_whole_episode_are_refused(tmp_path: Path) -> None:
    train(tmp_path, tmp_path / "agents.py", "Planner")
    assert call("--runs", tmp_path, "--episodes", 2).exit_code == 0
    before = RunFiles(tmp_path, f"{TASK}/planner/seed-0").calibration.read_bytes()
    result = call("--runs", tmp_path, "--episodes", 3, "--perturb", "delay")
    assert result.exit_code == 2 and "measured with --episodes 2" in said(result)
    result = call("--runs", tmp_path, "--episodes", 2, "--perturb", "delay,start=300")
    assert result.exit_code == 2
    assert f"--perturb start=300: an episode of {TASK} has 300 steps; valid: fewer" in said(result)
    with Store(str(tmp_path)).claimed():
        result = call("--runs", tmp_path, "--episodes", 2)
    assert result.exit_code == 2 and "is in use by another run" in said(result)
    assert RunFiles(tmp_path, f"{TASK}/planner/seed-0").calibration.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",", "--perturb ',' names no perturbation; valid: a comma list such as"),
        ("delay,wind", "unknown perturbation 'wind'; valid: action-noise=0.1, start=10, delay=1"),
    ],
)
def test_what_is_no_perturbation_is_refused_at_once(
    tmp_path: Path, text: str, message: str
) -> None:
    result = call("--runs", tmp_path / "none", "--perturb", text)
    assert result.exit_code == 2 and message in said(result)


@pytest.mark.usefixtures("short")
def test_one_that_fails_is_named_and_answered_with_1(tmp_path: Path) -> None:
    for name in ("Failing", "Asked"):
        train(tmp_path, tmp_path / "agents.py", name)
    result = call("--runs", tmp_path, "--episodes", 2)
    assert result.exit_code == 1
    assert "failed: maze2d-umaze/failing/seed-0: RuntimeError: lost its way" in said(result)
    assert "rank correlation" in said(result)


@pytest.mark.usefixtures("short")
def test_agents_and_tasks_can_be_chosen(tmp_path: Path) -> None:
    for name in ("Asked", "Planner"):
        train(tmp_path, tmp_path / "agents.py", name)
    result = call("--runs", tmp_path, "--agents", "plan*", "--tasks", TASK, "--episodes", 2)
    assert result.exit_code == 0, result.output
    assert [kept.run for kept in read_calibrations(tmp_path)] == ["maze2d-umaze/planner/seed-0"]


def test_where_nothing_can_be_measured_that_is_said(tmp_path: Path) -> None:
    train(tmp_path, tmp_path / "agents.py", "Silent")
    result = call("--runs", tmp_path)
    assert result.exit_code == 2
    assert "nothing can be measured of silent: they are not asked for returns" in said(result)


def test_results_without_weights_are_refused_with_the_way_out(tmp_path: Path) -> None:
    written(tmp_path, completed(TASK, "mage", 0, 1.0), completed(TASK, "dt", 0, 1.0))
    result = call("--runs", tmp_path)
    assert result.exit_code == 2
    assert "no trained agent of 2 runs is in" in said(result)
    assert "train them again into a folder of their own" in said(result)


def test_single_agents_that_are_not_there_are_named(tmp_path: Path) -> None:
    train(tmp_path, tmp_path / "agents.py", "Silent")
    written(tmp_path, completed(TASK, "mage", 0, 1.0))
    assert "left out: maze2d-umaze/mage/seed-0: its trained agent is not there" in said(
        call("--runs", tmp_path)
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Missing option '--runs'"),
        (["--runs", "{out}/nowhere"], "does not exist; name a folder given as --out"),
        (["--runs", "{out}", "--agents", "bcc"], "unknown agent of the folder 'bcc'; valid: bc"),
        (["--runs", "{out}", "--agents", ","], "--agents ',' names no agent; valid: a comma list"),
        (["--runs", "{out}", "--agents", ""], "--agents '' names no agent; valid: a comma list"),
        (["--runs", "{out}", "--tasks", "maze2d-x*"], "unknown task of the folder 'maze2d-x*'"),
        (
            ["--runs", "{out}", "--episodes", "1"],
            "'--episodes': Input should be greater than or equal to 2",
        ),
        (["--runs", "{out}", "--episodes", "10001"], "should be less than or equal to 10000"),
        (
            ["--runs", "{out}", "--jobs", "0"],
            "'--jobs': Input should be greater than or equal to 1",
        ),
        (["--runs", "{out}", "--device", "tpu"], "unknown device 'tpu'"),
    ],
)
def test_what_cannot_be_measured_is_refused_at_once(
    options: list[str], message: str, tmp_path: Path
) -> None:
    written(tmp_path, completed(TASK, "bc", 0, 1.0), failed(TASK, "dt", 0))
    result = call(*(option.format(out=tmp_path) for option in options))
    assert result.exit_code == 2, result.output
    assert message in said(result)
    assert not list(tmp_path.glob("runs/*/*/calibration-*"))


@pytest.mark.usefixtures("short_umaze", "short", "undrawn")
def test_mage_and_dt_from_training_to_the_report(tmp_path: Path, place: RunPlace) -> None:
    out = place.out
    for name in ("mage", "dt"):
        settings = resolve_settings(find_agent(name), TASKS[TASK], "smoke")
        run = RunSpec(TASK, name, 0, "smoke", settings.steps, 2, settings=settings.values)
        record = run_trial(run, place, "cpu")
        assert record is not None and record.status == "completed", record
        write_record(out, record)
    result = call("--runs", out, "--episodes", 2)
    assert result.exit_code == 0, result.output
    dt, mage = read_calibrations(out)
    assert [level.level for level in dt.levels] == [0.25, 0.5, 0.75, 1, 1.25, 1.5]
    assert dt.discount == 1 and not dt.exchange_scores
    assert [level.level for level in mage.levels] == [-1, 0, 0.5, 1, 1.5, 2]
    asked = [sum(level.asked) for level in mage.levels]
    assert asked == sorted(asked) and asked[0] < asked[-1]
    assert (
        mage.discount == TASKS[TASK].discount
        and mage.plan_share is not None
        and 0 <= mage.plan_share <= 1
    )
    build_report(out)
    frame = pd.read_csv(out / "report" / "calibration.csv")
    assert frame["agent"].tolist() == ["mage"] * 6 + ["dt"] * 6
    worth = pd.read_csv(out / "report" / "plan-worth.csv")
    assert worth["plan"].tolist() == ["own", "episode", "state", "random"]
