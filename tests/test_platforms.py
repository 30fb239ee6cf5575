"""What Windows lacks is not needed: neither to answer for help, nor to plan."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.commands import environment

# Modules of POSIX alone, and names that other modules lack elsewhere.
WITHOUT_POSIX = """
import json
import os
import shutil
import signal
import sys

for module in ("fcntl", "resource", "pwd", "grp", "termios", "tty"):
    sys.modules[module] = None
for name in ("SIGHUP", "SIGKILL", "SIGUSR1"):
    delattr(signal, name)
for name in ("sched_getaffinity", "sysconf", "getuid", "statvfs"):
    delattr(os, name)
# It is there on Windows, and does not need `statvfs`.
shutil.disk_usage = lambda path: shutil._ntuple_diskusage(2**40, 0, 2**40)

from typer.testing import CliRunner

from benchmark.cli.app import COMMANDS, app

asked = [[name, "--help"] for name in COMMANDS]
asked += [["run", "--list"], ["run", "--suite", "all", "--dry-run"]]
results = {" ".join(options): CliRunner().invoke(app, options) for options in asked}
failed = {options: repr(each.exception) for options, each in results.items() if each.exit_code}
print(json.dumps(failed))
"""


def test_commands_answer_without_what_windows_lacks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}
