"""What a killed command has lost, and whether it ended as an undisturbed one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.cli.selfcheck import resuming
from benchmark.cli.selfcheck.processes import Finished
from benchmark.cli.selfcheck.resuming import Resumed, measure_resume
from benchmark.errors import UserError
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "noting", 0, "quick", 900, 50)


class Clock:
    """Time that passes only in sleep; a checkpoint of this step is written at 1001 s."""

    def __init__(self, folder: Path, step: int) -> None:
        self.now, self.folder, self.step = 1000.0, folder, step

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= 1001 and not self.folder.exists():
            self.folder.mkdir(parents=True)
            about = {"about": {"basis": {}, "step": self.step}}
            (self.folder / "state.json").write_text(json.dumps(about))
            os.utime(self.folder / "state.json", (1001.0, 1001.0))


def weights(folder: Path, content: bytes) -> None:
    file = folder / "out/runs/maze2d-umaze/noting/seed-0/weights/planner.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)


def _measure(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    content: bytes,
    ended: int | None = None,
    has_record: bool = False,
    step: int = 400,
) -> tuple[Resumed, list[Any]]:
    done: list[Any] = []
    clock = Clock(folder / "killed/out/runs/maze2d-umaze/noting/seed-0.checkpoint", step)

    @contextmanager
    def start(*what: Any) -> Iterator[Any]:
        done.append(what)
        if has_record:
            checkpoint = clock.folder
            checkpoint.mkdir(parents=True)
            (checkpoint / "state.json").touch()
            checkpoint.with_suffix(".json").touch()
        yield SimpleNamespace(poll=lambda: ended, kill=lambda: done.append(("kill", clock.now)))

    def command(*what: Any) -> Finished:
        done.append(what)
        weights(folder / "killed", content)
        record = Record(RUN, "completed", "maze2d", resumed_at=[100, 400])
        return Finished(1.0, 1.0, [record])

    monkeypatch.setattr(resuming, "time", clock)
    monkeypatch.setattr(resuming, "start", start)
    monkeypatch.setattr(resuming, "command", command)
    weights(folder / "long", b"same")
    return measure_resume(folder / "killed", folder / "long", 900), done


@pytest.mark.parametrize(("content", "same"), [(b"same", True), (b"different", False)])
def test_it_is_killed_five_seconds_after_a_checkpoint_and_resumed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, same: bool
) -> None:
    found, done = _measure(monkeypatch, tmp_path, content)
    assert (found.at, found.same) == (400, same), "the last time it went on"
    assert found.lost == pytest.approx(5, abs=0.11)
    folder = tmp_path / "killed"
    (_, killed) = done[1]
    assert killed == pytest.approx(1006, abs=0.11)
    assert done[::2] == [(folder, 900, 1, 1), (folder, 900, 1, 1, "--resume")]


@pytest.mark.parametrize(
    ("ended", "has_record", "step"),
    [(0, False, 400), (None, True, 400), (None, False, 900)],
    ids=["command", "training", "last-step"],
)
def test_a_run_that_was_over_before_is_no_measurement(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ended: int | None,
    has_record: bool,
    step: int,
) -> None:
    message = "over before its first checkpoint, which is kept after a minute; give more --steps"
    with pytest.raises(UserError, match=message):
        _measure(monkeypatch, tmp_path, b"same", ended, has_record, step)
