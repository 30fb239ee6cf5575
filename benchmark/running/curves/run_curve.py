"""The learning curve of a run at every place that it is written to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.parts import TrainingPart
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves.curve_files import CurveTable, CurveWriter, Points, TensorBoard
from benchmark.running.curves.mlflow_tracker import MLflowTracker
from benchmark.running.curves.tracker import Tracker
from benchmark.running.curves.wandb_tracker import WandbTracker
from benchmark.running.monitor import Callbacks

TRACKER_CLASSES: dict[str, type[Tracker]] = {
    tracker.name: tracker for tracker in (WandbTracker, MLflowTracker)
}


class RunCurve(CurveWriter):
    """Writes the curve of a run to a table, for TensorBoard, and to the trackers of its place."""

    def __init__(
        self, run: RunSpec, place: RunPlace, training: TrainingPart, callbacks: Callbacks
    ) -> None:
        """Does nothing yet; arguments as of `Tracker`."""
        files = RunFiles(place.out, run.name)
        self._writers: list[CurveWriter] = [
            CurveTable(files.curve),
            TensorBoard(files.tensorboard),
            *_trackers(run, place, training, callbacks),
        ]
        self._has_ended = False

    def begin(self, points: Points, step: int) -> None:
        """See `CurveWriter`."""
        for writer in self._writers:
            writer.begin(points, step)

    def add(self, points: Points) -> None:
        """See `CurveWriter`."""
        for writer in self._writers:
            writer.add(points)

    def end(self, record: Record | None) -> None:
        """See `CurveWriter`."""
        self._has_ended = True
        with contextlib.ExitStack() as stack:  # All are ended, whatever one of them raises.
            for writer in reversed(self._writers):
                stack.callback(writer.end, record)

    def close(self) -> None:
        """Ends what has not been ended: the run was interrupted."""
        if not self._has_ended:
            self.end(None)


def prepare_trackers(names: Sequence[str], store: Store) -> list[str]:
    """Looks whether trackers can be used, before work starts.

    Args:
        names: of the trackers.
        store: where results are kept.

    Returns:
        Where each keeps runs, in a line for people.

    Raises:
        UserError: for one that cannot be used.
    """
    return [TRACKER_CLASSES[name].prepare(store) for name in names]


def end_trackers(
    record: Record, store: Store, names: tuple[str, ...], note: Callable[[str], None]
) -> None:
    """Tells trackers how a run ended whose process could not do so any more.

    Args:
        record: of the run.
        store: where results are kept.
        names: of the trackers.
        note: is given what people should know of, in one line.
    """
    if names:
        store.pull(f"trackers/{record.run.name}.json")
    place = RunPlace(store.folder, store.folder, store.folder, names)
    callbacks = Callbacks(saved=store.push, note=note)
    for tracker in _trackers(record.run, place, TrainingPart(), callbacks):
        tracker.end(record)


def _trackers(
    run: RunSpec, place: RunPlace, training: TrainingPart, callbacks: Callbacks
) -> list[Tracker]:
    return [TRACKER_CLASSES[name](run, place, training, callbacks) for name in place.trackers]
