"""The command that checks a task: a line for each check, what to do, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.check_task import app

FILE = """
from dataclasses import replace

from benchmark import register_task
from tests.benchmark.running.test_task_checks import WALK

register_task(replace(WALK, name="sound"))
register_task(replace(WALK, name="unsound", min_score=-4.0))
"""


@pytest.fixture(autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("walks.py").write_text(FILE, encoding="utf-8")


def test_a_sound_task_passes_and_data_that_is_not_there_is_skipped() -> None:
    result = CliRunner().invoke(app, ["walks.py:sound", "--episodes", "2"])
    assert result.exit_code == 0, result.output
    assert result.output.count("ok        ") == 7
    assert "skipped   has data that fits its environment: its data, own/walk-v0" in result.output
    assert result.output.endswith("\nsound: 7 ok, 0 failed, 2 skipped\n")


def test_what_fails_is_said_with_what_to_do_and_each_task_is_looked_at() -> None:
    result = CliRunner().invoke(app, ["walks.py", "--episodes", "2"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("failed    scores a random"))
    assert lines[place + 1].startswith(" " * 10 + "-> min_score is the mean return of a random")
    assert "sound: 7 ok, 0 failed, 2 skipped" in lines
    assert lines[-1] == "unsound: 6 ok, 1 failed, 2 skipped"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("walks.py:run", "unknown task of walks.py: 'run'; valid: sound, unsound"),
        ("maze2d-umazes", "unknown task 'maze2d-umazes'; did you mean 'maze2d-umaze'"),
        ("gone.py", "tasks of 'gone.py': no Python file"),
        (" ", "' ' names no task; valid: path/to/tasks.py:NAME, or a name"),
    ],
)
def test_what_is_no_task_is_one_message(task: str, message: str) -> None:
    result = CliRunner().invoke(app, [task])
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
