"""Figures of a GPU: a line of a CSV as each is measured, and tables of all at the end."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from benchmark.agents.builtin import display_name
from benchmark.agents.registry import AgentChoice
from benchmark.cli.gpu.units import (
    AGENTS,
    FULL,
    SIDE_BY_SIDE,
    TINY,
    Figure,
    measured,
    units,
)
from benchmark.evaluation.device_costs import UPDATES, gradient_steps
from benchmark.records.files import write_atomically
from benchmark.records.system import commit, machine, versions
from benchmark.tasks.suites import select_tasks

_COLUMNS = ("section", "subject", "quantity", "value", "problem")
_LIBRARIES = ("python", "torch", "numpy", "d3rlpy", "diffusers")


def measure_all(
    out: Path, device: str, tiny: bool, minutes: float, echo: Callable[[str], None]
) -> list[str]:
    """Measures everything, and keeps it in a folder.

    Args:
        out: the folder.
        device: name of a torch device.
        tiny: whether two agents with tiny networks will do.
        minutes: when they are over, what has not begun is a problem.
        echo: is given each figure at once, as a line, and at the end where the tables are.

    Returns:
        What was not measured and why, a line each.
    """
    extent = TINY if tiny else FULL
    figures = DeviceFigures(out, extent.preset, device)
    for figure in measured(units(extent, device), minutes):
        figures.add(figure)
        echo(figure.line())
    echo(f"\n{figures.write_tables()}")
    return figures.problems


class DeviceFigures:
    """Keeps figures in a folder.

    Args:
        out: the folder, which is made.
        preset: whose settings the agents have.
        device: name of the torch device.

    Attributes:
        problems: of what was not measured.
    """

    def __init__(self, out: Path, preset: str, device: str) -> None:
        self._out, self._preset, self._device = out, preset, device
        self._figures: list[Figure] = []
        out.mkdir(parents=True, exist_ok=True)
        self._append(_COLUMNS)

    @property
    def problems(self) -> list[str]:
        """One line each."""
        return [figure.line() for figure in self._figures if figure.value is None]

    def add(self, figure: Figure) -> None:
        """Writes it at once: what comes later may end the process."""
        self._figures.append(figure)
        value = "" if figure.value is None else f"{figure.value:.6g}"
        self._append((figure.section, figure.subject, figure.quantity, value, figure.problem))

    def _append(self, row: tuple[str, ...]) -> None:
        with (self._out / "figures.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)

    def write_tables(self) -> Path:
        """Writes all as Markdown, and says where."""
        sections = dict.fromkeys(figure.section for figure in self._figures)
        parts = [self._head(), *(self._table(section) for section in sections), self._hours()]
        path = self._out / "figures.md"
        write_atomically(path, "\n\n".join(parts) + "\n")
        return path

    def _head(self) -> str:
        hardware, libraries = machine(self._device), versions()
        known = ", ".join(f"{name} {libraries[name]}" for name in _LIBRARIES if name in libraries)
        return (
            f"# Agents on {hardware.get('gpu', hardware['processor'])}\n\n"
            f"Settings of the preset {self._preset}, made-up data. Device {self._device}; {known}; "
            f"commit {commit() or 'unknown'}."
        )

    def _table(self, section: str) -> str:
        """Subjects by quantities."""
        rows: dict[str, dict[str, str]] = {}
        for figure in self._figures:
            if figure.section == section:
                row = rows.setdefault(figure.subject, {"": figure.subject})
                if figure.value is None:
                    row["problem"] = figure.problem
                else:
                    row[figure.quantity] = f"{figure.value:,.4g}"
        table = tabulate(list(rows.values()), "keys", "github", disable_numparse=True)
        return f"## {section[:1].upper()}{section[1:]}\n\n{table}"

    def _hours(self) -> str:
        """What a comparison costs each agent."""
        tasks = select_tasks("all", [])
        rows = []
        for agent, speed in self._largest(AGENTS, UPDATES).items():
            steps = gradient_steps(AgentChoice(agent), self._preset, tasks)
            hours, gain = steps / speed / 3600, self._largest(SIDE_BY_SIDE).get(agent)
            shared = f"{hours / gain:,.3g}" if gain else "-"
            rows.append((display_name(agent), f"{hours:,.3g}", shared))
        header = ("agent", "hours, one after another", "hours, side by side")
        table = tabulate(rows, header, "github", disable_numparse=True)
        return (
            f"## Training of `--suite all --preset {self._preset}`, one seed\n\n"
            f"Gradient steps of all {len(tasks)} tasks at the speed on one; evaluation comes on "
            f"top.\n\n{table}"
        )

    def _largest(self, section: str, quantity: str | None = None) -> dict[str, float]:
        """Subject -> the largest of its figures in a section, or of one of them."""
        largest: dict[str, float] = {}
        for figure in self._figures:
            fits = figure.section == section and quantity in (None, figure.quantity)
            if fits and figure.value is not None:
                largest[figure.subject] = max(figure.value, largest.get(figure.subject, 0.0))
        return largest
