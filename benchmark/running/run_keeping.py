"""What every runner does: it knows what became of each run, and keeps what a run leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmark.errors import with_type
from benchmark.records import system
from benchmark.records.files import RunFiles, write_record
from benchmark.records.going_on import record_to_keep
from benchmark.records.parts import Failure, assemble
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.checkpoint import remove_checkpoint
from benchmark.running.compute import Outcome
from benchmark.running.curves.run_curve import end_trackers
from benchmark.running.progress_view import ProgressView
from benchmark.tasks.task_registry import benchmark_of


class RunKeeper:
    """Knows which runs of a command have begun and how they ended.

    Attributes:
        runs: all of them.
        store: where results are kept.
        view: what people see of them.
        outcome: how they ended.
        not_begun: runs that have not begun, by their names.
    """

    def __init__(
        self,
        runs: Sequence[RunSpec],
        store: Store,
        view: ProgressView,
        trackers: tuple[str, ...] = (),
    ) -> None:
        """Knows of none yet; `trackers` hear of a run that could not tell them how it ended."""
        self.runs, self.store, self.view, self._trackers = runs, store, view, trackers
        self.outcome = Outcome()
        self.not_begun = {run.name: run for run in runs}
        self._begun: dict[str, dict[str, Any]] = {}  # By the run's name: when, and on what machine.

    def start(self, run: RunSpec) -> None:
        """A run has begun."""
        self.not_begun.pop(run.name, None)
        now = datetime.now(timezone.utc)
        self._begun[run.name] = {"started": now.isoformat(timespec="seconds")}
        self.view.start(run)

    def see_machine(self, run: RunSpec, machine: dict[str, Any]) -> None:
        """What a run that has begun is on, as in `Record.machine`."""
        self._begun[run.name]["machine"] = machine

    def take(self, record: Record) -> None:
        """A run has ended, and this is its record."""
        self.not_begun.pop(record.run.name, None)
        self.outcome.records.append(record)
        self.view.end(record)

    def fail(
        self, run: RunSpec, reason: str, traceback: str | None, remedy: str | None = None
    ) -> None:
        """Writes the record of a run that could not do so itself."""
        origin = system.origin(benchmark_of(run.task, run.task_source))
        origin = replace(origin, **self._begun.get(run.name, {}))
        failure = Failure.of(run, reason, traceback)
        if remedy is not None:
            failure = replace(failure, remedy=remedy)
        record = assemble(run, origin, failure=failure)
        try:
            self.store.push(write_record(self.store.folder, record))
        except OSError as problem:
            self.outcome.unwritten[run.name] = str(problem)
        end_trackers(record, self.store, self._trackers, lambda line: self.view.note(run, line))
        self.take(record)


def pull_run(run: RunSpec, store: Store) -> None:
    """Gets what a run goes on from: its last state, and what is not to be lost if it fails now."""
    for ending in (".checkpoint", ".json", ""):
        store.pull(f"runs/{run.name}{ending}")
    store.pull(f"trackers/{run.name}.json")


def push_checkpoint(folder: Path, store: Store, note: Callable[[str], None]) -> None:
    """Puts a run's last state where it belongs; if that fails, training goes on all the same.

    Args:
        folder: of the checkpoint.
        store: which may not be reached just now.
        note: is given what people should know of, in one line.
    """
    try:
        store.push(folder)
    except OSError as error:
        note(
            f"its checkpoint could not be copied to {store.location} ({with_type(error)}); one of "
            "before that is there stays"
        )


def keep_record(record: Record, store: Store) -> str:
    """Puts what a run leaves where it belongs; returns why it could not, or nothing."""
    files = RunFiles(store.folder, record.run.name)
    try:
        store.push(files.log, files.curve, files.agent, files.tensorboard)
        store.push(write_record(store.folder, record))
    except OSError as error:
        return f"the record could not be written: {with_type(error)}"
    if record_to_keep(files.record, record).status == "diverged":  # All others can go on from it.
        remove_checkpoint(files.checkpoint)
        store.push(files.checkpoint)
    return ""
