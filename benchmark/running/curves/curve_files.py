"""A run's learning curve on disk, as it grows: CSV for people and spreadsheets, and TensorBoard."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter

from benchmark.records.files import write_atomically
from benchmark.records.record import Record

Points = Sequence[Mapping[str, float]]
"""A learning curve: `step`, losses and, at some steps, `score` of each point."""


class CurveWriter:
    """A place that the curve of a run is written to; this one is none."""

    def begin(self, points: Points, step: int) -> None:
        """Training begins, or goes on.

        Args:
            points: of the curve before; what was written after them is not part of the run.
            step: gradient steps taken before; 0 if training begins.
        """

    def add(self, points: Points) -> None:
        """Writes all points, of which the last is new."""

    def end(self, record: Record | None) -> None:
        """The run has ended, perhaps before its training began.

        Args:
            record: of the run; None if it was interrupted, and may go on another time.
        """


class CurveTable(CurveWriter):
    """The curve as CSV."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, points: Points) -> None:
        """See `CurveWriter`."""
        names = dict.fromkeys(["step", *(name for point in points for name in point)])
        text = io.StringIO()
        writer = csv.DictWriter(text, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows(points)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, text.getvalue())


class TensorBoard(CurveWriter):
    """The curve for TensorBoard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def begin(self, points: Points, step: int) -> None:
        """See `CurveWriter`."""
        purge = int(points[-1]["step"]) + 1 if points else 0
        self._writer = SummaryWriter(str(self._folder), purge_step=purge)

    def add(self, points: Points) -> None:
        """See `CurveWriter`."""
        for name, value in points[-1].items():
            if name != "step":
                self._writer.add_scalar(name, value, int(points[-1]["step"]))
        self._writer.flush()

    def end(self, record: Record | None) -> None:
        """See `CurveWriter`."""
        if self._writer is not None:
            self._writer.close()
