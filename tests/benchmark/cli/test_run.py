"""The command line in this process: listing, plan, folders, and exit codes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.run import app, default_folder
from benchmark.records.files import read_records, write_record
from benchmark.records.record import RunSpec
from benchmark.tasks import TASKS
from benchmark.tasks.suites import SUITES
from tests.benchmark.data.synthetic_datasets import DOOR, door_episode, write
from tests.benchmark.synthetic_records import record_of


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_the_listing_names_everything(cli: CliRunner) -> None:
    result = cli.invoke(app, ["--list"])
    assert result.exit_code == 0
    for name in [*TASKS, *SUITES, "mage", "diffuser", "smoke", "quick", "standard", "paper"]:
        assert name in result.output


def test_the_plan_shows_every_dataset_and_changes_nothing(cli: CliRunner, tmp_path: Path) -> None:
    result = cli.invoke(app, ["--suite", "all", "--seeds", "2", "--dry-run", "--workers", "2"])
    assert result.exit_code == 0
    assert "1,782 runs: 81 tasks x 11 agents" in result.output
    assert "x 2 seeds (0, 1), preset quick; done: 0, to do: 1,782" in result.output
    for task in TASKS.values():
        data = task.small_recipe or task.dataset
        assert task.name in result.output and data in result.output
    assert "Estimated cost: " in result.output and "with 2 workers" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--device", "cuda:77"], "device 'cuda:77' is not on this machine"),
        (["--address", "127.0.0.1:1"], "no Ray cluster at --address 127.0.0.1:1"),
        (["--address", "nowhere"], "--address nowhere (this is no address)"),
        (
            ["--track", "neptune"],
            "unknown tracker in --track 'neptune'; valid: mlflow, wandb",
        ),
        (["--out", "file/below"], "output folder file/below cannot be written"),
        (
            ["--temp", "missing"],
            "/missing cannot be written (No such file or directory); choose another with --temp",
        ),
    ],
)
def test_the_plan_refuses_what_the_run_would_refuse(
    cli: CliRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    words: str,
) -> None:
    # Both are put back: --temp is for the whole process.
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    (tmp_path / "file").touch()
    asked = ["--tasks", "maze2d-umaze", "--agents", "random", "--preset", "smoke", *options]
    for extra in ([], ["--dry-run"]):
        result = cli.invoke(app, [*asked, *extra])
        assert (result.exit_code, result.stdout) == (2, "") and words in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_plan_refuses_a_reference_that_is_nowhere(cli: CliRunner, tmp_path: Path) -> None:
    asked = ["--tasks", "maze2d-umaze", "--agents", "random,mean,mage.k1", "--preset", "smoke"]
    asked += ["--out", "out", "--resume"]
    for extra in ([], ["--dry-run"]):
        result = cli.invoke(app, [*asked, "--reference", "mage", *extra])
        assert result.exit_code == 2 and not (tmp_path / "out").exists()
        words = "unknown agent in --reference 'mage'; valid: mean, random"
        assert words in result.stderr
    # What was run before counts too, since the report is of it all.
    run = RunSpec("maze2d-umaze", "mage", 0, "smoke", 12, 2)
    write_record(tmp_path / "out", record_of(run, "completed", score=1.0))
    plan = cli.invoke(app, [*asked, "--reference", "mage", "--dry-run"])
    assert plan.exit_code == 0, plan.output


def test_the_plan_refuses_data_that_is_not_the_published(cli: CliRunner) -> None:
    write(DOOR, door_episode(0))
    asked = ["--tasks", "adroit-door-human", "--agents", "random", "--preset", "smoke"]
    messages = []
    for extra in ([], ["--dry-run"]):
        result = cli.invoke(app, [*asked, "--data", "minari", *extra])
        assert result.exit_code == 2
        messages.append(result.stderr.splitlines()[-1])
    assert messages[0] == messages[1] and f"{DOOR}, for adroit-door-human, is not" in messages[0]
    assert "altered, 1 episode" in cli.invoke(app, [*asked, "--dry-run"]).stdout


def test_the_plan_is_made_without_loading_an_agent() -> None:
    code = (
        "import sys; from benchmark.run import app; "
        "app(['--suite', 'all', '--dry-run'], standalone_mode=False); "
        "print([name for name in ('torch', 'd3rlpy', 'ray', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_plan_counts_what_is_done(cli: CliRunner, tmp_path: Path, agent_file: Path) -> None:
    run = RunSpec(
        "maze2d-umaze",
        "pusher",
        0,
        "smoke",
        12,
        2,
        settings={"gain": 2.0},
        source=f"{agent_file}:Pusher",
    )
    write_record(tmp_path / "out", record_of(run, "completed", score=1.0))
    options = ["--tasks", "maze2d-*", "--agents", f"{agent_file}:Pusher", "--preset", "smoke"]
    result = cli.invoke(app, [*options, "--out", "out", "--resume", "--dry-run"])
    assert "done: 1, to do: 2" in result.output
    refused = cli.invoke(app, [*options, "--out", "out", "--dry-run"])
    assert refused.exit_code == 2 and "add --resume" in refused.stderr


def _without_data(agent_file: Path) -> list[str]:
    """Options of a run whose dataset can neither be found nor collected."""
    asked = f"--tasks adroit-door-human --agents {agent_file}:Pusher --data local"
    return f"{asked} --preset smoke --out out".split()


def test_a_missing_dataset_is_a_cell_of_the_report_and_no_failure(
    cli: CliRunner, tmp_path: Path, agent_file: Path
) -> None:
    result = cli.invoke(app, _without_data(agent_file))
    assert result.exit_code == 0, result.output
    (record,) = read_records(tmp_path / "out")
    assert (record.status, record.run.data) == ("no-dataset", "local")
    assert "n/a (dataset)" in result.output
    summary = (tmp_path / "out" / "report" / "summary.md").read_text()
    assert "n/a (dataset)" in summary and str(record.remedy) in summary


def test_with_strict_a_missing_dataset_is_a_failure_that_says_what_to_do(
    cli: CliRunner, tmp_path: Path, agent_file: Path
) -> None:
    result = cli.invoke(app, [*_without_data(agent_file), "--strict"])
    assert result.exit_code == 1, result.output
    (record,) = read_records(tmp_path / "out")
    line = f"no-dataset: {record.run.name}: {record.reason}; {record.remedy}"
    assert line in result.output.splitlines()


def test_runs_that_failed_before_and_are_not_asked_for_do_not_count(
    cli: CliRunner, tmp_path: Path, agent_file: Path
) -> None:
    other = RunSpec("maze2d-large", "bc", 0, "smoke", 12, 2)
    write_record(tmp_path / "out", record_of(other, "failed", reason="earlier"))
    result = cli.invoke(app, [*_without_data(agent_file), "--resume"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("suite", "tasks", "folder"),
    [
        ("maze2d", "", "maze2d-quick"),
        (None, "maze2d-umaze", "maze2d-umaze-quick"),
        (None, "maze2d-umaze,adroit-*", "maze2d-umaze_adroit-quick"),
        ("all", "../..", "tasks-quick"),
        (None, "x" * 200, f"{'x' * 60}-quick"),
    ],
)
def test_the_default_folder_lies_in_results(suite: str | None, tasks: str, folder: str) -> None:
    assert default_folder(suite, tasks, "quick") == Path("results") / folder
