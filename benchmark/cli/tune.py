"""The command line for settings: `python -m benchmark.tune --agent NAME --task NAME`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from tabulate import tabulate

from benchmark.agents.registry import AgentChoice
from benchmark.cli import options
from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.records.disk import check_writable, use_temp
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.text import counted
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
from benchmark.tasks import TASKS, Task

_SHOWN = 5

app = options.new_app()


@app.command()
def main(
    agent: Annotated[str, typer.Option(help="Name or path/to/file.py:ClassName.")],
    task: Annotated[str, typer.Option(help="Name of one task.")],
    preset: options.PresetOption = "quick",
    samples: Annotated[
        int,
        typer.Option(min=2, max=10_000, help="Settings to try; the first are the present ones."),
    ] = 16,
    seed: Annotated[
        int, typer.Option(help="Of the training and of the search: 100 or more.")
    ] = FIRST_SEARCH_SEED,
    workers: options.WorkersOption = None,
    device: options.DeviceOption = "auto",
    data: options.DataOption = "auto",
    dataset: options.DatasetOption = None,
    steps: options.StepsOption = None,
    out: Annotated[str | None, typer.Option(help="Output folder [default: in results/].")] = None,
    temp: options.TempOption = None,
) -> None:
    """Search for better settings of an agent on a task, scored on episodes kept for this."""
    with options.one_message(f"samples that ended are in {SAMPLES}; the search would start anew"):
        grid = Grid([one_task(task)], [one_agent(agent)], [seed], preset, data, steps)
        workers = options.worker_count(workers)
        options.check_options(grid, workers, device)
        grid = options.with_datasets(grid, dataset)
        default = Path("results") / f"tune-{task}-{grid.agents[0].name}"
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
        if len(results) < samples:
            typer.echo(f"{len(results)} of {counted(samples, 'sample')} were tried; see ray.log")
        if not ranking(results) or len(results) < samples:
            raise typer.Exit(1)
        more = f" --steps {steps}" if steps else ""
        more += "".join(f" --dataset {task}={name}" for name in grid.datasets.values())
        typer.echo(
            f"settings: {folder / BEST}\nscore them on the evaluation episodes, which the search "
            f"has not seen:\n  python -m benchmark.run --tasks {task} --agents {agent} "
            f"--preset {preset} --data {data}{more} --config {folder / BEST}"
        )


def one_task(text: str) -> Task:
    """The one task that is named.

    Raises:
        UserError: for several, or an unknown one.
    """
    if len(names := options.parse_list(text)) > 1 or re.search(r"[*?[]", text):
        known = [name for name in names if name in TASKS] or ["maze2d-umaze"]
        raise UserError(
            f"--task {text!r} names more than one task, and a search is on one; valid: one name, "
            f"such as --task {known[0]}; search once for each of them"
        )
    if text not in TASKS:
        raise unknown_name("task", text, TASKS, listing=LISTING)
    return TASKS[text]


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
    """The best samples and the present settings, for people."""
    ranked = ranking(samples)
    if not ranked:
        reasons = {sample.reason for sample in samples}
        return f"no sample completed: {'; '.join(sorted(reasons))}; see ray.log"
    shown = ranked[:_SHOWN] + [sample for sample in ranked[_SHOWN:] if sample.number == 1]
    rows = [
        ["present" if sample.number == 1 else sample.number]
        + [_short(sample.settings[name]) for name in search.space]
        + [f"{sample.score:.1f}"]
        for sample in shown
    ]
    table = tabulate(rows, ["sample", *search.space, "score"], tablefmt="simple")
    first = next((sample for sample in samples if sample.number == 1), None)
    return f"{table}\n\n{_verdict(ranked[0], first, search)}"


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
