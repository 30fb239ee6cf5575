"""Agents in files of one's own, in the real command: with neighbours, moved, changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from benchmark.agents.saved import load_agent
from benchmark.records.files import read_records
from tests.agent_file import AGENT_FILE
from tests.commands import run_here

OPTIONS = ("--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out")


def own_agent(folder: Path, name: str, gain: float) -> str:
    """A file of which the gain lies in another one, which the agent also imports as it learns."""
    folder.mkdir(parents=True)
    (folder / "helpers.py").write_text(f"GAIN = {gain}\n", encoding="utf-8")
    text = AGENT_FILE + (
        f"\nfrom helpers import GAIN\n\nclass {name}(Pusher):\n"
        '    presets = {"smoke": {"steps": 12, "gain": GAIN}}\n'
        "    def fit(self, dataset, **options):\n        import helpers\n\n"
        "        assert helpers.GAIN == self.gain == GAIN\n"
        "        super().fit(dataset, **options)\n"
    )
    (folder / "my, agent.py").write_text(text, encoding="utf-8")
    return f"{folder / 'my, agent.py'}:{name}"


def test_agents_of_ones_own_are_found_moved_and_known_again(
    tmp_path: Path, small_umaze: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "project"
    one, other = own_agent(home / "a", "One", 1.5), own_agent(home / "b", "Other", 2.5)
    done = run_here(*OPTIONS, "--agents", f"{one},{other}", cwd=home)
    assert done.exit_code == 0, done.output
    gains = {record.run.agent: record.run.settings["gain"] for record in read_records(home / "out")}
    assert gains == {"one": 1.5, "other": 2.5}

    moved = home.rename(tmp_path / "moved")
    agents = "a/my, agent.py:One,b/my, agent.py:Other"
    monkeypatch.chdir(moved)
    again = run_here(*OPTIONS, "--agents", agents, "--resume")
    assert again.exit_code == 0 and "2 runs, 2 done before" in again.stdout, again.output

    (moved / "b" / "helpers.py").write_text("GAIN = 2.5  # The same?\n", encoding="utf-8")
    refused = run_here(*OPTIONS, "--agents", agents, "--resume")
    assert refused.exit_code == 2
    words = ("other/seed-0", "project/b/my, agent.py:Other (hash ", "moved/b/my, agent.py:Other")
    assert all(word in refused.stderr for word in words), refused.stderr

    threads = torch.get_num_threads()
    try:
        loaded: Any = load_agent(moved / "out" / "runs" / "maze2d-umaze" / "other" / "seed-0")
        assert (loaded.gain, torch.get_num_threads()) == (2.5, 1)
    finally:
        torch.set_num_threads(threads)
