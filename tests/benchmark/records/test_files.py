"""The output folder, and where a process's output goes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmark.records.files import RunFiles, output_to


def test_each_file_of_a_run_has_its_place() -> None:
    files = RunFiles(Path("out"), "maze2d-umaze/bc/seed-3")
    assert {name: str(getattr(files, name)) for name in vars(RunFiles) if name.isalpha()} == {
        "record": "out/runs/maze2d-umaze/bc/seed-3.json",
        "log": "out/runs/maze2d-umaze/bc/seed-3.log",
        "curve": "out/runs/maze2d-umaze/bc/seed-3.csv",
        "agent": "out/runs/maze2d-umaze/bc/seed-3",
        "checkpoint": "out/runs/maze2d-umaze/bc/seed-3.checkpoint",
        "tensorboard": "out/tensorboard/maze2d-umaze/bc/seed-3",
    }


@contextmanager
def buffered() -> Iterator[None]:
    """Streams that keep what is printed until they are flushed, as they do without a terminal."""
    with (
        open(1, "w", closefd=False, encoding="utf-8") as out,
        open(2, "w", closefd=False, encoding="utf-8") as err,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        yield


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_all_output_goes_to_the_file_and_comes_back_afterwards(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "deep" / "log"
    with buffered():
        for number in ("first", "second"):
            print("before")
            print("warned before", file=sys.stderr)
            with output_to(log) as terminal:
                subprocess.run(["echo", "a library"], check=True)
                print(number)
                print("a warning", file=sys.stderr)
                print("news", file=terminal)
            print("after")
    lines = log.read_text().splitlines()
    assert lines == ["a library", "first", "a warning", "a library", "second", "a warning"]
    told = capfd.readouterr()
    assert told.out.splitlines() == ["before", "news", "after"] * 2
    assert told.err.splitlines() == ["warned before"] * 2


def _fail_within(log: Path) -> None:
    with buffered(), output_to(log):
        print("inside")
        raise ValueError("on purpose")


def test_output_comes_back_after_an_error_and_nothing_stays_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = _open_files()
    with pytest.raises(ValueError, match="on purpose"):
        _fail_within(tmp_path / "log")
    print("after", flush=True)
    assert (tmp_path / "log").read_text() == "inside\n"
    assert capfd.readouterr().out == "after\n"
    assert _open_files() == before
