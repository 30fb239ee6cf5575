"""What all trackers have in common: a run goes on where it was, and no tracker costs a run.

A tracker is a service, or a store on disk, in which a user keeps the runs of all that he trains.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from benchmark.errors import with_type
from benchmark.records.files import RunFiles, RunPlace, write_atomically
from benchmark.records.parts import TrainingPart
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves.curve_files import CurveWriter, Points
from benchmark.running.curves.run_facts import RunFacts, curve_values, run_facts
from benchmark.running.monitor import Callbacks


class Tracker(CurveWriter, ABC):
    """Writes the curve of one run to a tracker.

    A training that goes on after an interruption, or with more gradient steps, does so in the
    tracker's run that it began in. A file below the output folder holds which one that is, and the
    last step that it was given: no point is given twice.

    If the tracker fails, there is one note, and training goes on without it. At the end it is tried
    once more, with all that it has not got.

    Attributes:
        name: as in `--track`.
    """

    name: ClassVar[str]

    def __init__(
        self, run: RunSpec, place: RunPlace, training: TrainingPart, callbacks: Callbacks
    ) -> None:
        """Does nothing yet.

        Args:
            run: the cell of the grid.
            place: where.
            training: what is known of its training; looked at when the tracker's run begins.
            callbacks: called with what people should know, and with files to keep.
        """
        self._run, self._training, self._callbacks = run, training, callbacks
        self._place = place
        self._file = RunFiles(place.out, run.name).trackers
        self._points: Points = []
        self._step = 0  # The last that the tracker was given.
        # Where a process died before training, its run may still have begun in the tracker.
        self._goes_on = True
        self._is_open = self._has_failed = False

    @classmethod
    @abstractmethod
    def prepare(cls, store: Store) -> str:
        """Looks whether the tracker can be used, before work starts.

        Args:
            store: where results are kept.

        Returns:
            Where it keeps runs, for people, in one line.

        Raises:
            UserError: if it cannot be used.
        """

    @abstractmethod
    def where(self) -> str:
        """Where the tracker keeps runs, as far as the user can choose it."""

    @abstractmethod
    def open_run(self, known: str | None, facts: RunFacts) -> str:
        """Begins a run of the tracker, or goes on with one that is known, and returns its id."""

    @abstractmethod
    def log(self, values: Mapping[str, float], step: int) -> None:
        """Gives it what was measured at a gradient step."""

    @abstractmethod
    def close_run(self, record: Record | None) -> None:
        """Ends the tracker's run as the record says; None if it was interrupted."""

    def begin(self, points: Points, step: int) -> None:
        """See `CurveWriter`."""
        self._points, self._goes_on = points, step > 0
        self._try(self._open)

    def add(self, points: Points) -> None:
        """See `CurveWriter`."""
        self._points = points
        if not self._has_failed:
            self._try(self._catch_up)

    def end(self, record: Record | None) -> None:
        """See `CurveWriter`."""
        if record is None and not self._is_open:
            return

        def end() -> None:
            if not self._is_open:
                self._open()
            self._catch_up()
            self.close_run(record)

        self._try(end)

    def _open(self) -> None:
        known = self._known() if self._goes_on else {}
        if known.get("where") != self.where():
            known = {}
        identity = self.open_run(known.get("id"), run_facts(self._run, self._training))
        self._is_open, self._step = True, known.get("step", 0)
        self._keep({"id": identity, "where": self.where(), "step": self._step})
        self._catch_up()

    def _catch_up(self) -> None:
        new = [point for point in self._points if point["step"] > self._step]
        for point in new:
            self.log(curve_values(point), int(point["step"]))
            self._step = int(point["step"])
        if new:
            self._keep({**self._known(), "step": self._step})

    def _known(self) -> dict[str, Any]:
        """What the file says of the run in this tracker."""
        known: dict[str, Any] = self._all_known().get(self.name, {})
        return known

    def _all_known(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return values

    def _keep(self, known: Mapping[str, Any]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**self._all_known(), self.name: known}, indent=1) + "\n"
        write_atomically(self._file, text)
        self._callbacks.saved(self._file)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # Whatever a tracker raises: it is not to cost the run.
            if not self._has_failed:
                self._callbacks.note(f"{self.name} fails, and the run goes on: {with_type(error)}")
            self._has_failed = True
