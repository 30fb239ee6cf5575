"""The conformance tests of a task: `python -m benchmark.check_task FILE:NAME`."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli.check_agent import print_answers
from benchmark.cli.options import new_app, one_message, parse_list
from benchmark.errors import UserError
from benchmark.tasks.suites import select_tasks

app = new_app()


@app.command()
def main(
    task: Annotated[
        str, typer.Argument(metavar="TASK", help="path/to/tasks.py:NAME, or a name or a glob.")
    ],
    episodes: Annotated[int, typer.Option(help="Of a random policy.", min=1, max=10_000)] = 20,
) -> None:
    """Check that a task keeps what the benchmark needs of it; plays some random episodes."""
    with one_message("nothing was written"):
        if not (names := parse_list(task)):
            raise UserError(f"{task!r} names no task; valid: path/to/tasks.py:NAME, or a name")
        tasks = select_tasks(None, names)
        # Keeps MuJoCo and torch out of --help.
        from benchmark.running.task_checks import check_task

        failed = [print_answers(one.name, check_task(one, episodes)) for one in tasks]
    raise typer.Exit(1 if any(failed) else 0)
