"""A run's learning curve on disk, as it grows: CSV for people and spreadsheets, and TensorBoard."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from tensorboardX import SummaryWriter

from benchmark.records.files import RunFiles, write_atomically


class CurveFiles:
    """Writes each new point of a curve.

    Args:
        files: of the run.
        points: of the curve before an interruption.
    """

    def __init__(self, files: RunFiles, points: Sequence[Mapping[str, float]]) -> None:
        self._path = files.curve
        # What was written after the last checkpoint is not part of the run that goes on.
        purge = int(points[-1]["step"]) + 1 if points else 0
        self._writer: Any = SummaryWriter(str(files.tensorboard), purge_step=purge)

    def add(self, points: Sequence[Mapping[str, float]]) -> None:
        """Writes all points, of which the last is new."""
        names = dict.fromkeys(["step", *(name for point in points for name in point)])
        text = io.StringIO()
        writer = csv.DictWriter(text, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows(points)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, text.getvalue())
        for name, value in points[-1].items():
            if name != "step":
                self._writer.add_scalar(name, value, int(points[-1]["step"]))
        self._writer.flush()

    def close(self) -> None:
        """Ends the writing."""
        self._writer.close()
