"""The README and the pages in `docs/` do what they say."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.cli.run import app
from tests.commands import HANG, ROOT

README = ROOT / "README.md"


def _code(page: Path) -> str:
    """The first program on a page, which is an agent."""
    code, *_ = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


def test_the_baseline_is_short() -> None:
    assert len(_code(README).splitlines()) < 48


@pytest.mark.parametrize(
    ("page", "agent"),
    [
        ("README.md", "nearest.py:NearestNeighbour"),
        ("docs/writing-an-agent.md", "weighted.py:WeightedCloning"),
    ],
)
def test_agents_run_as_printed(page: str, agent: str, small_umaze: Path, tmp_path: Path) -> None:
    file, name = agent.split(":")[0], agent.split(".")[0]
    (tmp_path / file).write_text(_code(ROOT / page), encoding="utf-8")
    command = f"-m benchmark.run --tasks maze2d-umaze --agents {agent} --data local"
    finished = subprocess.run(
        [sys.executable, *command.split(), "--preset", "smoke", "--out", "out"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    record = json.loads((tmp_path / "out/runs/maze2d-umaze" / name / "seed-0.json").read_text())
    assert record["status"] == "completed"
    assert name in (tmp_path / "out/report/summary.md").read_text()


def test_every_option_is_explained() -> None:
    (command,) = app.registered_commands
    options = {
        name.replace("list_all", "list").replace("_", "-")
        for name in inspect.signature(command.callback).parameters  # type: ignore[arg-type]
    }
    explained = set(re.findall(r"`--([a-z-]+)", README.read_text(encoding="utf-8")))
    assert options <= explained, options - explained
