"""Which commands are timed, and which of their numbers are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.cli.selfcheck import speed
from benchmark.cli.selfcheck.processes import Finished, bare_run
from benchmark.cli.selfcheck.speed import Speed, measure_speed
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "noting", 0, "quick", 900, 50)
SECONDS = {"data": 1.0, "fit": 50.0, "curve": 4.0, "evaluate": 9.0, "total": 70.0}


def test_each_number_comes_from_its_own_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def command(folder: Path, steps: int, seeds: int, workers: int) -> Finished:
        asked.append((folder.name, steps, seeds, workers))
        records = [Record(RUN, "completed", "maze2d", seconds=SECONDS)]
        return {
            "long": Finished(80.0, 9.5, records),
            "one": Finished(120.0, 10.0, []),
            "two": Finished(65.0, 11.0, []),
        }[folder.name]

    monkeypatch.setattr(speed, "command", command)
    monkeypatch.setattr(
        speed,
        "in_new_process",
        lambda *what: asked.append(what[1:]) or 60.0 * (what[0] is bare_run),
    )
    found = measure_speed(tmp_path, 900)
    assert found == Speed(
        one_worker=120.0, two_workers=65.0, first_step=9.5, bare=60.0, run=70.0, scores=4.0
    )
    # The long run trains as long as what is timed without the harness; the grid is four short runs.
    assert asked == [(900,), ("long", 900, 1, 1), ("one", 600, 4, 1), ("two", 600, 4, 2)]
