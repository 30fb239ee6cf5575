"""One process at a time, and none for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.records.lock import LockedError, locked

HOLDER = """
import sys
import time
from pathlib import Path

from benchmark.records.lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """A process that holds a folder."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_lock_keeps_others_out_until_its_process_ends(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        with pytest.raises(LockedError, match="is held by another process"), locked(tmp_path):
            pass
        asked: list[str] = []

        def end_it() -> None:
            asked.append("waited")
            process.send_signal(signal.SIGKILL)

        with locked(tmp_path, end_it):
            assert asked == ["waited"]
    with locked(tmp_path, lambda: asked.append("again")):
        assert asked == ["waited"]
    assert list(tmp_path.iterdir()) == [], "no file stays"


def test_a_folder_that_goes_meanwhile_is_none_of_its_business(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with locked(folder):
        (folder / ".lock").unlink()
        folder.rmdir()
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), locked(tmp_path / "file" / "folder"):
        pass
