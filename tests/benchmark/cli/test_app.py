"""The one command: each subcommand by both ways, and what is no subcommand."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmark.cli.app import COMMANDS, app
from tests.test_layout import HEAVY

ROOT = Path(__file__).resolve().parents[3]
THIN = {
    **{"data": "benchmark.datasets", "show": "mage.show"},
    "check-agent": "benchmark.check_agent",
    "check-task": "benchmark.check_task",
    "check-gpu": "benchmark.check_gpu",
}


def printed(
    module: str,
    *arguments: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """What `python -m MODULE ARGUMENTS` prints."""
    monkeypatch.setattr("sys.argv", [module, *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subcommand_is_the_command_of_its_name(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"], prog_name="mage-bench")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: mage-bench {name} [OPTIONS]")
    thin = import_module(THIN.get(name, f"benchmark.{name}"))
    assert thin.app is import_module(COMMANDS[name][0]).app
    command = typer.main.get_command(thin.app)
    assert command.help == COMMANDS[name][1], "one text for what it does"
    alone = CliRunner().invoke(thin.app, ["--help"], prog_name=f"mage-bench {name}")
    assert alone.output == result.output


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_typed(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = THIN.get(name, f"benchmark.{name}")
    world = {"monkeypatch": monkeypatch, "capsys": capsys}
    alone, below = printed(module, "--help", **world), printed("benchmark", name, "--help", **world)
    assert alone.startswith("Usage: ") and " [OPTIONS]" in alone
    assert alone.partition("\n\n")[2] == below.partition("\n\n")[2]


def test_the_installed_command_is_this_one() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ((module, name),) = re.findall(r'^mage-bench = "(.+):(.+)"$', project, re.MULTILINE)
    assert getattr(import_module(module), name) is app
    assert import_module("benchmark.__main__").app is app


def test_help_lists_all_and_imports_none() -> None:
    code = (
        "import sys; from benchmark.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: print(*sorted(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    text, _, modules = done.stdout.rstrip().rpartition("\n")
    assert all(f"\n  {name} " in text for name in COMMANDS)
    imported = {name.partition(".")[0] for name in modules.split()}
    assert not imported & HEAVY
    assert not {module for module, _ in COMMANDS.values()} & set(modules.split())


def test_the_modules_word_for_data_is_taken_too() -> None:
    result = CliRunner().invoke(app, ["datasets", "--help"])
    assert result.exit_code == 0 and COMMANDS["data"][1] in " ".join(result.output.split())
    assert "datasets" not in CliRunner().invoke(app, ["--help"]).output


def test_no_subcommand_prints_the_help() -> None:
    assert "Commands:\n  run  " in CliRunner().invoke(app, []).output


def test_an_unknown_subcommand_ends_with_the_list() -> None:
    result = CliRunner().invoke(app, ["reprot"])
    assert result.exit_code == 2
    message = " ".join(result.output.split())
    assert f"unknown command 'reprot'; valid: {', '.join(sorted(COMMANDS))}" in message
    assert "did you mean 'report' or " in message


def test_modules_are_found_where_a_command_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    CliRunner().invoke(app, ["check-task", "--help"])
    assert sys.path[-1] == str(tmp_path), "last, so that nothing is hidden by what lies there"


def test_the_version_is_that_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (number,) = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"mage-bench {number}\n")


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("benchmark.cli.app.version", missing)
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (
        0,
        "mage-bench, of a folder that is not installed\n",
    )


def test_an_option_in_the_first_place_is_one_of_run() -> None:
    result = CliRunner().invoke(app, ["--suite", "maze"])
    assert result.exit_code == 2
    assert "error: unknown suite 'maze'" in result.output
    result = CliRunner().invoke(app, ["--list"])
    assert result.exit_code == 0
    assert "Suites\n" in result.output
