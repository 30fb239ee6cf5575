"""The curve on disk: as a table, and for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.records.files import RunFiles
from benchmark.running.curves import curve_files
from benchmark.running.curves.curve_files import CurveTable, TensorBoard


class Writer:
    """Notes what TensorBoard is written."""

    written: list[Any]

    def __init__(self, folder: str, purge_step: int) -> None:
        Writer.written = [(folder, purge_step)]

    def add_scalar(self, *scalar: Any) -> None:
        self.written.append(scalar)

    def flush(self) -> None:
        self.written.append("flush")

    def close(self) -> None:
        self.written.append("close")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFiles:
    monkeypatch.setattr(curve_files, "SummaryWriter", Writer)
    return RunFiles(tmp_path, "task/agent/seed-1")


def test_the_table_holds_all_points_and_tensorboard_gets_the_last(files: RunFiles) -> None:
    writers = [CurveTable(files.curve), TensorBoard(files.tensorboard)]
    points: list[dict[str, float]] = []
    for writer in writers:
        writer.begin(points, 0)
    for point in ({"loss": 4.0, "step": 20}, {"loss": 3.0, "use": 0.5, "step": 40, "score": 7.5}):
        points.append(point)
        for writer in writers:
            writer.add(points)
    for writer in writers:
        writer.end(None)
    assert files.curve.read_text().splitlines() == [
        "step,loss,use,score",
        "20,4.0,,",
        "40,3.0,0.5,7.5",
    ]
    assert Writer.written == [
        (str(files.tensorboard), 0),
        ("loss", 4.0, 20),
        "flush",
        *(("loss", 3.0, 40), ("use", 0.5, 40), ("score", 7.5, 40)),
        *("flush", "close"),
    ]


def test_what_came_after_the_last_checkpoint_is_forgotten(files: RunFiles) -> None:
    points = [{"step": step, "loss": 1.0} for step in (20, 40, 60)]
    TensorBoard(files.tensorboard).begin(points, 70)
    assert Writer.written == [(str(files.tensorboard), 61)]


def test_a_run_that_fails_before_training_writes_no_curve(files: RunFiles) -> None:
    TensorBoard(files.tensorboard).end(None)
    assert not files.out.exists() or not list(files.out.iterdir())
