"""Measures the harness on this machine, and prints the figures beside what they should be."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tabulate import tabulate

from benchmark.cli.options import TempOption, new_app, one_message
from benchmark.records.capacity import usable_cores
from benchmark.records.disk import use_temp
from benchmark.records.system import machine

if TYPE_CHECKING:
    from benchmark.cli.selfcheck.memory import MemoryUse
    from benchmark.cli.selfcheck.reports import Collation
    from benchmark.cli.selfcheck.resuming import Resumed
    from benchmark.cli.selfcheck.speed import Speed

Rows = Sequence[tuple[str, str, str]]

_NOT_TOLD = "not told by this system"

app = new_app()


@app.command()
def main(
    steps: Annotated[int, typer.Option(help="Gradient steps of the long runs.", min=600)] = 12_000,
    rows: Annotated[
        int, typer.Option(help="Steps of the made-up dataset for memory.", min=200)
    ] = 1_000_000,
    records: Annotated[int, typer.Option(help="Made-up records of a report.", min=1)] = 10_000,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Measure the report alone; trains nothing.")
    ] = False,
    temp: TempOption = None,
) -> None:
    """Measure speed, resuming, memory and reports, in 15 minutes; the machine should be idle."""
    # Keep MuJoCo, pandas and matplotlib out of --help.
    from benchmark.cli.selfcheck.memory import measure_memory
    from benchmark.cli.selfcheck.processes import prepare_data
    from benchmark.cli.selfcheck.reports import measure_collation
    from benchmark.cli.selfcheck.resuming import measure_resume
    from benchmark.cli.selfcheck.speed import measure_speed

    with one_message("nothing is kept"):
        use_temp(temp)
        hardware = machine("cpu")
        typer.echo(f"{hardware['processor']}, {hardware['cores']} cores, {hardware['system']}\n")
        with tempfile.TemporaryDirectory(prefix="mage-selfcheck-") as scratch:
            folder = Path(scratch)
            if not report_only:
                prepare_data(typer.echo)  # Not within what is measured.
                _print("speed", speed_rows(measure_speed(folder, steps)))
                resumed = measure_resume(folder / "killed", folder / "long", steps)
                _print("resuming", resume_rows(resumed))
                _print("memory", memory_rows(measure_memory(rows)))
            _print("report", collation_rows(measure_collation(folder / "many", records)))


def _print(title: str, rows: Rows) -> None:
    typer.echo(tabulate(rows, [title, "measured", "should be"], tablefmt="simple") + "\n")


def speed_rows(speed: Speed) -> Rows:
    """The figures of `speed` for people."""
    added, without = speed.run - speed.bare, speed.run - speed.scores - speed.bare
    cores = usable_cores()
    return [
        ("4 runs, one worker", f"{speed.one_worker:.0f} s", ""),
        ("4 runs, two workers", f"{speed.two_workers:.0f} s", ""),
        (
            f"one worker / two workers, on {cores} cores",
            f"{speed.one_worker / speed.two_workers:.2f}",
            "at least 1.7",
        ),
        ("command to first gradient step", f"{speed.first_step:.1f} s", "under 20 s"),
        ("training and evaluation alone", f"{speed.bare:.0f} s", "60 s or more"),
        ("added by the harness", f"{added / speed.bare:.1%}", "at most 5 %"),
        ("the same without the learning curve", f"{without / speed.bare:.1%}", ""),
    ]


def resume_rows(resumed: Resumed) -> Rows:
    """The figures of `resume` for people."""
    return [
        ("training lost by kill -9", f"{resumed.lost:.0f} s", "at most 120 s"),
        ("went on from gradient step", f"{resumed.at:,}", ""),
        (
            "ended with the weights of an undisturbed run",
            "yes" if resumed.same else "NO",
            "yes",
        ),
    ]


def memory_rows(use: MemoryUse) -> Rows:
    """The figures of `memory` for people."""
    return [
        (f"arrays of {use.steps:,} steps", f"{use.arrays / 2**20:,.0f} MiB", ""),
        ("peak while loading / arrays", _ratio(use.load_peak, use.arrays), "at most 2.5"),
        (
            f"memory of {use.workers} workers / arrays",
            _ratio(use.all_workers, use.arrays),
            "about 1",
        ),
    ]


def _ratio(taken: int | None, arrays: int) -> str:
    return _NOT_TOLD if taken is None else f"{taken / arrays:.2f}"


def collation_rows(collation: Collation) -> Rows:
    """The figures of `collation` for people."""
    peak = _NOT_TOLD if collation.peak is None else f"{collation.peak / 2**20:,.0f} MiB"
    return [
        (f"{collation.records:,} records", f"{collation.stored / 2**20:,.0f} MiB", ""),
        ("reading and collating them", f"{collation.collating:.1f} s", "under 20 s"),
        ("tables, pictures and page of them", f"{collation.reporting:.1f} s", ""),
        ("size of the page", f"{collation.page / 2**20:.1f} MiB", "under 15 MiB"),
        ("peak memory of the process", peak, "under 1,024 MiB"),
    ]
