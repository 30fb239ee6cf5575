"""The real command, as a process that can be watched, interrupted and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from benchmark.cli.run import app

COMMAND = [sys.executable, "-m", "benchmark.run"]
ROOT = Path(__file__).resolve().parent.parent
HANG = 600.0  # Seconds that only what hangs takes, on a busy machine too.


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def run(*options: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command from its start to its end."""
    command = [*COMMAND, *options]
    return subprocess.run(
        command, cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=HANG
    )


def run_here(*options: str, cwd: Path | None = None, **more: str) -> Result:
    """The command in this process and without Ray, which starts at once; no picture is drawn.

    Args:
        options: of the command; `--workers 0` is added.
        cwd: folder to run in; None for the present one.
        more: of the environment.
    """
    with pytest.MonkeyPatch.context() as patch:
        # Drawing takes seconds.
        patch.setattr("benchmark.plots.figure_bytes", lambda figure, kind: kind.encode())
        patch.chdir(cwd or Path.cwd())
        for name, value in more.items():
            patch.setenv(name, value)
        return CliRunner().invoke(app, [*options, "--workers", "0"])


def wait_for(
    condition: Callable[[], bool], what: str, process: subprocess.Popen[str] | None = None
) -> None:
    """Waits until something has happened.

    Args:
        condition: whether it has.
        what: it is, for people.
        process: that is to make it happen; if it ends before, nothing is waited for.
    """
    end = time.monotonic() + HANG
    while not condition():
        has_ended = process is not None and process.poll() is not None
        # It may have happened just before the process ended.
        assert not has_ended or condition(), f"the process ended before: {what}\n{_said(process)}"
        assert time.monotonic() < end, f"not within {HANG:.0f} s: {what}"
        time.sleep(0.25)  # To look may mean to read all records, or of all processes.


def _said(process: subprocess.Popen[str] | None) -> str:
    """What is left to read of the output of a process that has ended."""
    pipe = process.stdout if process else None
    return "" if pipe is None or pipe.closed else str(pipe.read())


def processes_marked(mark: str) -> list[str]:
    """Command lines of running processes that inherited a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@dataclass(frozen=True)
class Started:
    """A command that is going on.

    Attributes:
        process: the command's own.
        mark: what it and all its descendants have in their environment.
    """

    process: subprocess.Popen[str]
    mark: str

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until the command has made something happen."""
        wait_for(condition, what, self.process)

    def output(self) -> str:
        """Waits for the end of the command, and returns what it has printed."""
        return self.process.communicate(timeout=HANG)[0]

    def no_orphans(self) -> None:
        """Waits until nothing of the command is left."""
        wait_for(lambda: not processes_marked(self.mark), "end of all processes")


@contextmanager
def started(
    *options: str, cwd: Path, module: str = "benchmark.run", **more: str
) -> Iterator[Started]:
    """Starts a command; ends it at the end of the block, if that was not done before."""
    mark = f"mark-{uuid.uuid4().hex}"
    # In a session of its own: a signal for it must not reach the tests.
    with subprocess.Popen(
        [sys.executable, "-m", module, *options],
        cwd=cwd,
        env=environment(MAGE_TEST_MARK=mark, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Started(process, mark)
        finally:
            if process.poll() is None:
                process.kill()
