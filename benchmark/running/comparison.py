"""A comparison: what a grid asks for is checked and trained, as far as it is not done yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.agents.ablation import ABLATION_VARIANTS
from benchmark.errors import unknown_name
from benchmark.records.disk import check_writable
from benchmark.records.files import RunFiles
from benchmark.records.going_on import ended_before, failed_to_go_on
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.compute import Compute, Outcome
from benchmark.running.experiment import check_compute, train_pending
from benchmark.running.grid import Grid, pending_runs, plan_runs
from benchmark.running.settings_check import check_settings


@dataclass(frozen=True)
class Trained:
    """Runs that were asked for, where their records are, and how those ended that were pending."""

    runs: Sequence[RunSpec]
    store: Store
    outcome: Outcome


@contextlib.contextmanager
def trained(
    grid: Grid,
    location: str,
    resume: bool,
    compute: Compute,
    reference: str | None,
    report: Callable[[str], None],
) -> Iterator[Trained]:
    """Trains what is missing; the place of the results stays claimed inside the block.

    Args:
        grid: what is asked for.
        location: of the results: a folder or a URL.
        resume: whether there may be results already, of which those that are done stay.
        compute: what to train on.
        reference: see `check_reference`.
        report: gets lines for people.

    Raises:
        UserError: if it cannot be started; nothing has been written then.
    """
    runs = plan_runs(grid)
    check_settings(grid)
    compute = check_compute(runs, compute)
    with Store(location) as store:
        pull_progress(store)
        check_writable(store.folder)
        check_reference(reference, grid, store.folder)
        pending = pending_runs(runs, store.folder, resume, location)
        longer = sum(
            ended_before(RunFiles(store.folder, run.name).record, run) is not None
            for run in pending
        )
        report(
            f"{counted(len(runs), 'run')}, {len(runs) - len(pending)} done before"
            f"{f', {longer} to go on' if longer else ''}; "
            f"records go to {location}"
        )
        with store.claimed():
            if pending:
                _prepare_trackers(compute, store, report)
            outcome = train_pending(pending, grid.tasks, store, compute, report)
            yield Trained(runs, store, outcome)


def pull_progress(store: Store) -> None:
    """Gets what says how far runs are."""
    store.pull("runs/*/*/seed-*.json")
    store.pull("runs/*/*/seed-*.checkpoint/state.json")


def kept_of_failed(runs: Sequence[RunSpec], folder: Path) -> list[Record]:
    """The records of runs that had a score and failed when they went on: what they had before."""
    before = (ended_before(RunFiles(folder, run.name).record, run) for run in runs)
    return [record for record in before if record is not None and failed_to_go_on(record)]


def _prepare_trackers(compute: Compute, store: Store, report: Callable[[str], None]) -> None:
    """Says where each tracker keeps runs; refuses one that cannot be used."""
    if compute.trackers:
        from benchmark.running.curves.run_curve import (
            prepare_trackers,  # Keeps torch out of --help.
        )

        for line in prepare_trackers(compute.trackers, store):
            report(line)


def check_reference(reference: str | None, grid: Grid, folder: Path) -> None:
    """Refuses a reference that the report will have no run of.

    Args:
        reference: what the user says; None if nothing.
        grid: what will be run.
        folder: what records lie below, of runs that were done before.

    Raises:
        UserError: for it.
    """
    there = {path.parent.name for path in folder.glob("runs/*/*/seed-*.json")}
    names = {*there, *(agent.name for agent in grid.agents)} - set(ABLATION_VARIANTS)
    if reference is not None and reference not in names:
        raise unknown_name("agent in --reference", reference, names)
