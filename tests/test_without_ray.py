"""The command where Ray is not installed, and where a debugger needs the process of the runs."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from benchmark.records.files import RunFiles, read_records
from tests.commands import COMMAND, HANG, ROOT, environment

# In one process, as each start takes seconds.
ABSENT = """
import importlib.util, sys
from typer.testing import CliRunner

import benchmark.plots
from benchmark.cli import run, tune
from benchmark.running import installation

assert importlib.util.find_spec("ray") is None
benchmark.plots.figure_bytes = lambda figure, kind: kind.encode()

def asked(app, *options):
    result = CliRunner().invoke(app, options)
    print(result.exit_code, result.output.strip())

(asks,) = (line for line in installation._requirements() if line.startswith("ray"))
installation._requirements = lambda: [asks]  # Importing all others takes seconds.
(ray,) = installation.packages()
print(ray.text, ray.remedy, ray.needed)
task, one = ["maze2d-umaze", "--preset", "smoke", "--data", "local", "--out"], ["--agents", "mean"]
asked(run.app, "--tasks", *task, "refused", *one)
asked(run.app, "--tasks", *task, "refused", *one, "--dry-run")
asked(tune.app, "--task", *task, "refused", "--agent", "bc")
asked(run.app, "--tasks", *task, "out", *one, "--workers", "0")
assert not {name for name in sys.modules if name.partition(".")[0] == "ray"}
"""


@pytest.fixture
def packages_but_ray(tmp_path: Path) -> Path:
    """A folder to import from, with all that is installed but Ray."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not re.match(r"ray(-.*)?$|_", path.name):
            (folder / path.name).symlink_to(path)
    return folder


def test_without_ray_only_runs_one_after_another_are_possible(
    packages_but_ray: Path, small_umaze: Path, tmp_path: Path
) -> None:
    path = os.pathsep.join([str(ROOT), str(packages_but_ray)])
    done = subprocess.run(
        [sys.executable, "-S", "-c", ABSENT],  # -S: without the packages of this Python.
        **{"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": path}, "timeout": HANG},
        **{"capture_output": True, "text": True},
    )
    assert done.returncode == 0, done.stderr
    doctor, refused, planned, search, *_ = done.stdout.splitlines()
    assert doctor.startswith("not installed; without it only --workers 0, and no search for")
    assert "python -m pip install 'ray[tune]" in doctor and doctor.endswith("False")
    missing = "2 error: Ray, which runs trials side by side, is not installed; install it with"
    for line in (refused, planned):
        assert line.startswith(missing) and "pip install -c constraints.txt 'ray[tune]'`" in line
        assert line.endswith(", or run one after another in this process, without Ray: --workers 0")
    assert search.startswith(missing) and search.endswith("there is no search without it")
    assert not (tmp_path / "refused").exists()
    (record,) = read_records(tmp_path / "out")
    assert record.status == "completed" and "ray" not in record.versions
    assert "0 1 run, 0 done before" in done.stdout


DEBUGGED = """
import json, sys

class Debugged(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        print("a terminal:", sys.stdout.isatty() and sys.stderr.isatty())
        for step in range(1, steps + 1):
            if step == 3:
                breakpoint()
            progress(step, {"loss": 1.0 / step})
            if step == 5:
                json.loads("{")
"""


@pytest.mark.slow
def test_a_debugger_has_the_terminal_at_a_breakpoint_and_at_an_error(
    agent_file: Path, small_umaze: Path, tmp_path: Path
) -> None:
    agent_file.write_text(agent_file.read_text() + DEBUGGED)
    options = ["--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out"]
    options += ["--agents", f"{agent_file}:Debugged,{agent_file}:Pusher", "--pdb"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *options], cwd=tmp_path, env=environment(PYTHONBREAKPOINT="pdb.set_trace"),
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    ) as command:  # fmt: skip
        os.close(theirs)
        seen = Terminal(ours)
        seen.answer("(Pdb) ", "p step * 111")
        assert "a terminal: True" in seen.text
        seen.answer("333\r\n(Pdb) ", "continue")
        seen.answer("(Pdb) ", "p step * 111")
        seen.answer("555\r\n(Pdb) ", "where")
        seen.answer("(Pdb) ", "quit")
        rest = seen.to_the_end()
        code = command.wait(HANG)
    os.close(ours)
    assert code == 130, rest
    assert "json.decoder.JSONDecodeError" in seen.text and "> " in seen.text
    assert "[1/2] maze2d-umaze debugged seed 0: failed: JSONDecodeError" in rest
    assert "stopped before all runs were done: the same command with --resume goes on" in rest
    (record,) = read_records(tmp_path / "out")
    assert (record.run.agent, record.status, record.steps) == ("debugged", "failed", 5)
    assert "JSONDecodeError" in RunFiles(tmp_path / "out", record.run.name).log.read_text()


class Terminal:
    """What a command says on a terminal, and answers to it."""

    def __init__(self, descriptor: int) -> None:
        self.text, self._read, self._descriptor = "", 0, descriptor

    def answer(self, prompt: str, answer: str) -> None:
        """Waits for a prompt that was not answered yet, and types a line."""
        while (place := self.text.find(prompt, self._read)) < 0:
            assert self._more(), f"the end, before {prompt!r}: {self.text}"
        self._read = place + len(prompt)
        os.write(self._descriptor, f"{answer}\n".encode())

    def to_the_end(self) -> str:
        """What is said after the last answer."""
        while self._more():
            pass
        return self.text[self._read :]

    def _more(self) -> bool:
        try:
            more = os.read(self._descriptor, 2**16).decode(errors="replace")
        except OSError:  # So Linux says that nobody is left who could say anything.
            more = ""
        self.text += more
        return bool(more)
