"""Ray Tune: runs many trials side by side; each one ends in a record."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from traceback import format_exc

from ray import tune

from benchmark.agents.registry import agent_class, classes_of_session, register
from benchmark.errors import UserError, one_line
from benchmark.interface import Agent
from benchmark.records import system
from benchmark.records.capacity import usable_cores
from benchmark.records.devices import resolve_device
from benchmark.records.files import RunPlace
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.running.compute import Compute, Needs, Outcome, needs_of, torch_gpus
from benchmark.running.monitor import Callbacks
from benchmark.running.notebook_tasks import tasks_to_send
from benchmark.running.progress_view import ProgressView, displayed
from benchmark.running.ray_cluster import (
    cluster_device,
    machines,
    own_gpu_gb,
    ray_resources,
    shares_gpus,
    smallest_gpu_gb,
)
from benchmark.running.ray_failures import deaths_cost_one_trial
from benchmark.running.ray_session import ray_session
from benchmark.running.ray_watcher import Stopper, TrialWatcher
from benchmark.running.run_keeping import keep_record, pull_run, push_checkpoint
from benchmark.running.stopping import stops_politely
from benchmark.running.trial import run_trial
from benchmark.tasks import Task, register_task


def check_cluster(needs: Sequence[Needs], compute: Compute) -> None:
    """Looks at a cluster, and starts nothing on it.

    Raises:
        UserError: if it is not there, or has nothing for a run with one of these needs.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mage-look-") as folder,
        ray_session(Path(folder) / "ray.log", address=compute.address),
    ):
        cluster = machines()
        gpu = shares_gpus(cluster_device(compute.device, cluster))
        for needs_of_run in needs:
            ray_resources(needs_of_run, cluster, gpu=gpu)


def run_all(runs: Sequence[RunSpec], store: Store, shared: Path, compute: Compute) -> Outcome:
    """Runs trials, each in a process of its own, and writes their records.

    A trial whose process dies gets a record from here; the others go on. What Ray has to say goes
    to `ray.log` in the output folder, the view of the runs to the terminal. The first Ctrl-C lets
    the running trials save where they are; the second ends all at once. Runs that are killed when
    memory runs out run again in the end, one at a time. If Ray itself fails, what was running is
    recorded as failed, and what had not begun is not run.

    Args:
        runs: the cells of the grid.
        store: where results are kept.
        shared: folder with the arrays of each task; what is missing in it is loaded by each run.
        compute: where and how.

    Raises:
        UserError: if there is no cluster at the address.
        KeyboardInterrupt: at the second Ctrl-C.
    """
    threads = max(needs_of(agent_class(run.source or run.agent)).threads for run in runs)
    view = ProgressView(runs)
    with (
        ray_session(
            store.folder / "ray.log",
            cores=max(usable_cores(), compute.workers * threads),
            gpus=torch_gpus(compute.device),
            address=compute.address,
        ) as session,
        displayed(view, session.terminal),
        stops_politely(session.folder / "stop", session.print_line),
        deaths_cost_one_trial(),
    ):
        place = RunPlace(store.folder, shared, session.folder / "stop", compute.trackers)
        watcher = TrialWatcher(runs, store, view, compute.trackers)
        _run_round(watcher, list(runs), compute, session.folder, place)
        if watcher.again and not place.stop.exists():
            alone, watcher.again = watcher.again, None
            _run_round(watcher, alone, replace(compute, workers=1), session.folder, place)
        is_left = len(watcher.outcome.records) < len(runs)
        watcher.outcome.stopped = is_left and place.stop.exists()
    return watcher.outcome


def _run_round(
    watcher: TrialWatcher,
    runs: Sequence[RunSpec],
    compute: Compute,
    folder: Path,
    place: RunPlace,
) -> None:
    """Runs trials; each ends in a record, or stops, or is to run again alone."""
    tuner = _tuner(watcher, runs, compute, folder, place)
    if compute.workers == 1:
        watcher.again = None
    try:
        tuner.fit()
    except Exception as error:  # Of Ray itself; trials fail without one.
        watcher.give_up(f"Ray failed: {one_line(error)}; see ray.log", format_exc())


def _tuner(
    watcher: TrialWatcher,
    asked: Sequence[RunSpec],
    compute: Compute,
    folder: Path,
    place: RunPlace,
) -> tune.Tuner:
    runs, store, cluster = watcher.runs, watcher.store, machines()
    device = cluster_device(compute.device, cluster)
    gpu = shares_gpus(device)
    gpu_gb = None
    if gpu:
        gpu_gb = smallest_gpu_gb(cluster) if compute.address else own_gpu_gb()
    requests = [
        ray_resources(needs_of(agent_class(run.source or run.agent)), cluster, gpu_gb, gpu=gpu)
        for run in runs
    ]
    trial = tune.with_parameters(
        _trial,
        runs=runs,
        location=store.location if store.is_remote else str(store.folder.resolve()),
        place=place,
        device=device,
        classes=classes_of_session(run.agent for run in runs if run.source is None),
        tasks=tasks_to_send(run.task for run in runs),
    )
    return tune.Tuner(
        tune.with_resources(
            trial, lambda config: tune.PlacementGroupFactory([requests[config["index"]]])
        ),
        param_space={"index": tune.grid_search([runs.index(run) for run in asked])},
        tune_config=tune.TuneConfig(max_concurrent_trials=compute.workers),
        run_config=tune.RunConfig(
            storage_path=str(folder / "tune"),
            verbose=0,
            callbacks=[watcher],
            stop=Stopper(place.stop, watcher.view),
        ),
    )


def _trial(
    config: dict[str, int],
    runs: Sequence[RunSpec],
    location: str,
    place: RunPlace,
    device: str,
    classes: Mapping[str, type[Agent]],
    tasks: Sequence[Task],
) -> None:
    """One run in a process of its own, on whatever machine Ray has put it.

    The last that it reports is what went wrong with its record: nothing (""), or None if there is
    none because the user has asked to stop. Agents and tasks that are registered in the process of
    the command alone are registered here too.
    """
    for name, agent in classes.items():
        register(name)(agent)
    for task in tasks:
        register_task(task)
    run, problem = runs[config["index"]], None
    try:
        device = resolve_device(device)
    except UserError as error:  # Ray has given it a GPU that torch does not see.
        machine = {**system.machine("cpu"), "device": device}
        tune.report({"problem": f"on machine {platform.node()}: {error}", "machine": machine})
        return
    if not place.stop.exists():
        with Store(location) as store:
            pull_run(run, store)

            def note(line: str) -> None:
                tune.report({"note": line})

            saved = partial(push_checkpoint, store=store, note=note)
            callbacks = Callbacks(tune.report, saved, note)
            tune.report({"machine": system.machine(device)})  # In case that the process dies.
            record = run_trial(run, replace(place, out=store.folder), device, callbacks)
            if record is not None:
                problem = keep_record(record, store)
    tune.report({"problem": problem})
