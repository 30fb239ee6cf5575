"""What there is and what would be done, as plain text for people; changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tabulate import tabulate

from benchmark.agents.registry import unusable_plug_ins, usable_names
from benchmark.agents.settings import PRESETS
from benchmark.cli.own_data import derived_tasks_text
from benchmark.data import DatasetState, check_described, dataset_state
from benchmark.errors import BadDatasetError, UserError
from benchmark.records.text import counted
from benchmark.running.estimate import estimate
from benchmark.running.experiment import ONE_BY_ONE
from benchmark.running.grid import Grid
from benchmark.running.search_space import Search
from benchmark.tasks import Task, known_tasks
from benchmark.tasks.suites import known_suites
from benchmark.tasks.task_registry import unusable_task_plug_ins


def listing() -> str:
    """Every suite, task, agent and preset."""
    suites = [f"  {name}: {counted(len(names), 'task')}" for name, names in known_suites().items()]
    tasks = [
        (task.name, task.benchmark, task.dataset, task.recipe or "-")
        for task in known_tasks().values()
    ]
    unusable = unusable_plug_ins()
    refused = [
        (kind, one.name, one.package, one.problem)
        for kind, plug_ins in (("agent", unusable), ("tasks", unusable_task_plug_ins()))
        for one in plug_ins
    ]
    broken = _table("Plug-ins that cannot be used", ["kind", "name", "package", "reason"], refused)
    presets = [(name, preset.episodes, preset.purpose) for name, preset in PRESETS.items()]
    return "\n\n".join(
        [
            _table("Tasks", ["task", "benchmark", "dataset", "local recipe"], tasks),
            "\n".join(["Suites", *suites]),
            "Agents\n  " + ", ".join(usable_names(unusable)) + ", path/to/file.py:ClassName",
            *([broken] if refused else []),
            _table("Presets", ["preset", "episodes", "what its numbers are for"], presets),
        ]
    )


def dry_run_text(grid: Grid, pending: Sequence[tuple[str, str]], workers: int) -> str:
    """The runs, their datasets with what is missing, and the estimated cost.

    Args:
        grid: everything asked for.
        pending: (task, agent) of each run that is not done yet.
        workers: runs at a time; 0 for one after another in this process.

    Raises:
        UserError: if data is bad by what it says of itself, and no run to do has any other.
    """
    left = Counter(task for task, _ in pending)
    states = _data_states(grid, [task for task in grid.tasks if left[task.name]])
    rows = [(name, left[name], s.id, s.state, s.detail) for name, s in states.items()]
    kinds = Counter(state.state for state in states.values())
    runs = len(grid.cells)
    derived = derived_tasks_text(grid.tasks)
    return "\n\n".join(
        [
            f"{counted(runs, 'run')}: {counted(len(grid.tasks), 'task')} x "
            f"{counted(len(grid.agents), 'agent')} "
            f"({', '.join(agent.name for agent in grid.agents)}) x "
            f"{counted(len(grid.seeds), 'seed')} ({', '.join(map(str, grid.seeds))}), "
            f"preset {grid.preset}; done: {runs - len(pending):,}, to do: {len(pending):,}",
            *([derived] if derived else []),
            _table("Datasets", ["task", "runs to do", "dataset", "state", "detail"], rows),
            f"Data: {', '.join(f'{count} {state}' for state, count in kinds.items())}",
            _cost(grid, pending, workers),
        ]
    )


def search_plan_text(grid: Grid, searches: int, left: Sequence[Search], workers: int) -> str:
    """The searches that are to be done, and what they cost at most.

    Args:
        grid: everything asked for.
        searches: how many there are with those that are done.
        left: those that are not done yet.
        workers: samples at a time.
    """
    # One search after another; in each, trainings of samples side by side.
    costs = [
        estimate(grid, [(s.run.task, s.run.agent)] * s.samples * s.trainings, workers) for s in left
    ]
    rows = [
        (s.run.task, s.run.agent, s.samples, s.trainings, s.run.steps, _duration(cost.core_seconds))
        for s, cost in zip(left, costs, strict=True)
    ]
    header = ["task", "agent", "samples", "trainings of each", "steps", "at most"]
    cores, wall = sum(c.core_seconds for c in costs), sum(c.seconds for c in costs)
    return (
        f"Searches: {searches}, done: {searches - len(left)}, to do: {len(left)}\n\n"
        f"{_table('Searches to do', header, rows)}\n\nEstimated cost: at most "
        f"{_duration(cores)} of one core without a GPU, {_duration(wall)} with "
        f"{counted(workers, 'worker')}; poor samples end early, and cost less; those of "
        "another size are timed first"
    )


def _data_states(grid: Grid, asked: Sequence[Task]) -> dict[str, DatasetState]:
    """Task -> its data, which is `bad` if a run would find so before it reads the arrays."""
    states = {task.name: dataset_state(task, grid.data_of(task)) for task in grid.tasks}
    bad: list[str] = []
    for task in asked:
        state = states[task.name]
        try:
            if state.state == "cached":
                check_described(task, state.id, grid.data_of(task))
        except BadDatasetError as error:
            bad.append(str(error))
            states[task.name] = replace(state, state="bad", detail=str(error))
    if bad and len(bad) == len(asked):
        raise UserError("; ".join(bad))
    return states


def _cost(grid: Grid, pending: Sequence[tuple[str, str]], workers: int) -> str:
    cost = estimate(grid, pending, workers)
    how = f"with {counted(workers, 'worker')}" if workers else ONE_BY_ONE
    return (
        f"Estimated cost: {_duration(cost.core_seconds)} of one core without a GPU, about "
        f"{_duration(cost.seconds)} {how}; collecting or downloading data comes on top"
    )


def _duration(seconds: float) -> str:
    """In the unit that people would use, with two digits that count."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.{0 if seconds >= 10 * size else 1}f} {unit}"
    return f"{seconds:.0f} seconds"


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return f"{title}\n{tabulate(rows, header, tablefmt='simple')}"
