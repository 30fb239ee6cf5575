"""The command: what it refuses, and what it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.check_gpu import app
from benchmark.cli.gpu import figures
from benchmark.cli.gpu.units import Figure


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    result = CliRunner().invoke(app, ["--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "error: device 'cuda' is not on this machine" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_figures_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text("mine")
    result = CliRunner().invoke(app, ["--device", "cpu", "--tiny", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "has figures already; choose another folder with --out" in result.stderr
    assert (tmp_path / "figures.csv").read_text() == "mine"


@pytest.mark.parametrize("problem", ["", "RuntimeError: no"])
def test_a_problem_is_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problem: str
) -> None:
    figure = Figure("agents", "bc", "updates/s", None if problem else 5.0, problem)
    monkeypatch.setattr(figures, "measured", lambda units, minutes: iter([figure]))
    result = CliRunner().invoke(app, ["--device", "cpu", "--tiny", "--out", str(tmp_path)])
    assert result.exit_code == bool(problem), result.output
    assert figure.line() in result.stdout
    assert str(tmp_path / "figures.md") in result.stdout
    assert {file.name for file in tmp_path.iterdir()} == {"figures.csv", "figures.md"}
