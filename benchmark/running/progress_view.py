"""The one view of what is going on: live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

from benchmark.records.record import RETURNS, SCORED_STATUSES, Record, RunSpec
from benchmark.records.repeat import repeated
from benchmark.records.text import counted

PLAIN_EVERY = 30.0  # Seconds.


class ProgressView:
    """How far each run has got. Written by one thread, read by another.

    Attributes:
        running: the last report of each run that is going on, by its name.
        log: a line for each run that ended, and for what there is to know of one.
    """

    def __init__(self, runs: Sequence[RunSpec]) -> None:
        self.running: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        self._runs = len(runs)
        self._ended = self._not_scored = 0
        self._began = time.monotonic()

    def start(self, run: RunSpec) -> None:
        """A run has begun."""
        self.running = {**self.running, run.name: {}}

    def update(self, run: RunSpec, report: Mapping[str, Any]) -> None:
        """A run has got further; see `monitor.Callbacks`."""
        self.running = {**self.running, run.name: dict(report)}

    def note(self, run: RunSpec, line: str) -> None:
        """Something to know of a run."""
        self.log.append(f"{run.name} {line}")

    def leave(self, run: RunSpec) -> None:
        """A run has stopped before it was done."""
        self.running = {name: report for name, report in self.running.items() if name != run.name}

    def end(self, record: Record) -> None:
        """A run has ended."""
        self.leave(record.run)
        self._ended += 1
        self._not_scored += record.status not in SCORED_STATUSES
        self.log.append(f"[{self._ended}/{self._runs}] {record_line(record)}")

    def summary(self) -> str:
        """One line on all runs."""
        parts = [f"{self._ended} of {counted(self._runs, 'run')} done"]
        if self._not_scored:
            parts.append(f"{self._not_scored} of them without a score")
        parts.append(f"{len(self.running)} running")
        left = self._seconds_left()
        if left is not None:
            parts.append(f"about {_duration(left)} left")
        return ", ".join(parts)

    def rows(self) -> list[tuple[str, ...]]:
        """For each running run: name, share done, updates a second, loss, last score."""
        return [(name, *_cells(report)) for name, report in self.running.items()]

    def _seconds_left(self) -> float | None:
        """By what is done so far; None while that is too little to go by."""
        reports = [report for report in self.running.values() if "steps" in report]
        running = sum(report["step"] / report["steps"] for report in reports)
        done = (self._ended + running) / self._runs
        seconds = time.monotonic() - self._began
        return seconds / done * (1 - done) if done and seconds > PLAIN_EVERY / 2 else None


def record_line(record: Record) -> str:
    """One line for people on how a run ended."""
    run = record.run
    ending = _unscored(record) if record.score is None else _score_text(record)
    if record.score is not None and record.status != "completed":
        ending += f" ({record.status})"
    reason = f": {record.reason}" if record.reason else ""
    minutes = record.seconds.get("total", 0.0) / 60
    return f"{run.task} {run.agent} seed {run.seed}: {ending}{reason} ({minutes:.1f} min)"


def _unscored(record: Record) -> str:
    trained = record.status in SCORED_STATUSES and not record.run.evaluated
    return f"{record.status}, not evaluated" if trained else record.status


def _score_text(record: Record) -> str:
    if record.scale == RETURNS:
        return f"return {record.score:.4g}"
    return f"score {record.score:.1f}"


class ProgressLines:
    """Prints a view in plain lines, whenever it is told to.

    Args:
        view: what to print.
        out: prints a line.
    """

    def __init__(self, view: ProgressView, out: Callable[[str], None]) -> None:
        self._view, self._out = view, out
        self._printed = 0
        self._last = time.monotonic()

    def print_new(self) -> None:
        """Prints the lines of the view's log that were not printed yet."""
        while self._printed < len(self._view.log):
            self._out(self._view.log[self._printed])
            self._printed += 1

    def print_due(self) -> None:
        """The same; and how far all runs are, if it is time."""
        self.print_new()
        if time.monotonic() - self._last < PLAIN_EVERY:
            return
        self._last = time.monotonic()
        self._out(self._view.summary())
        for name, done, speed, loss, score in self._view.rows():
            self._out(f"  {name}: {done}, {speed} updates/s, loss {loss}, last score {score}")


@contextlib.contextmanager
def displayed(view: ProgressView, terminal: TextIO) -> Iterator[None]:
    """Shows a view for as long as the block lasts: live where there is somebody to look."""
    display = _live if terminal.isatty() else _in_lines
    with display(view, terminal):
        yield


@contextlib.contextmanager
def _live(view: ProgressView, terminal: TextIO) -> Iterator[None]:
    console = Console(file=terminal)
    live = Live(
        console=console,
        get_renderable=lambda: _table(view),
        refresh_per_second=2,
        redirect_stdout=False,  # What Ray prints is for the log.
        redirect_stderr=False,
    )
    lines = ProgressLines(view, lambda line: console.print(line, markup=False))
    with live, _printing(lines.print_new, lines):
        yield


@contextlib.contextmanager
def _in_lines(view: ProgressView, terminal: TextIO) -> Iterator[None]:
    lines = ProgressLines(view, lambda line: print(line, file=terminal, flush=True))
    with _printing(lines.print_due, lines):
        yield


@contextlib.contextmanager
def _printing(work: Callable[[], None], lines: ProgressLines) -> Iterator[None]:
    """Prints the lines of ended runs from a thread of its own, the last ones at the end."""
    try:
        with repeated(work, 0.5):
            yield
    finally:
        lines.print_new()


def _table(view: ProgressView) -> Table:
    table = Table(title=view.summary(), title_justify="left", box=None)
    table.add_column("running")
    for name in ("done", "updates/s", "loss", "last score"):
        table.add_column(name, justify="right")
    for row in view.rows():
        table.add_row(*row)
    return table


def _cells(report: Mapping[str, Any]) -> tuple[str, ...]:
    if "steps" not in report:
        return ("starting", "-", "-", "-")
    return (
        f"{report['step'] / report['steps']:.0%}",
        f"{report['per_second']:.1f}",
        "-" if report["loss"] is None else f"{report['loss']:.3g}",
        "-" if report["score"] is None else f"{report['score']:.1f}",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
