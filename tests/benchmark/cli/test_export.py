"""The command that writes a trained agent to a file: what it prints, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.cli.export import app
from benchmark.deployment import exporting, policy_file
from benchmark.deployment.exporting import ExportedPolicy
from benchmark.deployment.policy_check import Comparison


def words(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--to", "keras"], "unknown form 'keras'; valid: --to onnx, torchscript, torch-"),
        (["none", "--out", "a.pt"], "--out a.pt is no file for --to onnx; valid: a name in .onnx"),
        (["none"], "no agent can be loaded from none: there is no agent.json in it; expected the"),
        (["none/deep/seed-0"], "no agent can be loaded from none/deep/seed-0"),
        (["memory://none", "--out", "a.onnx"], "no agent can be loaded from memory://none: there"),
        (["nowhere://none", "--out", "a.onnx"], "nowhere://none cannot be reached"),
        (["memory://none"], "is a URL: say where the file is to go, such as --out policy.onnx"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(policy_file, "_PACKAGES", ())
    code, text = words(*arguments)
    assert (code, message in text) == (2, True), text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("comparison", "code", "message"),
    [
        (Comparison(1000, 3e-7, 0), 0, "1,000 observations of my/data: largest difference 3.0e-07"),
        (Comparison(1000, 3e-7, 2), 0, "at 2 of them the agent's own action jumps within"),
        (Comparison(1000, 0.5, 0), 1, "error: x.unchecked.pt does not do what its agent does"),
    ],
)
def test_the_outcome_of_the_check_is_told(
    comparison: Comparison,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "agent.json").write_text('{"agent": "mage"}')
    asked: list[Any] = []

    def export(*given: Any) -> ExportedPolicy:
        asked.append(given)
        name = "x.pt" if comparison.passed else "x.unchecked.pt"
        return ExportedPolicy(Path(name), "observation (n, 4)", comparison, "my/data")

    monkeypatch.setattr(exporting, "export_agent", export)
    told, text = words(str(tmp_path), "--to", "torchscript")
    assert (told, message in text) == (code, True), text
    assert asked == [(tmp_path, Path(f"{tmp_path}.pt"), "torchscript")]
