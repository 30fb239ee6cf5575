"""Gradient steps a second: what is measured, and what is refused."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from benchmark.updates import HEADER, app, measure


def test_every_agent_is_timed_with_the_same_batch() -> None:
    rows = measure({"bc": None, "mage.k2": None}, "smoke", 16, "cpu", steps=8, rounds=2)
    found = [dict(zip(HEADER, row, strict=True)) for row in rows]
    assert [row["agent"] for row in found] == ["bc", "mage.k2"]
    for row in found:
        assert row["batch"] == 16 and row["weights"] > 0
        assert row["updates/s"] > 0 and row["steps timed"] == 2 * 3


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
