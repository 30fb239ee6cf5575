"""The command for reports: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.report import app
from tests.benchmark.synthetic_records import completed, of_seeds, write_all, written

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE = "maze2d-umaze"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return written(tmp_path / "out", *of_seeds(UMAZE, 10, 11, 12))


def test_command_line(out: Path) -> None:
    result = CliRunner().invoke(app, ["--runs", str(out)])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == str(out / "report" / "summary.md")


def test_the_reference_can_be_chosen_and_must_be_there(out: Path) -> None:
    write_all(out, [completed(UMAZE, "bc", seed, seed) for seed in range(3)])
    unknown = CliRunner().invoke(app, ["--runs", str(out), "--reference", "bcc"])
    assert unknown.exit_code == 2 and not (out / "report").exists()
    message = "error: unknown agent in --reference 'bcc'; valid: bc, mage; did you mean 'bc'?\n"
    assert unknown.stderr == message
    chosen = CliRunner().invoke(app, ["--runs", str(out), "--reference", "bc"])
    assert chosen.exit_code == 0, chosen.output
    summary = (out / "report" / "summary.md").read_text()
    assert "P(BC higher)" in summary and "BC - MAGE" in summary and "P(MAGE" not in summary


def test_answers_of_another_command_are_left_and_said_to_be_older(out: Path) -> None:
    (out / "report").mkdir()
    answers = out / "report" / "sanity.md"
    answers.write_text("old")
    result = CliRunner().invoke(app, ["--runs", str(out)])
    assert result.exit_code == 0 and answers.read_text() == "old"
    assert result.output.splitlines()[-1] == (
        f"{answers} is as an earlier `python -m benchmark.sanity` wrote it, and may be of other "
        "records; the same command with --no-train builds it again"
    )


@pytest.mark.parametrize("text", ["", "{", '{"schema": 1}', "[]"])
def test_damaged_record_ends_in_a_message_and_changes_nothing(out: Path, text: str) -> None:
    damaged = out / "runs" / UMAZE / "mage" / "seed-0.json"
    damaged.write_text(text)
    result = CliRunner().invoke(app, ["--runs", str(out)])
    assert result.exit_code == 2
    assert f"error: {damaged} is not a run record" in result.output
    assert "Traceback" not in result.output
    assert not (out / "report").exists()


def test_missing_folder_exits_with_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--runs", str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_exit_codes(out: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22))
    same = CliRunner().invoke(app, ["--compare", str(out), str(out)])
    assert same.exit_code == 0, same.output
    assert "1 cell compared: 0 higher, 0 lower, 1 cannot tell." in same.output
    other = CliRunner().invoke(app, ["--compare", str(out), str(new)])
    assert other.exit_code == 1
    assert "**higher**" in other.output
    assert not (new / "report").exists()


@pytest.mark.parametrize("both", [True, False])
def test_exactly_one_task_must_be_given(out: Path, both: bool) -> None:
    options = ["--runs", str(out), "--compare", str(out), str(out)] if both else []
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert "valid: --runs DIR for a report, or --compare OLD NEW" in result.output
    assert not (out / "report").exists()


def test_a_folder_without_records_has_not_changed(out: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--compare", str(out), str(tmp_path / "nowhere")])
    assert result.exit_code == 2 and "Traceback" not in result.output


def test_the_folder_around_reports_leads_to_them(out: Path, tmp_path: Path) -> None:
    for options in (["--runs", str(tmp_path)], ["--compare", str(out), str(tmp_path)]):
        result = CliRunner().invoke(app, options)
        assert result.exit_code == 2
        assert f"{tmp_path} holds no run record; name a folder" in result.stderr
        assert f"such as {out}, or run" in result.stderr
