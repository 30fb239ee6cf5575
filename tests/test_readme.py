"""The README does what it says."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from benchmark.run import app

README = Path(__file__).parents[1] / "README.md"


def _baseline() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


def test_the_baseline_is_short() -> None:
    assert len(_baseline().splitlines()) < 40


def test_the_baseline_runs_as_printed(small_umaze: Path, tmp_path: Path) -> None:
    (tmp_path / "nearest.py").write_text(_baseline(), encoding="utf-8")
    command = (
        "-m benchmark.run --tasks maze2d-umaze --agents nearest.py:NearestNeighbour --data local"
    )
    finished = subprocess.run(
        [sys.executable, *command.split(), "--preset", "smoke", "--out", "out"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    record = json.loads((tmp_path / "out/runs/maze2d-umaze/nearest/seed-0.json").read_text())
    assert record["status"] == "completed"
    assert "nearest" in (tmp_path / "out/report/summary.md").read_text()


def test_every_option_is_explained() -> None:
    (command,) = app.registered_commands
    options = {
        name.replace("list_all", "list").replace("_", "-")
        for name in inspect.signature(command.callback).parameters  # type: ignore[arg-type]
    }
    explained = set(re.findall(r"`--([a-z-]+)", README.read_text(encoding="utf-8")))
    assert options <= explained, options - explained
