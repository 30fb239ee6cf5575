"""The one view of what is going on: live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from benchmark.records.record import SCORED_STATUSES, Record, RunSpec
from benchmark.records.text import counted

if TYPE_CHECKING:
    from rich.table import Table

PLAIN_EVERY = 30.0  # Seconds.


class Board:
    """How far each run has got. Told by one thread, read by another.

    Attributes:
        running: the news of each run that is going on, by its name.
        log: a line for each run that ended.
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

    def tell(self, run: RunSpec, news: Mapping[str, Any]) -> None:
        """A run has got further; see `Training`."""
        self.running = {**self.running, run.name: dict(news)}

    def leave(self, run: RunSpec) -> None:
        """A run has stopped before it was done."""
        self.running = {name: news for name, news in self.running.items() if name != run.name}

    def end(self, record: Record) -> None:
        """A run has ended."""
        self.leave(record.run)
        self._ended += 1
        self._not_scored += record.status not in SCORED_STATUSES
        self.log.append(f"[{self._ended}/{self._runs}] {describe(record)}")

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
        return [(name, *_cells(news)) for name, news in self.running.items()]

    def _seconds_left(self) -> float | None:
        """By what is done so far; None while that is too little to tell."""
        running = sum(
            news["step"] / news["steps"] for news in self.running.values() if "steps" in news
        )
        done = (self._ended + running) / self._runs
        seconds = time.monotonic() - self._began
        return seconds / done * (1 - done) if done and seconds > PLAIN_EVERY / 2 else None


def describe(record: Record) -> str:
    """One line for people on how a run ended."""
    run = record.run
    ending = record.status if record.score is None else f"score {record.score:.1f}"
    if record.score is not None and record.status != "completed":
        ending += f" ({record.status})"
    reason = f": {record.reason}" if record.reason else ""
    minutes = record.seconds.get("total", 0.0) / 60
    return f"{run.task} {run.agent} seed {run.seed}: {ending}{reason} ({minutes:.1f} min)"


@contextlib.contextmanager
def shown(board: Board, terminal: TextIO) -> Iterator[None]:
    """Shows a board for as long as the block lasts: live where there is somebody to look."""
    view = _live(board, terminal) if terminal.isatty() else _plain(board, terminal)
    with view:
        yield


@contextlib.contextmanager
def _live(board: Board, terminal: TextIO) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live

    console = Console(file=terminal)
    live = Live(
        console=console,
        get_renderable=lambda: _table(board),
        refresh_per_second=2,
        redirect_stdout=False,  # What Ray prints is for the log.
        redirect_stderr=False,
    )
    with live, _printing(board, lambda line: console.print(line, markup=False), every=0.5):
        yield


@contextlib.contextmanager
def _plain(board: Board, terminal: TextIO) -> Iterator[None]:
    def out(line: str) -> None:
        print(line, file=terminal, flush=True)

    last = time.monotonic()

    def at_times() -> None:
        nonlocal last
        if time.monotonic() - last < PLAIN_EVERY:
            return
        last = time.monotonic()
        out(board.summary())
        for name, done, speed, loss, score in board.rows():
            out(f"  {name}: {done}, {speed} updates/s, loss {loss}, last score {score}")

    with _printing(board, out, every=0.5, also=at_times):
        yield


@contextlib.contextmanager
def _printing(board: Board, out: Any, every: float, also: Any = lambda: None) -> Iterator[None]:
    """Prints the lines of ended runs from a thread of its own, the last ones at the end."""
    over = threading.Event()
    printed = 0

    def print_new() -> None:
        nonlocal printed
        while printed < len(board.log):
            out(board.log[printed])
            printed += 1

    def work() -> None:
        while not over.wait(every):
            print_new()
            also()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        print_new()


def _table(board: Board) -> Table:
    from rich.table import Table

    table = Table(title=board.summary(), title_justify="left", box=None)
    table.add_column("running")
    for name in ("done", "updates/s", "loss", "last score"):
        table.add_column(name, justify="right")
    for row in board.rows():
        table.add_row(*row)
    return table


def _cells(news: Mapping[str, Any]) -> tuple[str, ...]:
    if "steps" not in news:
        return ("starting", "-", "-", "-")
    return (
        f"{news['step'] / news['steps']:.0%}",
        f"{news['per_second']:.1f}",
        "-" if news["loss"] is None else f"{news['loss']:.3g}",
        "-" if news["score"] is None else f"{news['score']:.1f}",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
