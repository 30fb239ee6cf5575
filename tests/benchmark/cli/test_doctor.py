"""The command that looks at an installation: as it is here, and where no package is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.doctor import app
from benchmark.running import machine_check
from tests.commands import environment


def _alone(cwd: Path, *python: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *python, "-m", "benchmark.doctor"]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True)


def test_without_any_package_it_says_which_are_missing(tmp_path: Path) -> None:
    done = _alone(tmp_path, "-S")  # Without the folder that packages are installed in.
    assert done.returncode == 1 and done.stderr == ""
    lines = [line.split() for line in done.stdout.splitlines()]
    for package in ("numpy", "typer", "torch", "gymnasium-robotics"):
        assert ["wrong", package, "not", "installed"] in lines
    assert ["note", "ray", "not", "installed;"] in [line[:4] for line in lines]
    # A build may have written the bounds in either order.
    assert re.search(r"-> python -m pip install 'ray\[tune\](>=2\.44,<3|<3,>=2\.44)'", done.stdout)
    assert "could not be looked at (ModuleNotFoundError: No module named 'numpy')" in done.stdout
    assert lines[-1][:5] == ["no", "run", "is", "possible", "before"]
    assert list(tmp_path.iterdir()) == []


def test_here_runs_are_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environments = ("Environments", machine_check.environments)
    few = [one for one in machine_check.SECTIONS if one != environments and one[0] != "Pictures"]
    monkeypatch.setattr(machine_check, "SECTIONS", few)
    result = CliRunner().invoke(app)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines() if line.startswith("  ")]
    rows = {name: state for state, name, *_ in lines if state != "->"}
    for name in ("mage-bench", "python", "torch", "d3rlpy", "devices", "datasets", "temporary"):
        assert rows[name] == "ok", result.output
    assert result.output.endswith("\nruns are possible\n")
    assert list(tmp_path.iterdir()) == []
