"""The command line for settings: `python -m benchmark.tune --agent NAME --task NAME`."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from tabulate import tabulate

from benchmark.agents.registry import agent_class, find_agent
from benchmark.agents.settings import find_preset
from benchmark.cli.options import (
    DataOption,
    DeviceOption,
    PresetOption,
    StepsOption,
    WorkersOption,
    check_options,
    new_app,
    one_message,
    worker_count,
)
from benchmark.errors import DatasetError, UserError, one_line, unknown_name
from benchmark.records import system
from benchmark.records.files import check_writable, write_atomically
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.grid import Grid, plan_runs
from benchmark.tasks import TASKS

if TYPE_CHECKING:
    from benchmark.running.ray_search import Sample, Search

SAMPLES = "trials.csv"
BEST = "best.json"
ABOUT = "about.json"

_FORMS = (
    '("uniform", low, high), ("loguniform", low, high) with low above 0, ("int", low, high) with '
    'both ends included, ("choice", (value, value, ...))'
)
_OF_THE_RUN = ("task", "agent", "source", "preset", "seed", "steps", "settings")
_SHOWN = 5

app = new_app()


@app.command()
def main(
    agent: Annotated[str, typer.Option(help="Name or path/to/file.py:ClassName.")],
    task: Annotated[str, typer.Option(help="Name of one task.")],
    preset: PresetOption = "quick",
    samples: Annotated[
        int, typer.Option(min=2, help="Settings to try; the first are the present ones.")
    ] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Of the training and of the search.")] = 0,
    workers: WorkersOption = None,
    device: DeviceOption = "auto",
    data: DataOption = "auto",
    steps: StepsOption = None,
    out: Annotated[Path | None, typer.Option(help="Output folder [default: in results/].")] = None,
) -> None:
    """Search for better settings of an agent on a task, scored on episodes kept for this."""
    with one_message(f"samples that ended are in {SAMPLES}; the search would start anew"):
        if task not in TASKS:
            raise unknown_name("task", task, TASKS)
        grid = Grid([TASKS[task]], [find_agent(agent)], [seed], preset, data, steps)
        workers = worker_count(workers)
        check_options(grid, workers, device)
        out = out or Path("results") / f"tune-{task}-{grid.agents[0].name}"
        check_writable(out)
        if (out / ABOUT).exists():
            raise UserError(
                f"output folder {out} holds a finished search; choose another --out, or delete it"
            )
        search = plan_search(grid, samples, device)
        found = execute(search, out, min(workers, samples))
        typer.echo(f"\n{summary(search, found)}\n")
        if not ranking(found):
            raise typer.Exit(1)
        more = f" --steps {steps}" if steps else ""
        typer.echo(
            f"settings: {out / BEST}\nscore them on the evaluation episodes, which the search has "
            f"not seen:\n  python -m benchmark.run --tasks {task} --agents {agent} "
            f"--preset {preset} --data {data}{more} --config {out / BEST}"
        )


def plan_search(grid: Grid, samples: int, device: str) -> Search:
    """Spells out a search; makes the agent once to see its present settings.

    Args:
        grid: of one task, one agent and one seed.
        samples: how many to try.
        device: what the user asked for.

    Raises:
        UserError: if the agent declares no space, or one that is not valid.
    """
    run = plan_runs(grid)[0]
    found = agent_class(run.source or run.agent)
    space = search_space(run.agent, found)

    from benchmark.running.compute import resolve_device
    from benchmark.running.ray_search import Search
    from benchmark.tasks.environments import task_info

    device = resolve_device(device)
    try:
        agent = found(task_info(grid.tasks[0]), run.settings, device)
    except Exception as error:  # Other people's class may raise anything.
        raise UserError(
            f"agent {run.agent!r} cannot be made with its settings of preset {run.preset!r} "
            f"({type(error).__name__}: {one_line(error)}); correct its `presets`"
        ) from error
    present = present_values(run.agent, getattr(agent, "config", None), run.settings, space)
    # One score decides here, so that it is worth twice the episodes of a point of a curve.
    episodes = 2 * find_preset(run.preset).tuning_episodes
    return Search(run, space, present, samples, episodes, device)


def search_space(name: str, agent: type[Any]) -> dict[str, Sequence[Any]]:
    """The settings that an agent's class wants searched; see `benchmark.interface.Agent`.

    Args:
        name: of the agent.
        agent: its class.

    Raises:
        UserError: if there are none, or one is declared in a form that is not known.
    """
    space = getattr(agent, "search_space", None)
    if not isinstance(space, Mapping) or not space:
        raise UserError(
            f"agent {name!r} declares no settings to search; give its class an attribute such as "
            'search_space = {"learning_rate": ("loguniform", 1e-4, 3e-3)}; valid forms: ' + _FORMS
        )
    for setting, declared in space.items():
        if not _is_valid(declared):
            raise UserError(
                f"search_space of agent {name!r}: setting {setting!r} is declared as "
                f"{declared!r}; valid forms: {_FORMS}"
            )
    return dict(space)


def _is_valid(declared: Any) -> bool:
    match declared:
        case ("choice", list() | tuple() as values):
            return len(values) > 0
        case ("int", int(low), int(high)):
            return low < high
        case ("uniform", int() | float() as low, int() | float() as high):
            return low < high
        case ("loguniform", int() | float() as low, int() | float() as high):
            return 0 < low < high
    return False


def present_values(
    agent: str, config: Any, settings: Mapping[str, Any], space: Mapping[str, Any]
) -> dict[str, Any]:
    """The value that each setting of a search space has without the search.

    Args:
        agent: its name.
        config: its resolved settings, a dataclass; None where it keeps none.
        settings: what the agent was given, which counts where it keeps no config.
        space: the settings asked for.

    Raises:
        UserError: for a setting of which nothing is known, or that has no number to start from.
    """
    known = vars(config) if is_dataclass(config) else settings
    for name, (form, *_) in space.items():
        if name not in known:
            raise UserError(
                f"search_space of agent {agent!r} names {name!r}, which has no present value; "
                f"known: {', '.join(sorted(known)) or 'none'}; an agent tells its settings in "
                "`presets` or in a dataclass `config`"
            )
        if form != "choice" and not isinstance(known[name], (int, float)):
            raise UserError(
                f"search_space of agent {agent!r}: {name!r} is {known[name]!r} now, which is no "
                f'number; declare it as ("choice", (value, ...))'
            )
    return {name: known[name] for name in space}


def execute(search: Search, out: Path, workers: int) -> list[Sample]:
    """Gets the data, tries the samples, and writes what was found.

    Raises:
        UserError: if the data cannot be had, or another command holds the folder.
    """
    from benchmark.data import prepare, share
    from benchmark.running.ray_search import run_search
    from benchmark.tasks.environments import task_info

    run, task = search.run, TASKS[search.run.task]
    with Store(str(out)).claimed(), tempfile.TemporaryDirectory(prefix="mage-tune-") as place:
        try:
            loaded = prepare(task, task_info(task), run.data, typer.echo)
        except DatasetError as error:
            raise UserError(f"{task.name}: {error}") from error
        shared = Path(place) / task.name
        share(loaded, shared)
        typer.echo(
            f"{counted(search.samples, 'sample')} of {', '.join(search.space)} for {run.agent} on "
            f"{run.task}, {workers} at a time on {search.device}, each of up to {run.steps} "
            "gradient steps"
        )
        keep = partial(write_samples, out / SAMPLES)
        samples = run_search(search, shared, out / "ray.log", workers, keep)
        if ranked := ranking(samples):
            settings = {"tasks": {run.task: {run.agent: ranked[0].settings}}}
            write_atomically(out / BEST, json.dumps(settings, indent=1) + "\n")
            # Comes last: a folder that has it holds a finished search.
            write_atomically(
                out / ABOUT, json.dumps(_about(search, loaded.metadata), indent=1) + "\n"
            )
    return samples


def _about(search: Search, dataset: Mapping[str, Any]) -> dict[str, Any]:
    run = search.run
    return {
        **{key: value for key, value in asdict(run).items() if key in _OF_THE_RUN},
        "space": search.space,
        "present": search.present,
        "samples": search.samples,
        "tuning_episodes": search.episodes,
        "dataset": dataset,
        "versions": system.versions(),
        "commit": system.commit(),
        "machine": system.machine(search.device),
    }


def write_samples(path: Path, samples: Sequence[Sample]) -> None:
    """Writes a table with one row per sample."""
    text = io.StringIO()
    names = list(samples[0].settings)
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["sample", *names, "status", "steps", "score", "seconds", "reason"])
    for each in samples:
        settings = [_plain(each.settings[name]) for name in names]
        ending = [each.status, each.steps, each.score, round(each.seconds, 1), each.reason]
        table.writerow([each.number, *settings, *ending])
    write_atomically(path, text.getvalue())


def ranking(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that had all their gradient steps, the best first."""
    completed = [each for each in samples if each.status == "completed"]
    return sorted(completed, key=lambda each: -(each.score or 0.0))


def summary(search: Search, samples: Sequence[Sample]) -> str:
    """The best samples and the present settings, for people."""
    ranked = ranking(samples)
    if not ranked:
        reasons = {each.reason for each in samples}
        return f"no sample completed: {'; '.join(sorted(reasons))}; see ray.log"
    shown = ranked[:_SHOWN] + [each for each in ranked[_SHOWN:] if each.number == 1]
    rows = [
        ["present" if each.number == 1 else each.number]
        + [_short(each.settings[name]) for name in search.space]
        + [f"{each.score:.1f}"]
        for each in shown
    ]
    table = tabulate(rows, ["sample", *search.space, "score"], tablefmt="simple")
    return f"{table}\n\n{_verdict(ranked[0], samples[0], search)}"


def _verdict(best: Sample, first: Sample, search: Search) -> str:
    if first.status != "completed":
        return f"best: sample {best.number}; the present settings failed: {first.reason}"
    if best.number == first.number:
        return f"none of {counted(search.samples, 'sample')} was better than the present settings"
    return (
        f"best: sample {best.number}, score {best.score:.1f} against {first.score:.1f} with the "
        f"present settings, on {search.episodes} tuning episodes and one seed; being the best of "
        f"{search.samples}, it looks better than it is"
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, float, str)) else json.dumps(value)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(_plain(value))
