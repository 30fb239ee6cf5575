"""The command line for settings: `python -m benchmark.tune --agent NAME --task NAME`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from tabulate import tabulate

from benchmark.agents.command_settings import setting_of
from benchmark.agents.registry import AgentChoice
from benchmark.cli import options
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
    SAMPLES,
    plain_value,
    plan_search,
    ranking,
    run_and_write_search,
)
from benchmark.running.search_space import Sample, Search
from benchmark.tasks import Task, known_tasks
from benchmark.tasks.suites import select_tasks

_SHOWN = 5  # Samples with all their steps, and as many of the others.
PICTURE = "search"  # Without ending.

app = options.new_app()


@app.command()
def main(
    agent: Annotated[str, typer.Option(help="Name or path/to/file.py:ClassName.")],
    task: Annotated[str, typer.Option(help="Name of one task, or path/to/tasks.py:NAME.")],
    preset: options.PresetOption = "quick",
    samples: Annotated[
        int,
        typer.Option(min=2, max=10_000, help="Settings to try; the first are the present ones."),
    ] = 16,
    seed: Annotated[
        int, typer.Option(help="Seed of the trainings and of the search: 100 or more.")
    ] = FIRST_SEARCH_SEED,
    workers: SamplesOption = None,
    device: options.DeviceOption = "auto",
    data: options.DataOption = "auto",
    dataset: options.DatasetOption = None,
    steps: options.StepsOption = None,
    set_: SetOption = None,
    out: Annotated[str | None, typer.Option(help="Output folder [default: in results/].")] = None,
    temp: options.TempOption = None,
) -> None:
    """Search for better settings of an agent on a task; scores come from tuning episodes."""
    with options.one_message(f"samples that ended are in {SAMPLES}; the search would start anew"):
        chosen = [one_agent(agent)]
        grid = Grid([one_task(task)], chosen, [seed], preset, data, steps)
        grid = replace(grid, settings_file=user_settings(None, set_, chosen))
        workers = worker_count(workers, fewest=1)
        check_ray("; there is no search without it")
        options.check_options(grid, device)
        grid = options.with_datasets(grid, dataset)
        default = Path("results") / f"tune-{grid.tasks[0].name}-{grid.agents[0].name}"
        folder = Path(options.output_location(out, default))
        check_writable(folder)
        if (folder / ABOUT).exists():
            raise UserError(
                f"output folder {folder} holds a finished search; choose another --out, or delete "
                "it"
            )
        search = plan_search(grid, samples, device)
        use_temp(temp)
        results = run_and_write_search(search, folder, min(workers, samples), typer.echo)
        typer.echo(f"\n{summary(search, results)}\n")
        for picture in write_pictures(search, results, folder):
            typer.echo(f"picture: {picture}")
        if len(results) < samples:
            typer.echo(f"{len(results)} of {counted(samples, 'sample')} were tried; see ray.log")
        if not ranking(results) or len(results) < samples:
            raise typer.Exit(1)
        more = f" --steps {steps}" if steps else ""
        more += _kept_options(set_ or [], search)
        more += "".join(
            f" --dataset {grid.tasks[0].name}={name}" for name in grid.datasets.values()
        )
        typer.echo(
            f"settings: {folder / BEST}\nscore them on the evaluation episodes, which the search "
            f"has not seen:\n  python -m benchmark.run --tasks {task} --agents {agent} "
            f"--preset {preset} --data {data}{more} --config {folder / BEST}"
        )


def _kept_options(texts: Sequence[str], search: Search) -> str:
    """The `--set` of settings that were not searched: those that were are in the file."""
    kept = [text for text in texts if setting_of(text) not in search.space]
    return "".join(f" --set {shlex.quote(text)}" for text in kept)


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


def one_task(text: str) -> Task:
    """The one task that is named.

    Raises:
        UserError: for several, or an unknown one.
    """
    if len(names := options.parse_list(text)) > 1 or re.search(r"[*?[]", text):
        known = [name for name in names if name in known_tasks()] or ["maze2d-umaze"]
        raise UserError(
            f"--task {text!r} names more than one task, and a search is on one; valid: one name, "
            f"such as --task {known[0]}; search once for each of them"
        )
    tasks = select_tasks(None, [text])
    if len(tasks) > 1:
        raise UserError(
            f"--task {text!r} registers {len(tasks)} tasks, and a search is on one; valid: one of "
            f"them, such as --task {tasks[0].asked_as}"
        )
    return tasks[0]


def one_agent(text: str) -> AgentChoice:
    """The one agent that is named.

    Raises:
        UserError: for several, or an unknown one.
    """
    agents = options.parse_agents(text)
    if len(agents) > 1:
        raise UserError(
            f"--agent {text!r} names {len(agents)} agents, and a search is of one; valid: one "
            f"name, such as --agent {agents[0].name}; search once for each of them"
        )
    return agents[0]


def summary(search: Search, samples: Sequence[Sample]) -> str:
    """The best samples, the present settings and those that ended early, for people."""
    ranked = ranking(samples)
    if not ranked:
        reasons = {sample.reason for sample in samples}
        return f"no sample completed: {'; '.join(sorted(reasons))}; see ray.log"
    shown = ranked[:_SHOWN] + [sample for sample in ranked[_SHOWN:] if sample.number == 1]
    early = sorted((s for s in samples if s not in ranked), key=_how_far, reverse=True)[:_SHOWN]
    rows = [
        ["present" if sample.number == 1 else str(sample.number)]
        + [_short(sample.settings[name]) for name in search.space]
        + ["-" if sample.score is None else f"{sample.score:.1f}", _ending(sample, search)]
        for sample in [*shown, *early]
    ]
    table = tabulate(
        rows, ["sample", *search.space, "score", "steps"], tablefmt="simple", disable_numparse=True
    )
    if more := len(samples) - len(rows):
        table += f"\n{counted(more, 'more sample')} in {SAMPLES}"
    first = next((sample for sample in samples if sample.number == 1), None)
    return f"{table}\n\n{_verdict(ranked[0], first, search)}"


def _how_far(sample: Sample) -> tuple[int, float]:
    """What samples without all their steps are sorted by: scores compare at the same step only."""
    return sample.steps, -inf if sample.score is None else sample.score


def _ending(sample: Sample, search: Search) -> str:
    """How many gradient steps a sample had, and why no more."""
    if sample.status == "completed":
        return str(sample.steps)
    why = "ended early" if sample.status == "stopped" else f"failed: {sample.reason}"
    return f"{sample.steps} of {search.run.steps}, {why}"


def _verdict(best: Sample, first: Sample | None, search: Search) -> str:
    if first is None:
        return f"best: sample {best.number}; the present settings were not tried"
    if first.status != "completed" or first.score is None:
        return f"best: sample {best.number}; the present settings failed: {first.reason}"
    if best.number == first.number:
        tried = counted(search.samples, "sample")
        return f"none of {tried} scored higher than the present settings"
    return (
        f"best: sample {best.number}, score {best.score:.1f} against {first.score:.1f} with the "
        f"present settings, on {search.episodes} tuning episodes and one seed; being the best of "
        f"{search.samples}, it looks better than it is"
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(plain_value(value))
