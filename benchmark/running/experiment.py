"""An experiment: the data of its runs is prepared, and the runs that are not done are trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

from benchmark.agents.registry import agent_class
from benchmark.data import dataset_state, fetch, load_fetched, share, sharing
from benchmark.data.recorded_spaces import info_of
from benchmark.errors import BadDatasetError, DatasetError, UserError
from benchmark.records import system
from benchmark.records.devices import resolve_device
from benchmark.records.files import write_record
from benchmark.records.parts import Failure, assemble
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.compute import Compute, Outcome, check_ray, needs_of
from benchmark.running.notebook_tasks import tasks_to_send
from benchmark.tasks import Task

ONE_BY_ONE = "one after another in this process"


def check_compute(runs: Sequence[RunSpec], compute: Compute) -> Compute:
    """Tries whether runs can be had on what they are to be computed on, before any work is done.

    Returns:
        With a device that this machine has; on a cluster each run takes one of its own machine.

    Raises:
        UserError: if what an agent needs is not valid, Ray, a device or the cluster is not there,
            no machine of the cluster has what a run takes, or a task cannot be sent to Ray.
    """
    needs = [needs_of(agent_class(run.source or run.agent)) for run in runs]
    runner = _runner(compute)
    if compute.workers:
        tasks_to_send(run.task for run in runs)
    if compute.address is None:
        return replace(compute, device=resolve_device(compute.device))
    runner.check_cluster(needs, compute)
    return compute


def train_pending(
    runs: Sequence[RunSpec],
    tasks: Sequence[Task],
    store: Store,
    compute: Compute,
    report: Callable[[str], None],
) -> Outcome:
    """Gets the data and trains; a run whose data cannot be had is recorded as that.

    Args:
        runs: that are to be done.
        tasks: of these runs.
        store: where records go; it should be claimed.
        compute: what to train on.
        report: gets lines for people.

    Raises:
        UserError: if the data of every task is bad.
    """
    with sharing(store.folder) as shared:
        without_data = prepare_datasets(runs, tasks, shared, report)
        for record in without_data:
            store.push(write_record(store.folder, record))
        skipped = {record.run.name for record in without_data}
        to_train = [run for run in runs if run.name not in skipped]
        if not to_train:
            return Outcome()
        compute = replace(compute, workers=min(compute.workers, len(to_train)))
        how = f"{compute.workers} at a time" if compute.workers else ONE_BY_ONE
        report(f"training {counted(len(to_train), 'run')} on {compute.place}, {how}")
        outcome: Outcome = _runner(compute).run_all(to_train, store, shared, compute)
        return outcome


def prepare_datasets(
    runs: Sequence[RunSpec], tasks: Sequence[Task], shared: Path, report: Callable[[str], None]
) -> list[Record]:
    """Gets each dataset once, and shares its arrays with the runs that are to come.

    Args:
        runs: what is to be done.
        tasks: of these runs.
        shared: folder for the arrays of each task.
        report: gets, in one line each, what takes time and what cannot be had.

    Returns:
        The records of the runs whose dataset cannot be had, or cannot be used.

    Raises:
        UserError: if the data of every task is bad.
    """
    missing: dict[str, DatasetError] = {}
    bad: list[BadDatasetError] = []
    records = []
    asked = [task for task in tasks if any(run.task == task.name for run in runs)]
    for task in asked:
        own = [run for run in runs if run.task == task.name]
        began = datetime.now(timezone.utc).isoformat(timespec="seconds")
        dataset = dataset_state(task, own[0].data).id
        try:
            if dataset in missing:
                raise missing[dataset]
            _prepare(task, own[0], shared, report)
        except DatasetError as error:
            if isinstance(error, BadDatasetError):
                bad.append(error)  # For this task; another may be able to use it.
            else:
                missing[dataset] = error
            if len(bad) == len(asked):
                raise UserError("; ".join(map(str, bad))) from error
            report(f"{task.name}: {'bad' if error in bad else 'n/a (dataset)'}: {error}")
            failure = Failure(error.status, error.reason, error.remedy)
            # Data is read here, whatever networks would have run on.
            origin = system.origin(task.benchmark)
            origin = replace(origin, machine=system.machine("cpu"), started=began)
            records += [assemble(run, origin, failure=failure) for run in own]
    return records


def _prepare(task: Task, run: RunSpec, shared: Path, report: Callable[[str], None]) -> None:
    fetch(task, run.data, report)  # Its spaces may be all that is known of them.
    info = info_of(task, run.data, evaluated=run.evaluated)
    share(load_fetched(task, info, run.data, report), shared / task.name)


def _runner(compute: Compute) -> ModuleType:
    """What runs trials: Ray, or this process.

    Raises:
        UserError: if it is to be Ray, and that is not there.
    """
    if compute.workers == 0:
        from benchmark.running import serial_runner  # Keeps torch and MuJoCo out of --help.

        return serial_runner
    check_ray()
    from benchmark.running import ray_runner  # Keeps Ray out of --help.

    return ray_runner
