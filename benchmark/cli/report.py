"""The report of finished runs, or what changed between two folders of them: `benchmark.report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import ReferenceOption, WithPublishedOption, new_app, one_message
from benchmark.errors import UserError

app = new_app()


@app.command()
def main(
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder given as --out to benchmark.run.")
    ] = None,
    with_published: WithPublishedOption = False,
    reference: ReferenceOption = None,
    folders: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", help="Folders OLD and NEW: list what is higher or lower."),
    ] = None,
) -> None:
    """Build tables, pictures and a page from the records of finished runs, or compare two."""
    with one_message("the same command builds all of it again"):
        if (runs is None) == (folders is None):
            raise UserError(
                f"{'neither' if runs is None else 'both'} of --runs and --compare given; valid: "
                "--runs DIR for a report, or --compare OLD NEW"
            )
        if folders is not None:
            raise typer.Exit(_compare(*folders))
        assert runs is not None
        # Keeps pandas and matplotlib out of --help.
        from benchmark.reporting.build import build_report, not_rebuilt

        for path in build_report(runs, with_published=with_published, reference=reference):
            typer.echo(str(path))
        for line in not_rebuilt(runs):
            typer.echo(line)


def _compare(old: Path, new: Path) -> int:
    """Prints what changed; the exit code is 1 if anything has by more than noise."""
    # Keep SciPy and pandas out of --help.
    from benchmark.reporting.changes import change_table, remarks
    from benchmark.reporting.formats import to_terminal
    from benchmark.statistics.compare import CHANGED, compare

    changes = compare(old, new)
    typer.echo(to_terminal(change_table(changes)))
    for remark in remarks(changes):
        typer.echo(f"- {remark}")
    return 1 if any(change.verdict in CHANGED for change in changes) else 0
