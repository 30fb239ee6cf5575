"""What commands do for tasks of datasets, `minari:my/dataset-v0`, and without an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from benchmark.cli.options import check_data
from benchmark.data.own_dataset import (
    absent_datasets,
    check_fits_environment,
    description,
    fetch_absent,
)
from benchmark.errors import UserError
from benchmark.running.grid import Grid
from benchmark.tasks import Task
from benchmark.tasks.suites import select_tasks
from benchmark.tasks.task_registry import OF_DATASET

NoEvaluationOption = Annotated[
    bool, typer.Option("--no-evaluation", help="Train and keep agents; make no environment.")
]


def chosen_tasks(
    suite: str | None, patterns: Sequence[str], data: str, *, dry_run: bool = False
) -> list[Task]:
    """Like `select_tasks`, but a dataset that is not there is downloaded.

    Args:
        suite: name of a suite; None for none.
        patterns: texts of `--tasks`.
        data: see `dataset_state`.
        dry_run: whether nothing is to be downloaded: then it is only said what would be.

    Raises:
        UserError: for what is unknown or cannot be had.
        typer.Exit: where all that can be told of a dry run has been told.
    """
    check_data(data)
    absent = [f"{OF_DATASET}{dataset_id}" for dataset_id in absent_datasets(patterns)]
    if not dry_run or data == "local":
        fetch_absent(patterns, data, lambda line: typer.echo(line, err=True))
        return select_tasks(suite, patterns)
    for source in absent:
        typer.echo(
            f"{source} is not there: it would be downloaded; its environment, its episodes and its "
            "scores are known after that"
        )
    there = [pattern for pattern in patterns if pattern not in absent]
    if absent and not there:
        raise typer.Exit
    return select_tasks(suite, there)


def check_evaluation(grid: Grid, *, video: bool) -> None:
    """Makes sure that agents can be evaluated where they are to be, before any work is done.

    Raises:
        UserError: if the environment of a dataset cannot be made or does not fit it, and for
            options that contradict each other.
    """
    if grid.evaluated:
        for task in grid.tasks:
            check_fits_environment(task)
        return
    for option, asked in (("--episodes", grid.episodes is not None), ("--video", video)):
        if asked:
            raise UserError(f"{option} is for an evaluation; leave out it or --no-evaluation")


def derived_tasks_text(tasks: Sequence[Task]) -> str:
    """What was derived for the tasks of datasets, for people; empty where there are none."""
    lines: list[str] = []
    for task in tasks:
        if task.source is not None and task.source.startswith(OF_DATASET):
            lines.append(f"{task.name} (from {task.source})")
            lines += [f"  {what:<12} {words}" for what, words in description(task).items()]
    return "\n".join(["Tasks from datasets", *lines]) if lines else ""
