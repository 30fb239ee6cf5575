"""From what the user asked for to the list of runs that are still to be done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmark.agents.registry import AgentChoice, split_variant
from benchmark.agents.settings import find_preset, resolve_settings
from benchmark.agents.settings_file import SettingsFile
from benchmark.data import small_source
from benchmark.errors import UserError
from benchmark.plugins.source_files import short_hash
from benchmark.records.files import read_records
from benchmark.records.going_on import goes_on, has_more_steps, minutes_of
from benchmark.records.record import DATA_CHOICES, ENDED, Record, RunSpec
from benchmark.records.text import counted
from benchmark.running.continuation import check_goes_on, check_interrupted, without
from benchmark.tasks import Task
from benchmark.tasks.extras import missing_extra


@dataclass(frozen=True)
class Grid:
    """Every combination of task, agent and seed, under one preset.

    Attributes:
        tasks: rows of the table of tasks.
        agents: agents.
        seeds: training seeds.
        preset: name of the preset.
        data: `auto`, `minari` or `local`.
        datasets: task -> id of the dataset that the user chose for it; these come before `data`.
        evaluated: whether agents are evaluated; if not, no environment is made.
        steps: gradient steps instead of the preset's; None for those.
        episodes: evaluation episodes instead of the preset's; None for those.
        max_minutes: training time of a run, after which it ends as it is; None for no limit.
        settings_file: settings of the user, which go on top of the preset's and the task's.
    """

    tasks: Sequence[Task]
    agents: Sequence[AgentChoice]
    seeds: Sequence[int]
    preset: str
    data: str = "auto"
    steps: int | None = None
    episodes: int | None = None
    max_minutes: float | None = None
    settings_file: SettingsFile = field(default_factory=SettingsFile)
    datasets: Mapping[str, str] = field(default_factory=dict)
    evaluated: bool = True

    def data_of(self, task: Task) -> str:
        """Where the data of a task comes from, as in `RunSpec`."""
        data = self.datasets.get(task.name, self.data)
        return small_source(task, data) if find_preset(self.preset).small_data else data

    @property
    def cells(self) -> list[tuple[Task, int, AgentChoice]]:
        """In the order of running: every agent has one seed before any has two."""
        return [
            (t, seed, agent) for t in self.tasks for seed in self.seeds for agent in self.agents
        ]


def plan_runs(grid: Grid) -> list[RunSpec]:
    """Spells out every run of a grid; imports the agents' classes.

    Raises:
        UserError: if an agent cannot be imported or lacks a method, or if all tasks need a package
            that is not installed; where only some do, their runs are recorded as without data.
    """
    check_packages(grid.tasks)
    runs = []
    for task, seed, agent in grid.cells:
        settings = resolve_settings(agent, task, grid.preset, user=grid.settings_file)
        runs.append(
            RunSpec(
                task=task.name,
                agent=agent.name,
                seed=seed,
                preset=grid.preset,
                steps=grid.steps or settings.steps,
                episodes=_episodes(grid),
                data=grid.data_of(task),
                settings=settings.values,
                source=agent.source,
                source_hash=agent.source_hash,
                max_minutes=grid.max_minutes,
                task_source=task.source,
                task_hash=task.source_hash,
                samples=_samples(grid, task, agent),
            )
        )
    return runs


def check_packages(tasks: Sequence[Task]) -> None:
    """Refuses tasks that all need a package which is not installed.

    Raises:
        UserError: if so.
    """
    missing = [missing_extra(task) for task in tasks]
    if missing and all(missing):
        raise UserError("; ".join(missing[0] or ()))


def _samples(grid: Grid, task: Task, agent: AgentChoice) -> int | None:
    """Of the search that gave the settings; a variant has those of its agent."""
    of_task = grid.settings_file.samples.get(task.name, {})
    return of_task.get(agent.name, of_task.get(split_variant(agent.name)[0]))


def _episodes(grid: Grid) -> int:
    """Of the evaluation of a run."""
    if not grid.evaluated:
        return 0
    return grid.episodes or find_preset(grid.preset).episodes


def pending_runs(
    runs: Sequence[RunSpec], folder: Path, resume: bool, out: str | None = None
) -> list[RunSpec]:
    """The runs that are not done yet. One that diverged is done: it would again.

    One that was capped goes on if it now has more time, one that completed if it has more steps.

    Args:
        runs: that are asked for.
        folder: where the records are.
        resume: whether those that are done may be left out.
        out: what the user calls that place; None for the folder's own name.

    Raises:
        UserError: if there are records or checkpoints but `resume` is off, or if a completed or
            interrupted run of the same cell was given other options, or cannot go on with more
            steps.
    """
    out = out or str(folder)
    records = {record.run.name: record for record in read_records(folder)}
    checkpoints = len(list((folder / "runs").glob("*/*/seed-*.checkpoint")))
    if (records or checkpoints) and not resume:
        there = counted(len(records), "record") if records else counted(checkpoints, "checkpoint")
        raise UserError(
            f"output folder {out} holds {there} already; add --resume to finish what is missing, "
            "or choose another --out"
        )
    for name, record in records.items():
        if record.run.preset != runs[0].preset:
            raise UserError(
                f"{name} in {out} was run with preset {record.run.preset!r}, now asked with "
                f"{runs[0].preset!r}, and the two must not share a table; choose another --out"
            )
    ended = {name: record for name, record in records.items() if record.status in ENDED}
    for run in runs:
        if run.name in ended:
            _check_same(run, ended[run.name], out)
            if has_more_steps(run, ended[run.name]):
                check_goes_on(run, folder, out)
        elif run.name not in records:
            check_interrupted(run, folder, out)
    return [run for run in runs if run.name not in ended or goes_on(run, ended[run.name])]


def _check_same(asked: RunSpec, record: Record, out: str) -> None:
    recorded = record.run
    _check_same_files(asked, recorded, out)
    # Through JSON, as a record does it: there a tuple is a list.
    old, new = (json.loads(json.dumps(asdict(run))) for run in (recorded, asked))
    for name in ("source", "source_hash", "task_source", "task_hash", "samples"):
        old[name] = new[name]
    # Any source will do, but for a dataset of its own; the report tells of contents that differ.
    if asked.data == "auto" and recorded.data in DATA_CHOICES:
        old["data"] = new["data"]
    if has_more_steps(asked, record):
        old["steps"] = new["steps"]
    if minutes_of(asked) > minutes_of(recorded):  # What was done in less time is done.
        old["max_minutes"] = new["max_minutes"]
    for name in new:
        if old[name] != new[name]:
            was, now = old[name], new[name]
            if name == "settings":  # There are many; what they differ in says more.
                was, now = without(was, now), without(now, was)
            raise UserError(
                f"{asked.name} in {out} was run with {name} {was!r}, now asked with {now!r}; use "
                "the same options, or choose another --out"
            )


def _check_same_files(asked: RunSpec, recorded: RunSpec, out: str) -> None:
    """An agent or a task from a file is known by the file's content and its name, not by its place.

    Raises:
        UserError: if it is another one.
    """
    old_class, new_class = (str(run.source).rpartition(":")[2] for run in (recorded, asked))
    for kind, old, new in (
        ("agent", (recorded.source, recorded.source_hash), (asked.source, asked.source_hash)),
        ("task", (recorded.task_source, recorded.task_hash), (asked.task_source, asked.task_hash)),
    ):
        same = old[0] == new[0] if old[1] is None else old[1] == new[1]
        if same and (kind == "task" or old_class == new_class):
            continue
        then, now = (
            f"{source or 'no file of its own'} (hash {short_hash(digest)})"
            for source, digest in (old, new)
        )
        raise UserError(
            f"{asked.name} in {out} was run with the {kind} of {then}, now asked with {now}; put "
            "the file, and those that it imports from beside it, back as they were, or choose "
            "another --out"
        )
