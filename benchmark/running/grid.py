"""From what the user asked for to the list of runs that are still to be done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from benchmark.agents.registry import AgentChoice, agent_class, split_variant, variant_settings
from benchmark.agents.settings import agent_settings, find_preset
from benchmark.agents.settings_file import Overrides
from benchmark.errors import DatasetError, UserError
from benchmark.records import system
from benchmark.records.files import read_records
from benchmark.records.record import ENDED, Failure, Record, RunSpec, assemble
from benchmark.records.text import counted
from benchmark.tasks import Task


@dataclass(frozen=True)
class Grid:
    """Every combination of task, agent and seed, under one preset.

    Attributes:
        tasks: rows of the table of tasks.
        agents: agents.
        seeds: training seeds.
        preset: name of the preset.
        data: `auto`, `minari` or `local`.
        steps: gradient steps instead of the preset's; None for those.
        episodes: evaluation episodes instead of the preset's; None for those.
        max_minutes: training time of a run, after which it ends as it is; None for no limit.
        overrides: settings that go on top of the preset's and the task's.
    """

    tasks: Sequence[Task]
    agents: Sequence[AgentChoice]
    seeds: Sequence[int]
    preset: str
    data: str = "auto"
    steps: int | None = None
    episodes: int | None = None
    max_minutes: float | None = None
    overrides: Overrides = field(default_factory=Overrides)

    @property
    def cells(self) -> list[tuple[Task, int, AgentChoice]]:
        """In the order of running: every agent has one seed before any has two."""
        return [
            (t, seed, agent) for t in self.tasks for seed in self.seeds for agent in self.agents
        ]


def plan_runs(grid: Grid) -> list[RunSpec]:
    """Spells out every run of a grid; imports the agents' classes.

    Raises:
        UserError: if an agent cannot be imported or lacks a method.
    """
    runs = []
    for task, seed, agent in grid.cells:
        found = agent_class(agent.source or agent.name)
        base, variant = (agent.name, "") if agent.source else split_variant(agent.name)
        of_task = task.settings_for(base, grid.preset)
        of_task |= grid.overrides.settings_for(base, task.name)
        if variant:
            of_task |= variant_settings(agent.name)
            of_task |= grid.overrides.settings_for(agent.name, task.name)
        steps, settings = agent_settings(found, grid.preset, of_task)
        runs.append(
            RunSpec(
                task=task.name,
                agent=agent.name,
                seed=seed,
                preset=grid.preset,
                steps=grid.steps or steps,
                episodes=grid.episodes or find_preset(grid.preset).episodes,
                data=grid.data,
                settings=settings,
                source=agent.source,
                max_minutes=grid.max_minutes,
            )
        )
    return runs


def pending_runs(runs: Sequence[RunSpec], out: Path, resume: bool) -> list[RunSpec]:
    """The runs that are not done yet. One that diverged is done: it would again.

    Raises:
        UserError: if there are records but `resume` is off, or if a completed run of the same
            cell was given other options.
    """
    records = {record.run.name: record for record in read_records(out)}
    if records and not resume:
        raise UserError(
            f"output folder {out} holds {counted(len(records), 'record')} already; add --resume "
            "to finish what is missing, or choose another --out"
        )
    for name, record in records.items():
        if record.run.preset != runs[0].preset:
            raise UserError(
                f"{name} in {out} was run with preset {record.run.preset!r}, now asked with "
                f"{runs[0].preset!r}, and the two must not share a table; choose another --out"
            )
    ended = {name: record.run for name, record in records.items() if record.status in ENDED}
    for run in runs:
        if run.name in ended:
            _check_same(run, ended[run.name], out)
    return [run for run in runs if run.name not in ended]


def prepare_datasets(
    runs: Sequence[RunSpec], tasks: Sequence[Task], shared: Path, report: Callable[[str], None]
) -> list[Record]:
    """Gets each dataset once, and shares its arrays with the runs that are to come.

    Args:
        runs: what is to be done.
        tasks: of these runs.
        shared: folder for the arrays of each task.
        report: is told, in one line each, what takes time and what cannot be had.

    Returns:
        The records of the runs whose dataset cannot be had.

    Raises:
        UserError: for a dataset that is damaged.
    """
    from benchmark.data import dataset_state

    missing: dict[str, DatasetError] = {}
    records = []
    for task in tasks:
        own = [run for run in runs if run.task == task.name]
        if not own:
            continue
        dataset = dataset_state(task, own[0].data).id
        try:
            if dataset in missing:
                raise missing[dataset]
            _prepare(task, own[0].data, shared, report)
        except DatasetError as error:
            missing[dataset] = error
            report(f"{task.name}: n/a (dataset): {error}")
            failure = Failure("no-dataset", error.reason, error.remedy)
            origin = system.origin(task.benchmark)
            records += [assemble(run, origin, failure=failure) for run in own]
    return records


def _prepare(task: Task, data: str, shared: Path, report: Callable[[str], None]) -> None:
    from benchmark.data import prepare, share
    from benchmark.tasks.environments import task_info

    share(prepare(task, task_info(task), data, report), shared / task.name)


def _check_same(asked: RunSpec, recorded: RunSpec, out: Path) -> None:
    # Through JSON, as a record does it: there a tuple is a list.
    old, new = (json.loads(json.dumps(asdict(run))) for run in (recorded, asked))
    if asked.data == "auto":  # Any source will do; the report tells of contents that differ.
        old["data"] = new["data"]
    for each in fields(RunSpec):
        if old[each.name] != new[each.name]:
            raise UserError(
                f"{asked.name} in {out} was run with {each.name} {old[each.name]!r}, now asked "
                f"with {new[each.name]!r}; use the same options, or choose another --out"
            )
