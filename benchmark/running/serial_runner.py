"""Trials one after another in this process, without Ray; for debuggers and profilers, too."""

from __future__ import annotations

import contextlib
import gc
import tempfile
import traceback
from bdb import BdbQuit
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from benchmark.errors import with_type
from benchmark.records import system
from benchmark.records.files import RunPlace
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.running.compute import Compute, Outcome
from benchmark.running.monitor import Callbacks, StoppedError
from benchmark.running.post_mortem import debug_error
from benchmark.running.progress_view import ProgressLines, ProgressView
from benchmark.running.run_keeping import RunKeeper, keep_record, pull_run, push_checkpoint
from benchmark.running.stopping import stops_politely
from benchmark.running.trial import run_trial


def run_all(runs: Sequence[RunSpec], store: Store, shared: Path, compute: Compute) -> Outcome:
    """Runs trials one after another, and writes their records.

    Nothing is redirected, and no other thread prints, so a debugger has the terminal for itself.
    The first Ctrl-C lets the running trial save where it is; the second ends all at once. A trial
    that ends the process ends the others too.

    Args:
        runs: the cells of the grid.
        store: where results are kept.
        shared: folder with the arrays of each task; what is missing in it is loaded by each run.
        compute: where and how; its device is one of this machine.

    Raises:
        KeyboardInterrupt: at the second Ctrl-C.
    """
    view = ProgressView(runs)
    keeper = RunKeeper(runs, store, view, compute.trackers)
    lines = ProgressLines(view, _print_line)
    with (
        tempfile.TemporaryDirectory(prefix="mage-stop-") as folder,
        stops_politely(Path(folder) / "stop", _print_line),
        _threads_of_trials(),
    ):
        place = RunPlace(store.folder, shared, Path(folder) / "stop", compute.trackers)
        for run in runs:
            if place.stop.exists():
                break
            _run_one(run, keeper, lines, place, compute)
            lines.print_due()
        keeper.outcome.stopped = len(keeper.outcome.records) < len(runs)
    return keeper.outcome


def _run_one(
    run: RunSpec, keeper: RunKeeper, lines: ProgressLines, place: RunPlace, compute: Compute
) -> None:
    """Runs a trial; it ends in a record, or stops."""

    def report(progress: dict[str, object]) -> None:
        keeper.view.update(run, progress)
        lines.print_due()

    def note(line: str) -> None:
        keeper.view.note(run, line)
        lines.print_new()

    def failed(error: BaseException) -> None:
        if isinstance(error, BdbQuit):  # The user has left the debugger of a breakpoint().
            place.stop.touch()
            raise StoppedError from error
        traceback.print_exception(error)
        if compute.debugger and debug_error(run, error):
            place.stop.touch()

    keeper.start(run)
    gc.collect()  # What the run before has left is not to count as memory of this one.
    try:
        keeper.see_machine(run, system.machine(compute.device))
        pull_run(run, keeper.store)
        saved = partial(push_checkpoint, store=keeper.store, note=note)
        callbacks = Callbacks(report, saved, note, failed)
        record = run_trial(run, place, compute.device, callbacks, own_process=False)
    except StoppedError:
        record = None
    except Exception as error:  # Of the store; what goes wrong in a run is in its record.
        keeper.fail(run, with_type(error), traceback.format_exc())
        return
    if record is None:
        keeper.view.leave(run)
    elif problem := keep_record(record, keeper.store):
        keeper.fail(run, problem, problem)
    else:
        keeper.take(record)


@contextlib.contextmanager
def _threads_of_trials() -> Iterator[None]:
    """Numpy computes in one thread, as it does in a process of Ray; torch as each run needs."""
    before = torch.get_num_threads()
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


def _print_line(line: str) -> None:
    # A signal may come while something else is printing, and its handler cannot print then.
    with contextlib.suppress(RuntimeError):
        print(line, flush=True)
