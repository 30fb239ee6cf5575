"""Output that cannot be told: what is done goes on, and ends as it would have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.records.terminal import forgive_output, open_forgiving
from tests.commands import environment

TALKS = """
import os, sys
from benchmark.records.terminal import forgive_output
forgive_output()
for line in range(20000):
    print("line", line, "\\N{SNOWMAN}\\udce4")
print("to stderr", file=sys.stderr)
file = open("done", "w")
file.write(str(file.fileno()))
"""


def talk(redirection: str, folder: Path, **more: str) -> tuple[str, str]:
    """Output of a process that says much, and its standard error; what it does must be done."""
    command = f'set -o pipefail; "{sys.executable}" -c "$TALKS" {redirection}'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(TALKS=TALKS, **more),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # No file may take the place of an output that was closed.
    assert int((folder / "done").read_text()) > 2
    return done.stdout, done.stderr


def test_a_closed_pipe(tmp_path: Path) -> None:
    assert talk("| head -1", tmp_path) == ("line 0 ☃\\udce4\n", "to stderr\n")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_outputs(tmp_path: Path, closed: str) -> None:
    output, errors = talk(closed, tmp_path)
    assert (output, errors) == ("", "" if "2>" in closed else "to stderr\n")


def test_a_full_disk_is_told_once_where_it_can_be(tmp_path: Path) -> None:
    _, errors = talk("> /dev/full", tmp_path)
    assert errors == "output cannot be written: No space left on device\nto stderr\n"
    talk("> /dev/full 2>&1", tmp_path)


def test_what_an_encoding_does_not_know_is_escaped(tmp_path: Path) -> None:
    output, _ = talk("| head -1", tmp_path, PYTHONIOENCODING="ascii")
    assert output == "line 0 \\u2603\\udce4\n"


def test_what_can_be_written_is_and_the_descriptor_stays_open() -> None:
    reading, writing = os.pipe()
    with open_forgiving(writing) as stream:
        print("here", file=stream)
    os.write(writing, b"more")
    assert os.read(reading, 100) == b"here\nmore"
    os.close(reading)
    with open_forgiving(writing) as stream:
        print("nobody reads this", file=stream)
    os.close(writing)


def test_streams_of_others_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    forgive_output()
    assert (sys.stdout, sys.stderr) == before
