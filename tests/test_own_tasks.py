"""A task of one's own, from an empty file to a row, as `docs/your-own-task.md` says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmark.agents.saved import load_agent, trained_task
from benchmark.cli.check_task import app as check_task_app
from benchmark.cli.run import app as run_app
from benchmark.data.relabel import Episode, arrays_of
from benchmark.errors import UserError
from benchmark.records.files import read_records
from benchmark.tasks import TASKS
from tests.agent_file import AGENT_FILE
from tests.commands import ROOT, run_here

PAGE = (ROOT / "docs" / "your-own-task.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SMOKE = ("--preset", "smoke", "--workers", "1")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's files, an agent of one's own, and the data that was collected."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "reach.py").write_text(PROGRAMS[0], encoding="utf-8")
    (folder / "collect.py").write_text(PROGRAMS[1].replace("range(100)", "range(8)"), "utf-8")
    (folder / "agents.py").write_text(AGENT_FILE, encoding="utf-8")
    environment = {"MINARI_DATASETS_PATH": str(folder / "minari"), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "collect.py"], cwd=folder, env=environment, check=True)
    return folder


def _options_of(name: str) -> list[str]:
    """Those of the command of this name, as the page first gives it."""
    line, *_ = re.findall(rf"^mage-bench {name} (.*)$", PAGE, re.MULTILINE)
    return shlex.split(line)


def test_the_page_leads_to_a_row_beside_a_task_of_the_table(
    home: Path, small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None
) -> None:
    (home / "minari" / "mage").symlink_to(small_umaze / "mage")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(home / "minari"))
    monkeypatch.chdir(home)
    checked = CliRunner().invoke(check_task_app, _options_of("check-task"))
    assert checked.output.endswith("reach-scripted: 9 ok, 0 failed, 0 skipped\n"), checked.output

    options = _options_of("run")
    options[options.index("--agents") + 1] = "agents.py:Pusher"
    done = run_here(*options, "--out", "out")
    assert done.exit_code == 0, done.output
    records = {record.run.task: record for record in read_records(home / "out")}
    assert [one.status for one in records.values()] == ["completed"] * 2
    assert records["reach-scripted"].benchmark == "reach"
    assert records["reach-scripted"].successes and records["reach-scripted"].run.task_hash
    summary = (home / "out/report/summary.md").read_text(encoding="utf-8")
    assert "\n## reach\n" in summary and "| reach-scripted (own data)" in summary
    assert "| maze2d-umaze (collected here)" in summary

    moved = home.rename(tmp_path / "moved")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(moved / "minari"))
    monkeypatch.chdir(moved)
    options = ["--tasks", "reach.py", "--agents", "agents.py:Pusher", "--out", "out", "--resume"]
    again = CliRunner().invoke(run_app, [*options, *SMOKE, "--dry-run"])
    assert again.exit_code == 0 and "done: 1, to do: 0" in again.output, again.output
    _change(moved / "reach.py")
    refused = CliRunner().invoke(run_app, [*options, *SMOKE])
    assert refused.exit_code == 2 and "was run with the task of" in refused.stderr
    assert "home0/reach.py (hash " in refused.stderr and "put the file, and those" in refused.stderr

    folder = moved / "out/runs/reach-scripted/pusher/seed-0"
    assert trained_task(folder).source == str(folder / "task" / "reach.py"), "the copy"
    assert load_agent(folder).act.__name__ == "act"
    _change(folder / "task" / "reach.py")
    with pytest.raises(UserError, match="the file of the task reach-scripted that it was.*again"):
        trained_task(folder)
    about = json.loads((folder / "agent.json").read_text(encoding="utf-8"))
    assert about["task_source"] == "../../../../../reach.py"


def _change(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\n# Another.\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('success="near"', "tells_success=True"), "does not tell success in the info of a step"),
        (("max_steps=30,", "max_steps=0,"), "has max_steps=0; valid: a whole number of steps"),
        (("def step(self, action):", "def step(self):"), "fails at its first step (TypeError"),
    ],
)
def test_bad_input_is_refused_before_work_starts(
    change: tuple[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reach.py").write_text(PROGRAMS[0].replace(*change), encoding="utf-8")
    options = ["--tasks", "reach.py", "--agents", "mean", "--out", "out", *SMOKE]
    for more in ([], ["--dry-run"]):
        refused = CliRunner().invoke(run_app, [*options, *more])
        assert (refused.exit_code, refused.stdout) == (2, "") and words in refused.stderr
    assert not Path("out").exists()


def test_the_view_of_the_page_has_the_last_steps() -> None:
    names: dict[str, Any] = {}
    exec(PROGRAMS[2], names)
    rewards = np.arange(30.0)
    episode = Episode(np.zeros((31, 6)), np.zeros((30, 2)), rewards, terminated=False)
    task = replace(TASKS["maze2d-umaze"], relabel=names["last_steps"])
    dataset = arrays_of(task, [episode], 30)
    assert dataset.rewards.tolist() == rewards[10:].tolist()
