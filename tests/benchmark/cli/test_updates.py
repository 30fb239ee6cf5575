"""The table of gradient steps a second, and what is refused."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from benchmark.cli.updates import app


def test_the_table_is_printed() -> None:
    options = ["--agents", "bc", "--preset", "smoke", "--steps", "8", "--rounds", "1"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "updates/s" in result.output and "bc" in result.output


def test_an_agent_without_batches_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fussy.py"
    file.write_text(
        "class Fussy:\n"
        "    def __init__(self, task, settings, device):\n"
        "        raise ValueError(f'unknown settings {sorted(settings)}')\n"
        "    def fit(self): ...\n"
        "    reset = act = save = load = fit\n"
    )
    result = CliRunner().invoke(app, ["--agents", f"{file}:Fussy", "--preset", "smoke"])
    assert result.exit_code == 2
    told = "agent 'fussy' cannot be made: unknown settings ['batch_size']; leave it out"
    assert told in result.output + result.stderr
