"""What this machine has for runs, and what is missing: `python -m benchmark.doctor`."""

from __future__ import annotations

import typer

from benchmark.cli.examination import examine

# Not made by `options`, which needs much of what may be missing.
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main() -> None:
    """Look at what runs need of this machine, and say what is missing and how to get it."""
    raise typer.Exit(examine(typer.echo))
