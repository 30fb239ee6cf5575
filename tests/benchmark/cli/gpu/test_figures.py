"""Figures as they are kept: at once, and with what they add up to."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmark.agents.registry import AgentChoice
from benchmark.cli.gpu.figures import DeviceFigures
from benchmark.cli.gpu.units import Figure
from benchmark.evaluation.device_costs import gradient_steps
from benchmark.tasks.suites import select_tasks


def test_each_is_on_disk_before_the_next_is_measured(tmp_path: Path) -> None:
    figures = DeviceFigures(tmp_path / "gpu", "smoke", "cpu")
    figures.add(Figure("agents", "bc", "updates/s", 123.456789))
    figures.add(Figure("agents", "tt", problem="OutOfMemoryError: of GPU"))
    with (tmp_path / "gpu" / "figures.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["section", "subject", "quantity", "value", "problem"],
            ["agents", "bc", "updates/s", "123.457", ""],
            ["agents", "tt", "", "", "OutOfMemoryError: of GPU"],
        ]
    assert figures.problems == ["agents: tt: OutOfMemoryError: of GPU"]


def test_tables_have_hours_of_the_whole_comparison(tmp_path: Path) -> None:
    figures = DeviceFigures(tmp_path, "paper", "cpu")
    steps = gradient_steps(AgentChoice("mage"), "paper", select_tasks("all", []))
    figures.add(Figure("agents", "mage", "updates/s", steps / 3600 / 80))
    figures.add(Figure("agents", "bc", "updates/s", 1000.0))
    for count, gain in ((1, 1.0), (2, 1.6), (4, 1.2)):
        figures.add(Figure("side by side", "mage", f"{count} at once", gain))
    figures.add(Figure("ways to compute", "MAGE compiled", problem="RuntimeError: no compiler"))
    text = figures.write_tables().read_text()
    assert text.startswith("# Agents on ")
    hours = [line for line in text.splitlines() if line.startswith("| MAGE")][-1]
    assert hours.split("|")[2].strip() == "80" and hours.split("|")[3].strip() == "50"
    assert "RuntimeError: no compiler" in text
    assert "## Training of `--suite all --preset paper`, one seed" in text
