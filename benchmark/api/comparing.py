"""A comparison of agents, as `python -m benchmark.run` makes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any, TypeAlias

from benchmark.agents.builtin import default_agents
from benchmark.agents.registry import AgentChoice, agent_names
from benchmark.agents.selection import select_agents
from benchmark.agents.settings_file import SettingsFile, read_settings_file
from benchmark.api.results import Results, load_results
from benchmark.api.task_parts import TaskLike, chosen_tasks
from benchmark.cli import options
from benchmark.cli.own_data import check_evaluation
from benchmark.cli.run import default_folder
from benchmark.cli.workers import worker_count
from benchmark.errors import UserError, shown, unknown_name
from benchmark.records.record import FAILED_STATUSES
from benchmark.running.comparison import Trained, kept_of_failed, trained
from benchmark.running.compute import Compute
from benchmark.running.curves.tracker_choice import parse_trackers
from benchmark.running.grid import Grid
from benchmark.tasks import Task

AgentLike: TypeAlias = str | type[Any]
"""An agent by its name or file, or its class."""

Settings: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Agent -> setting -> value."""


def compare(
    tasks: TaskLike | Sequence[TaskLike] = (),
    agents: AgentLike | Sequence[AgentLike] | None = None,
    seeds: int | Sequence[int] = 1,
    preset: str = "quick",
    *,
    suite: str | None = None,
    steps: int | None = None,
    episodes: int | None = None,
    max_minutes: float | None = None,
    data: str = "auto",
    datasets: Mapping[str, str] | None = None,
    settings: Settings | str | Path | None = None,
    out: str | Path | None = None,
    resume: bool = True,
    workers: int | None = None,
    device: str = "auto",
    address: str | None = None,
    reference: str | None = None,
    track: str | Sequence[str] = (),
    log: Callable[[str], None] = print,
) -> Results:
    """Trains agents on tasks, evaluates them, and returns the results.

    It is the command `python -m benchmark.run`, with its options as arguments and the same records.
    The same call once more trains only what is missing; nothing is overwritten.

    Args:
        tasks: names or globs, with commas between or in a list, or registered tasks.
        agents: names, `path/to/file.py:ClassName`, or classes; None for those of the comparison.
        seeds: how many training seeds, from 0 on, or a list of them.
        preset: `smoke`, `quick`, `standard` or `paper`.
        suite: name of a suite of tasks, such as `maze2d`, which `tasks` narrow down.
        steps: gradient steps, in place of the preset's.
        episodes: evaluation episodes, in place of the preset's.
        max_minutes: limit on the training time of a run, which is then evaluated as it is.
        data: `auto`; `minari`: published data only; `local`: collected here only.
        datasets: task or glob -> id of a dataset of Minari's folder to learn it from.
        settings: agent -> setting -> value, or a file of settings.
        out: folder or URL of the results; None for one below `results/`.
        resume: whether there may be results already; if False, these are refused.
        workers: processes with a run each; 0 for none but this, None for one on each core.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        address: of a Ray cluster to run on, `auto` or `host:port`.
        reference: agent that all others are set against; None for MAGE.
        track: `wandb`, `mlflow`, or both, which then get curves and scores too.
        log: gets lines for people.

    Raises:
        UserError: if it cannot be started; nothing has been written then.
        KeyboardInterrupt: if it was stopped; the same call goes on.
    """
    grid = _grid(tasks, suite, agents, seeds, preset, settings, log)
    grid = replace(grid, data=data, steps=steps, episodes=episodes, max_minutes=max_minutes)
    compute = Compute(device, worker_count(workers), address, trackers=_trackers(track))
    grid = _checked(grid, datasets or {}, device)
    location = _location(out, suite, tasks, preset)
    with trained(grid, location, resume, compute, reference, log) as done:
        _conclude(done, log)
    return load_results(location, reference)


def _grid(
    tasks: TaskLike | Sequence[TaskLike],
    suite: str | None,
    agents: AgentLike | Sequence[AgentLike] | None,
    seeds: int | Sequence[int],
    preset: str,
    settings: Settings | str | Path | None,
    log: Callable[[str], None],
) -> Grid:
    """What is asked for by name, as the command reads it."""
    if agents is None:
        agents = default_agents(suite)
    chosen = select_agents([agents] if isinstance(agents, type) else agents, log)
    return Grid(
        tasks=chosen_tasks(tasks, suite),
        agents=chosen,
        seeds=_seeds(seeds),
        preset=preset,
        settings_file=_settings(settings, chosen),
    )


def _checked(grid: Grid, datasets: Mapping[str, str], device: str) -> Grid:
    """The grid with its datasets, once all else is valid."""
    options.check_options(grid, device)
    check_evaluation(grid, video=False)
    return options.with_datasets(grid, [f"{task}={name}" for task, name in datasets.items()])


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    """A number of seeds, or a list of them, as the command reads them."""
    if isinstance(seeds, int | Integral):  # The latter are numpy's.
        return options.parse_seeds(str(seeds))
    return options.parse_seeds("".join(f"{seed}," for seed in seeds))


def _trackers(track: str | Sequence[str]) -> tuple[str, ...]:
    return parse_trackers([track] if isinstance(track, str) else track)


def _settings(
    settings: Settings | str | Path | None, chosen: Sequence[AgentChoice]
) -> SettingsFile:
    names = [agent.name for agent in chosen]
    if settings is None or isinstance(settings, str | Path):
        return read_settings_file(None if settings is None else Path(settings), names)
    for name, values in settings.items():
        if name not in (known := {*names, *agent_names()}):
            raise unknown_name("agent in settings", name, known)
        if not isinstance(values, Mapping):
            raise UserError(
                f"settings of {name} are {shown(values)}; valid: a dict of its settings, such as "
                "settings={'iql': {'expectile': 0.9}}"
            )
    return SettingsFile(agents=settings, origin="settings=")


def _location(
    out: str | Path | None,
    suite: str | None,
    tasks: TaskLike | Sequence[TaskLike],
    preset: str,
) -> str:
    """Where the results go; by default, where the command would put them."""
    given = [tasks] if isinstance(tasks, str | Task) else tasks
    text = ",".join(one if isinstance(one, str) else one.name for one in given)
    default = default_folder(suite, text, preset)
    return options.output_location(None if out is None else str(out), default)


def _conclude(done: Trained, log: Callable[[str], None]) -> None:
    """Says what has no score, or no record; the results have only what has a record.

    Raises:
        KeyboardInterrupt: if it was stopped.
    """
    failed = [record for record in done.outcome.records if record.status in FAILED_STATUSES]
    logged = {record.run.name for record in failed}
    kept = kept_of_failed(done.runs, done.store.folder)
    for record in (*failed, *(record for record in kept if record.run.name not in logged)):
        log(f"{record.status}: {record.run.name}: {record.reason}; {record.remedy}")
    for name, problem in done.outcome.unwritten.items():
        log(f"failed: {name}: its record could not be written ({problem})")
    for name, reason in done.outcome.not_run.items():
        log(f"not run: {name}: {reason}; the same call goes on")
    if done.outcome.stopped:
        raise KeyboardInterrupt("stopped before all runs were done; the same call goes on")
