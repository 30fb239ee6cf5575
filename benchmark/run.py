"""The command line: `python -m benchmark.run --suite NAME`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmark.command import one_message
from benchmark.datasets import DATA_CHOICES, sharing
from benchmark.device import check_device, resolve_device
from benchmark.errors import UserError, unknown_name
from benchmark.grid import (
    DEFAULT_AGENTS,
    Grid,
    check_writable,
    claimed,
    parse_agents,
    parse_list,
    parse_seeds,
    pending_runs,
    plan_runs,
    prepare_datasets,
)
from benchmark.plan import listing, plan
from benchmark.presets import find_preset
from benchmark.record import RunSpec, read_records, write_record
from benchmark.suites import select_tasks

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    suite: Annotated[
        str | None, typer.Option(help="Suite of tasks, such as maze2d or all.")
    ] = None,
    tasks: Annotated[str, typer.Option(help="Task names or globs, with commas between.")] = "",
    agents: Annotated[
        str, typer.Option(help="Names or path/to/file.py:ClassName, with commas between.")
    ] = DEFAULT_AGENTS,
    seeds: Annotated[str, typer.Option(help="3 for seeds 0, 1, 2; 4,7 for exactly these.")] = "1",
    preset: Annotated[str, typer.Option(help="smoke, quick or paper.")] = "quick",
    out: Annotated[Path | None, typer.Option(help="Output folder [default: in results/].")] = None,
    workers: Annotated[int | None, typer.Option(help="Runs at a time [default: cores].")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish what is missing in --out.")
    ] = False,
    data: Annotated[
        str, typer.Option(help="auto; minari: published data only; local: collected here only.")
    ] = "auto",
    steps: Annotated[int | None, typer.Option(help="Gradient steps, not the preset's.")] = None,
    episodes: Annotated[
        int | None, typer.Option(help="Evaluation episodes, not the preset's.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and do nothing.")
    ] = False,
    list_all: Annotated[
        bool, typer.Option("--list", help="Print tasks, suites, agents and presets.")
    ] = False,
) -> None:
    """Train and compare offline reinforcement learning agents; tables and plots go to --out."""
    with one_message("finished runs are kept: the same command with --resume goes on"):
        if list_all:
            typer.echo(listing())
            return
        grid = Grid(
            tasks=select_tasks(suite, parse_list(tasks)),
            agents=parse_agents(agents),
            seeds=parse_seeds(seeds),
            preset=preset,
            data=data,
            steps=steps,
            episodes=episodes,
        )
        cores = os.cpu_count() or 1
        workers = cores if workers is None else workers
        check_options(grid, workers, device)
        out = out or default_folder(suite, tasks, preset)
        if dry_run:
            typer.echo(plan(grid, _pending_cells(grid, out, resume), workers))
            return
        code = execute(grid, out, resume, workers, device)
    raise typer.Exit(code)


def check_options(grid: Grid, workers: int, device: str) -> None:
    """Refuses option values that no machine could follow.

    Raises:
        UserError: for the first such value.
    """
    find_preset(grid.preset)
    if grid.data not in DATA_CHOICES:
        raise unknown_name("value of --data", grid.data, DATA_CHOICES)
    check_device(device)
    for option, value in (
        ("--workers", workers),
        ("--steps", grid.steps),
        ("--episodes", grid.episodes),
    ):
        if value is not None and value < 1:
            raise UserError(
                f"{option} {value} is too few; valid: 1 or more; leave it out for the default"
            )


def default_folder(suite: str | None, tasks: str, preset: str) -> Path:
    """Where the output goes if the user names no folder: below `results/`."""
    parts = parse_list(tasks) or [suite or "tasks"]
    name = re.sub(r"[^a-z0-9_.-]+", "-", "_".join(parts).lower()).strip("-.")
    return Path("results") / f"{name[:60] or 'tasks'}-{preset}"


def execute(grid: Grid, out: Path, resume: bool, workers: int, device: str) -> int:
    """Trains what is missing, and builds the report.

    Returns:
        The exit code: 0 if every run completed or had no dataset, 1 if one failed.

    Raises:
        UserError: if it cannot be started; nothing has been written then.
    """
    check_writable(out)
    device = resolve_device(device)
    runs = plan_runs(grid)
    pending = pending_runs(runs, out, resume)
    typer.echo(
        f"{len(runs)} runs, {len(runs) - len(pending)} completed before; records go to {out}"
    )
    with claimed(out), sharing(out):
        without_data = prepare_datasets(pending, grid.tasks, out, typer.echo)
        for record in without_data:
            write_record(out, record)
        skipped = {record.run.name for record in without_data}
        _train([run for run in pending if run.name not in skipped], out, device, workers)
        return _conclude(runs, out)


def _train(runs: Sequence[RunSpec], out: Path, device: str, workers: int) -> None:
    if not runs:
        return
    from benchmark.parallel import run_all

    typer.echo(f"training {len(runs)} runs on {device}, {min(workers, len(runs))} at a time")
    run_all(runs, out, device, min(workers, len(runs)))


def _conclude(runs: Sequence[RunSpec], out: Path) -> int:
    """Builds the report, and says how the runs that were asked for ended."""
    from benchmark.report import build_report, score_table

    summary = build_report(out)[-1]
    records = list(read_records(out))
    asked = {run.name for run in runs}
    failed = [r for r in records if r.status == "failed" and r.run.name in asked]
    typer.echo(f"\n{score_table(records)}\n")
    for record in failed:
        typer.echo(f"failed: {record.run.name}: {record.reason}; {record.remedy}")
    typer.echo(f"records: {out / 'runs'}\nreport:  {summary}")
    return 1 if failed else 0


def _pending_cells(grid: Grid, out: Path, resume: bool) -> list[tuple[str, str]]:
    if (out / "runs").is_dir():
        return [(run.task, run.agent) for run in pending_runs(plan_runs(grid), out, resume)]
    # Nothing to compare with, so the agents need not be imported.
    return [(task.name, agent.name) for task, _, agent in grid.cells]


if __name__ == "__main__":
    app()
