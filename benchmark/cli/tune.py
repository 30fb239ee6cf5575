"""The command line for settings: `python -m benchmark.tune --agents LIST --tasks LIST`."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.command_settings import setting_of
from benchmark.cli import options
from benchmark.cli.dry_run import search_plan_text
from benchmark.cli.run import DryRunOption, default_folder
from benchmark.cli.search_summary import overview, summary
from benchmark.cli.settings_options import SetOption, user_settings
from benchmark.cli.workers import SamplesOption, worker_count
from benchmark.errors import UserError
from benchmark.records.disk import check_writable, use_temp
from benchmark.records.files import write_atomically
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.text import counted
from benchmark.running.compute import check_ray
from benchmark.running.grid import Grid
from benchmark.running.search import (
    ABOUT,
    BEST,
    FINISHED,
    SAMPLES,
    check_same_budget,
    merged_settings,
    plain_value,
    plan_search,
    ranking,
    run_and_write_search,
    share_data,
    state_of,
)
from benchmark.running.search_space import Sample, Search
from benchmark.tasks.suites import select_tasks

PICTURE = "search"  # Without ending.

TrainingsOption = Annotated[
    int, typer.Option(min=1, max=100, help="Of each sample; its score is the mean of those it had.")
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume", help="Leave out the searches that --out holds; do unfinished ones anew."
    ),
]

app = options.new_app()


@app.command()
def main(
    agents: Annotated[
        str, typer.Option("--agents", "--agent", help="Names or path/to/file.py:ClassName.")
    ],
    tasks: Annotated[
        str, typer.Option("--tasks", "--task", help="Names or globs, or path/to/tasks.py:GLOB.")
    ] = "",
    suite: options.SuiteOption = None,
    preset: options.PresetOption = "quick",
    samples: Annotated[
        int,
        typer.Option(min=2, max=10_000, help="Settings to try; the first are the present ones."),
    ] = 16,
    seed: Annotated[
        int, typer.Option(help="Seed of the first training and of the search: 100 or more.")
    ] = FIRST_SEARCH_SEED,
    trainings: TrainingsOption = 3,
    workers: SamplesOption = None,
    device: options.DeviceOption = "auto",
    data: options.DataOption = "auto",
    dataset: options.DatasetOption = None,
    steps: options.StepsOption = None,
    set_: SetOption = None,
    out: Annotated[str | None, typer.Option(help="Output folder [default: in results/].")] = None,
    temp: options.TempOption = None,
    resume: ResumeOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Search for better settings of agents on tasks; scores come from tuning episodes."""
    with options.one_message(f"samples that ended are in {SAMPLES}; their search would start anew"):
        chosen = options.parse_agents(agents)
        seeds = list(range(seed, seed + trainings))
        listed = select_tasks(suite, options.parse_list(tasks))
        grid = Grid(listed, chosen, seeds, preset, data, steps)
        grid = replace(grid, settings_file=user_settings(None, set_, chosen))
        workers = worker_count(workers, fewest=1)
        check_ray("; there is no search without it")
        options.check_options(grid, device)
        grid = options.with_datasets(grid, dataset)
        folder = Path(options.output_location(out, _default_folder(grid, suite, tasks)))
        searches = _planned(grid, samples, device, folder)
        left = {where: searches[where] for where in _unfinished(searches, folder, resume)}
        if dry_run:
            typer.echo(search_plan_text(grid, len(searches), list(left.values()), workers))
            return
        check_writable(folder)
        use_temp(temp)
        complete = _run_all(left, folder, workers)
        if folder not in searches:
            _write_together(searches, folder)
        if not complete:
            typer.echo("not all samples were tried; --resume does the unfinished searches anew")
            raise typer.Exit(1)
        typer.echo(
            f"settings: {folder / BEST}\nscore them on the evaluation episodes, which the search "
            f"has not seen:\n  {_next_command(grid, suite, tasks, agents, set_ or [], searches)} "
            f"--config {folder / BEST}"
        )


def _default_folder(grid: Grid, suite: str | None, tasks: str) -> Path:
    if len(grid.tasks) == len(grid.agents) == 1:
        return Path("results") / f"tune-{grid.tasks[0].name}-{grid.agents[0].name}"
    folder = default_folder(suite, tasks, grid.preset)
    return folder.with_name(f"tune-{folder.name}")


def _planned(grid: Grid, samples: int, device: str, folder: Path) -> dict[Path, Search]:
    """The search of each agent on each task, by its folder: one alone has the whole of it.

    Raises:
        UserError: if one alone has it already.
    """
    alone = len(grid.tasks) == len(grid.agents) == 1 and not [*folder.glob(f"*/*/{ABOUT}")]
    if not alone and (folder / ABOUT).exists():
        raise UserError(
            f"output folder {folder} holds the search of one agent on one task; choose another "
            "--out for several"
        )
    return {
        folder if alone else folder / task.name / agent.name: plan_search(
            replace(grid, tasks=[task], agents=[agent]), samples, device
        )
        for task in grid.tasks
        for agent in grid.agents
    }


def _unfinished(searches: Mapping[Path, Search], folder: Path, resume: bool) -> list[Path]:
    """The folders of the searches that are still to be done.

    Raises:
        UserError: if some are begun or done, though nothing was said of going on, or if one of the
            folder is another, or had another budget.
    """
    states = {where: state_of(search, where) for where, search in searches.items()}
    if any(states.values()) and not resume:
        there = "a finished" if FINISHED in states.values() else "an unfinished"
        raise UserError(
            f"output folder {folder} holds {there} search; add --resume to run what is "
            "missing, choose another --out, or delete it"
        )
    if folder not in searches:
        check_same_budget(next(iter(searches.values())), folder)
    return [where for where, state in states.items() if state != FINISHED]


def _run_all(searches: Mapping[Path, Search], folder: Path, workers: int) -> bool:
    """Runs one search after another, and tells what is found.

    Returns:
        Whether all samples of all were tried, and some of each had all their steps.

    Raises:
        UserError: if some data cannot be had, or another command holds a folder.
    """
    if not searches:
        return True
    # Keep Ray out of --help.
    from benchmark.running.ray_search import search_session

    complete = True
    with tempfile.TemporaryDirectory(prefix="mage-tune-") as scratch:
        datasets = share_data(searches.values(), Path(scratch), typer.echo)
        with search_session(list(searches.values()), folder / "ray.log", workers) as session:
            for where, search in searches.items():
                task, at_once = search.run.task, min(workers, search.samples)
                data = Path(scratch) / task
                results = run_and_write_search(
                    *(search, where, data, datasets[task], at_once, session)
                )
                session.print_line(f"\n{summary(search, results)}\n")
                for picture in write_pictures(search, results, where):
                    session.print_line(f"picture: {picture}")
                tried = f"{len(results)} of {counted(search.samples, 'sample')} were tried"
                if len(results) < search.samples:
                    session.print_line(f"{tried}; see ray.log")
                complete &= bool(ranking(results)) and len(results) == search.samples
    return complete


def _write_together(searches: Mapping[Path, Search], folder: Path) -> None:
    """Writes the winners of several searches as one file, and tells what these have brought."""
    write_atomically(folder / BEST, json.dumps(merged_settings(folder), indent=1) + "\n")
    typer.echo(f"\n{overview(searches)}\n")


def _next_command(
    grid: Grid,
    suite: str | None,
    tasks: str,
    agents: str,
    texts: Sequence[str],
    searches: Mapping[Path, Search],
) -> str:
    """What scores the settings that were found."""
    asked = [*(["--suite", suite] if suite else []), *(["--tasks", tasks] if tasks else [])]
    asked += ["--agents", agents, "--preset", grid.preset, "--data", grid.data]
    asked += ["--steps", str(grid.steps)] if grid.steps else []
    space = {name for search in searches.values() for name in search.space}
    # Settings that were searched are in the file.
    for text in texts:
        asked += ["--set", text] if setting_of(text) not in space else []
    for task, name in grid.datasets.items():
        asked += ["--dataset", f"{task}={name}"]
    return f"python -m benchmark.run {shlex.join(asked)}"


def write_pictures(search: Search, samples: Sequence[Sample], folder: Path) -> Iterator[Path]:
    """Draws the search beside its results, as PNG and PDF; nothing where no sample has a score."""
    import pandas as pd

    # Keeps matplotlib and pandas out of --help.
    from benchmark.plots import figure_bytes, search_figure

    scored = [sample for sample in samples if sample.score is not None and isfinite(sample.score)]
    if not scored:
        return
    columns = ("number", "status", "score", "seconds")
    rows = [[getattr(sample, name) for name in columns] for sample in scored]
    settings = [
        {name: plain_value(sample.settings[name]) for name in search.space} for sample in scored
    ]
    frame = pd.DataFrame(rows, columns=["sample", *columns[1:]])
    figure = search_figure(frame, pd.DataFrame(settings), search.space)
    for ending in ("png", "pdf"):
        path = folder / f"{PICTURE}.{ending}"
        write_atomically(path, figure_bytes(figure, ending))
        yield path
