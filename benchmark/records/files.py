"""The output folder: where the files of a run lie in it, how they are written, and how read.

::

    runs/<task>/<agent>/seed-<n>.json         the record
    runs/<task>/<agent>/seed-<n>.log          what the run printed
    runs/<task>/<agent>/seed-<n>.csv          its learning curve
    runs/<task>/<agent>/seed-<n>/             the trained agent
    runs/<task>/<agent>/calibration-seed-<n>.json   whether it follows what it is asked, if measured
    runs/<task>/<agent>/seed-<n>.checkpoint/  what training goes on from, also with more steps
    tensorboard/<task>/<agent>/seed-<n>/      the curve once more
    trackers/<task>/<agent>/seed-<n>.json     which run of a tracker it is, with --track
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from benchmark.errors import TooNewError, UserError, printable, too_new
from benchmark.records.consistency import contradiction
from benchmark.records.going_on import record_to_keep
from benchmark.records.record import Record
from benchmark.records.terminal import open_forgiving
from benchmark.records.text import listed

_SHOWN = 5  # Folders of a message.


@dataclass(frozen=True)
class RunPlace:
    """What a run finds around it on the machine that it runs on.

    Attributes:
        out: the output folder.
        shared: folder in which the command shares the arrays of each task; not there on other
            machines.
        stop: a file whose presence asks all runs to stop.
        trackers: names of those that curves go to, as in `--track`.
    """

    out: Path
    shared: Path
    stop: Path
    trackers: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunFiles:
    """Where the files of one run lie.

    Attributes:
        out: the output folder.
        run: the run's name, `<task>/<agent>/seed-<n>`.
    """

    out: Path
    run: str

    @property
    def record(self) -> Path:
        """The record: the only thing that tables and plots are made from."""
        return self._with(".json")

    @property
    def log(self) -> Path:
        """Everything that the run printed."""
        return self._with(".log")

    @property
    def curve(self) -> Path:
        """Losses and scores by gradient step."""
        return self._with(".csv")

    @property
    def agent(self) -> Path:
        """The trained agent."""
        return self._with("")

    @property
    def checkpoint(self) -> Path:
        """What the run goes on from: after an interruption, or at its end, for more steps."""
        return self._with(".checkpoint")

    @property
    def calibration(self) -> Path:
        """What `python -m benchmark.calibration` has measured of the trained agent."""
        return self.record.with_name(f"calibration-{self.record.name}")

    @property
    def tensorboard(self) -> Path:
        """The curve for TensorBoard."""
        return self.out / "tensorboard" / self.run

    @property
    def trackers(self) -> Path:
        """Which run of each tracker it is, and how much of the curve that has been given."""
        return self.out / "trackers" / f"{self.run}.json"

    def _with(self, suffix: str) -> Path:
        return self.out / "runs" / f"{self.run}{suffix}"


@contextlib.contextmanager
def output_to(path: Path) -> Iterator[TextIO]:
    """Adds all output of this process to a file, also that of compiled libraries.

    Yields:
        A stream to where standard output went before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
        try:
            _flush()
            for descriptor in kept:
                os.dup2(file.fileno(), descriptor)
            with open_forgiving(kept[1]) as before:
                yield before
        finally:
            _flush()
            for descriptor, copy in kept.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def write_record(out: Path, record: Record) -> Path:
    """Writes a record so that it is there whole or not at all, and returns its path.

    See `record_to_keep` for a run that failed when it was to go on.
    """
    path = RunFiles(out, record.run.name).record
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, record_to_keep(path, record).to_json())
    return path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes a file under a temporary name, flushes it to disk, and renames it.

    Raises:
        OSError: if it cannot be written; it names the file, of which nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(printable(content).encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        if error.errno:  # A full disk does not say whose write it was.
            error.filename = error.filename or str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)


def no_records(out: Path) -> UserError:
    """The error for a folder without a record; it names those below, above or beside that have one.

    Args:
        out: what the user has named as the output folder of runs.
    """
    below, beside = (sorted(folder.glob("*")) for folder in (out, out.parent))
    groups = ([one for one in near if _holds_records(one)] for near in (below, out.parents, beside))
    near = next(filter(None, groups), [])
    example = f", such as {listed(near[:_SHOWN])}" if near else ""
    state = "holds no run record" if out.exists() else "does not exist"
    return UserError(
        f"{out} {state}; name a folder given as --out to `python -m benchmark.run`{example}, or "
        "run that command first"
    )


def _holds_records(out: Path) -> bool:
    return any(out.glob("runs/*/*/seed-*.json"))


def read_records(out: Path) -> Iterator[Record]:
    """Yields every record below an output folder, in the order of their paths.

    Raises:
        UserError: for a file that is no record, that cannot be read, or that a later version wrote.
    """
    for path in sorted((out / "runs").glob("*/*/seed-*.json")):
        try:
            record = Record.from_json(path.read_text(encoding="utf-8"))
            if RunFiles(out, record.run.name).record != path:
                raise ValueError(f"it says that it is of {record.run.name}")
            if problem := contradiction(record):
                raise ValueError(problem)
            yield record
        except OSError as error:
            raise UserError(
                f"{path} cannot be read ({error.strerror}); see who may read it"
            ) from error
        except TooNewError as error:
            raise too_new(str(path)) from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UserError(
                f"{path} is not a run record ({error}); delete it and run again with --resume"
            ) from error
