"""Ray Tune: runs many trials side by side; each one ends in a record."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ray import tune

from benchmark.agents.registry import agent_class
from benchmark.records import system
from benchmark.records.files import RunFiles, RunPlace, write_record
from benchmark.records.record import Failure, Record, RunSpec, assemble
from benchmark.records.store import Store
from benchmark.running.checkpoint import remove_checkpoint
from benchmark.running.compute import Compute, Outcome, needs_of
from benchmark.running.monitor import Callbacks
from benchmark.running.progress_view import ProgressView, displayed
from benchmark.running.ray_session import (
    Session,
    gpu_memory_gb,
    ray_resources,
    ray_session,
    trial_error,
)
from benchmark.running.trial import run_trial
from benchmark.tasks import TASKS

_STOP_SECONDS = 30.0  # Trials on other machines are not waited for any longer.


def run_all(runs: Sequence[RunSpec], store: Store, shared: Path, compute: Compute) -> Outcome:
    """Runs trials, each in a process of its own, and writes their records.

    A trial whose process dies gets a record from here; the others go on. What Ray has to say goes
    to `ray.log` in the output folder, the view of the runs to the terminal. The first Ctrl-C lets
    the running trials save where they are; the second ends all at once.

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
    cpus = max(os.cpu_count() or 1, compute.workers * threads)
    view = ProgressView(runs)
    with (
        ray_session(cpus, store.folder / "ray.log", compute.address) as session,
        displayed(view, session.terminal),
        _stops_politely(session) as stop,
    ):
        watcher = _TrialWatcher(runs, store, view)
        _tuner(watcher, compute, session.folder, RunPlace(store.folder, shared, stop)).fit()
        watcher.outcome.stopped = stop.exists()
    return watcher.outcome


@contextlib.contextmanager
def _stops_politely(session: Session) -> Iterator[Path]:
    """Turns the first Ctrl-C into a request to all runs: a file, whose path is yielded."""
    request = session.folder / "stop"

    def ask(signal_number: int, frame: object) -> None:
        request.touch()
        session.print_line("\nstopping: running trials save where they are (again: stop at once)")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield request  # Signals reach the main thread only.
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield request
    finally:
        signal.signal(signal.SIGINT, before)


class _TrialWatcher(tune.Callback):
    """Sees each run start, go on and end; writes the record that a dead process could not."""

    def __init__(self, runs: Sequence[RunSpec], store: Store, view: ProgressView) -> None:
        self.runs, self.store, self.view = runs, store, view
        self.outcome = Outcome()

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy to resume from; here it is the records that do this.

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self.view.start(self._run(trial))

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        if "steps" in result:
            self.view.update(self._run(trial), result)
        if "note" in result:
            self.view.note(self._run(trial), result["note"])

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        run = self._run(trial)
        problem = trial.last_result.get("problem")
        if problem is None:
            self.view.leave(run)  # The user has asked to stop.
            return
        if problem:
            self._fail(run, problem, problem)
            return
        path = RunFiles(self.store.folder, run.name).record
        try:
            self.store.pull(str(path.relative_to(self.store.folder)))
            self._take(Record.from_json(path.read_text(encoding="utf-8")))
        except OSError as error:
            reason = f"its record is not at {self.store.location}; do all machines reach that?"
            self._fail(run, reason, str(error))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._fail(self._run(trial), *trial_error(trial))

    def _fail(self, run: RunSpec, reason: str, traceback: str) -> None:
        """Writes the record of a run that could not do so."""
        origin = system.origin(TASKS[run.task].benchmark)
        record = assemble(run, origin, failure=Failure.of(run, reason, traceback))
        try:
            self.store.push(write_record(self.store.folder, record))
        except OSError as problem:
            self.outcome.unwritten[run.name] = str(problem)
        self._take(record)

    def _run(self, trial: Any) -> RunSpec:
        run: RunSpec = self.runs[trial.config["index"]]
        return run

    def _take(self, record: Record) -> None:
        self.outcome.records.append(record)
        self.view.end(record)


class _Stopper(tune.Stopper):
    """Ends the experiment when all trials that ran at the user's request to stop have ended.

    Trials on other machines do not see the request; it does not wait for them for long.
    """

    def __init__(self, request: Path, view: ProgressView) -> None:
        self._request, self.view = request, view
        self._last: set[str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        if not self._request.exists():
            return False
        if self._last is None:
            self._last = set(self.view.running)
            self._until = time.monotonic() + _STOP_SECONDS
        return not self._last & set(self.view.running) or time.monotonic() > self._until


def _tuner(watcher: _TrialWatcher, compute: Compute, folder: Path, place: RunPlace) -> tune.Tuner:
    runs, store = watcher.runs, watcher.store
    trial = tune.with_parameters(
        _trial,
        runs=runs,
        location=store.location if store.is_remote else str(store.folder.resolve()),
        place=place,
        device=compute.device,
    )
    gpu_gb = gpu_memory_gb(compute.device)

    def resources(config: dict[str, int]) -> tune.PlacementGroupFactory:
        run = runs[config["index"]]
        needs = needs_of(agent_class(run.source or run.agent))
        return tune.PlacementGroupFactory([ray_resources(needs, gpu_gb)])

    return tune.Tuner(
        tune.with_resources(trial, resources),
        param_space={"index": tune.grid_search(list(range(len(runs))))},
        tune_config=tune.TuneConfig(max_concurrent_trials=compute.workers),
        run_config=tune.RunConfig(
            storage_path=str(folder / "tune"),
            verbose=0,
            callbacks=[watcher],
            stop=_Stopper(place.stop, watcher.view),
        ),
    )


def _trial(
    config: dict[str, int],
    runs: Sequence[RunSpec],
    location: str,
    place: RunPlace,
    device: str,
) -> None:
    """One run in a process of its own, on whatever machine Ray has put it.

    The last that it reports is what went wrong with its record: nothing (""), or None if there is
    none because the user has asked to stop.
    """
    run, problem = runs[config["index"]], None
    if not place.stop.exists():
        with Store(location) as store:
            store.pull(f"runs/{run.name}.checkpoint")
            callbacks = Callbacks(
                tune.report,
                lambda folder: store.push(folder),
                lambda line: tune.report({"note": line}),
            )
            record = run_trial(run, replace(place, out=store.folder), device, callbacks)
            if record is not None:
                problem = _keep(record, store)
    tune.report({"problem": problem})


def _keep(record: Record, store: Store) -> str:
    """Puts what a run leaves where it belongs; returns why it could not, or nothing."""
    files = RunFiles(store.folder, record.run.name)
    try:
        store.push(files.log, files.curve, files.agent, files.tensorboard)
        store.push(write_record(store.folder, record))
    except OSError as error:
        return f"the record could not be written: {type(error).__name__}: {error}"
    if record.status not in ("failed", "capped"):  # These can go on from it.
        remove_checkpoint(files.checkpoint)
        store.push(files.checkpoint)
    return ""
