"""Measures the harness on this machine, and prints what was found beside what it should be."""

from __future__ import annotations

from typing import Annotated

import typer
from tabulate import tabulate

from benchmark.selfcheck.memory import MemoryUse, measure_memory

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    steps: Annotated[int, typer.Option(help="Steps of the made-up dataset.", min=200)] = 1_000_000,
) -> None:
    """Measure how much memory a dataset takes to load, and what workers share of it."""
    typer.echo(memory_table(measure_memory(steps)))


def memory_table(use: MemoryUse) -> str:
    """The figures as a table for people."""
    together = "not told by this system"
    if use.all_workers is not None:
        together = f"{use.all_workers / use.arrays:.2f}"
    rows = [
        (f"arrays of {use.steps:,} steps", f"{use.arrays / 2**20:,.0f} MiB", ""),
        ("peak while loading / arrays", f"{use.load_peak / use.arrays:.2f}", "at most 2.5"),
        (f"memory of {use.workers} workers / arrays", together, "about 1"),
    ]
    return str(tabulate(rows, ["memory", "measured", "should be"], tablefmt="simple"))


if __name__ == "__main__":
    app()
