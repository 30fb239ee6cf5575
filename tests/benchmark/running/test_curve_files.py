"""The curve on disk: as a table, and for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.records.files import RunFiles
from benchmark.running import curve_files
from benchmark.running.curve_files import CurveFiles


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
    curve = CurveFiles(files, [])
    points: list[dict[str, float]] = [{"loss": 4.0, "step": 20}]
    curve.add(points)
    points.append({"loss": 3.0, "use": 0.5, "step": 40, "score": 7.5})
    curve.add(points)
    curve.close()
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
    CurveFiles(files, [{"step": step, "loss": 1.0} for step in (20, 40, 60)])
    assert Writer.written == [(str(files.tensorboard), 61)]
