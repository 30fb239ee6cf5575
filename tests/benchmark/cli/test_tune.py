"""The search for settings: the real command, and its usage errors."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.agents.settings_file import read_settings_file
from benchmark.cli.tune import app
from tests.commands import HANG, environment

# Pushes towards the reward, hardly so with its present settings; it fails where it is told to.
AGENT_FILE = """
from pathlib import Path

import numpy as np


class Pusher:
    presets = {"smoke": {"steps": 10, "gain": 0.001, "sizes": (3, 4), "noise": 0}}
    search_space = {
        "gain": ("uniform", 1.0, 3.0),
        "sizes": ("choice", ((5, 6), (7,))),
        "noise": ("int", 1, 2),
    }

    def __init__(self, task, settings, device):
        self.task = task
        self.gain = settings["gain"]
        self.sizes = settings["sizes"]
        if not isinstance(self.sizes, (tuple, list)):
            raise ValueError(f"sizes are {self.sizes!r}")

    def fit(self, dataset, *, steps, seed, progress):
        self.target = dataset.observations[np.argmax(dataset.rewards), :2]
        for step in range(1, steps + 1):
            progress(step, {"loss": 1.0 / step})

    def reset(self, n_envs):
        pass

    def act(self, observations, last_rewards):
        push = self.gain * (self.target - observations[:, :2])
        return np.clip(push, self.task.action_low, self.task.action_high)

    def save(self, folder):
        pass

    def load(self, folder):
        pass


class Failing(Pusher):
    needs = {"threads": 2}

    def fit(self, dataset, *, steps, seed, progress):
        raise RuntimeError("diverged on purpose")


class Mistyped(Pusher):
    search_space = {"gian": ("uniform", 0, 1)}


class Closed(Pusher):
    search_space = {}
"""


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    path = tmp_path / "agents.py"
    path.write_text(AGENT_FILE, encoding="utf-8")
    return path


def tune(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmark.tune", "--task", "maze2d-umaze", *options],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=HANG,
    )


SMOKE = ("--preset", "smoke", "--data", "local", "--samples", "3", "--workers", "2")


def test_a_search_finds_settings_that_can_be_used(
    agents: Path, small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = "mage/maze2d/umaze-v0"
    options = ["--agent", "agents.py:Pusher", *SMOKE, "--out", "out"]
    options += ["--dataset", f"*-umaze={dataset}"]
    done = tune(*options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    written = {path.name for path in out.iterdir()}
    pictures = {"search.png", "search.pdf"}
    assert written == {"about.json", "best.json", "ray.log", "trials.csv", *pictures}
    assert all(f"picture: out/{name}" in done.stdout for name in pictures)
    assert (out / "search.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((out / "trials.csv").open()))
    first = rows[0]
    assert [row["sample"] for row in rows] == ["1", "2", "3"]
    assert [first[name] for name in ("gain", "sizes", "noise")] == ["0.001", "[3, 4]", "0"]
    assert (first["status"], first["steps"]) == ("completed", "10")
    assert {row["status"] for row in rows} <= {"completed", "stopped"}
    for row in rows[1:]:
        assert 1 <= float(row["gain"]) <= 3 and row["noise"] in "12"
        assert json.loads(row["sizes"]) in ([5, 6], [7])
    best = max((r for r in rows if r["status"] == "completed"), key=lambda r: float(r["score"]))
    assert float(best["score"]) > float(first["score"])
    settings = read_settings_file(out / "best.json").for_agent("pusher", "maze2d-umaze")
    assert settings["gain"] == float(best["gain"])
    assert settings["sizes"] == json.loads(best["sizes"])
    about = json.loads((out / "about.json").read_text())
    assert (about["task"], about["agent"], about["preset"]) == ("maze2d-umaze", "pusher", "smoke")
    assert (about["seed"], about["steps"], about["tuning_episodes"]) == (100, 10, 2)
    assert (about["dataset"]["id"], about["dataset"]["kind"]) == (dataset, "collected here")
    assert f" --dataset maze2d-umaze={dataset} --config " in done.stdout
    assert about["dataset"]["hash"] and about["versions"]["ray"]
    assert f"best: sample {best['sample']}, score " in done.stdout
    assert "[3/3] sample " in done.stdout and "--config out/best.json" in done.stdout
    monkeypatch.chdir(tmp_path)
    again = CliRunner().invoke(app, ["--task", "maze2d-umaze", *options])
    assert again.exit_code == 2
    assert "output folder out holds a finished search; choose another --out" in again.stderr


@pytest.mark.slow
def test_a_search_without_a_success_says_why(
    agents: Path, small_umaze: Path, tmp_path: Path
) -> None:
    options = ("--agent", "agents.py:Failing", *SMOKE, "--samples", "2", "--workers", "1")
    done = tune(*options, cwd=tmp_path)
    assert done.returncode == 1
    assert "sample 1: failed: RuntimeError: diverged on purpose" in done.stdout
    assert "no sample completed: RuntimeError: diverged on purpose; see " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    out = tmp_path / "results" / "tune-maze2d-umaze-failing"
    assert not (out / "best.json").exists() and not (out / "about.json").exists()
    assert "in fit" in (out / "ray.log").read_text()
    assert len((out / "trials.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--agent", "MAGE"), "unknown agent 'MAGE'; did you mean 'mage'? (python -m benchmark"),
        (("--agent", "bc,iql"), "--agent 'bc,iql' names 2 agents, and a search is of one; valid: "),
        (
            ("--agent", "bc", "--task", "maze2d-umaze,maze2d-large"),
            "--task 'maze2d-umaze,maze2d-large' names more than one task, and a search is on one; "
            "valid: one name, such as --task maze2d-umaze; search once for each of them",
        ),
        (("--agent", "bc", "--task", "maze2d-*"), "--task 'maze2d-*' names more than one task"),
        (("--agent", "bc", "--task", "maze2d-umaz"), "did you mean 'maze2d-umaze'?"),
        (("--agent", "bc", "--preset", "huge"), "unknown preset 'huge'; valid: paper, quick"),
        (("--agent", "bc", "--data", "web"), "unknown value of --data 'web'; valid: auto"),
        (("--agent", "bc", "--device", "gpu"), "unknown device 'gpu'; valid: auto, cpu"),
        (
            ("--agent", "bc", "--workers", "0"),
            "--workers 0 is too few, as this command goes on Ray alone",
        ),
        (("--agent", "bc", "--steps", "0"), "--steps 0 is too few; valid: 1 or more"),
        (("--agent", "bc", "--samples", "10001"), "Invalid value for '--samples'"),
        (("--agent", "bc", "--samples", "1"), "Invalid value for '--samples'"),
        (
            ("--agent", "bc", "--seed", "99"),
            "seed 99 is for reported scores, which no choice of settings may have seen; valid for "
            "a search: 100 or more, such as --seed 100",
        ),
        (("--agent", "bc", "--seed", "-1"), "seed -1 is for reported scores"),
        (("--agent", "bc", "--out", "/proc/below"), "output folder /proc/below cannot be written"),
        (("--agent", "agents.py:Closed"), "agent 'closed' declares no settings to search; give"),
        (
            ("--agent", "agents.py:Mistyped", "--preset", "smoke"),
            "names 'gian', which has no present value; known: gain, noise, sizes",
        ),
        (
            ("--agent", "agents.py:Pusher", "--preset", "smoke", "--out", "s3://bucket/found"),
            "--out s3://bucket/found is a URL; valid here: a file or folder of this machine",
        ),
        (
            ("--agent", "agents.py:Pusher", "--preset", "quick"),
            "agent 'pusher' cannot be made for maze2d-umaze: KeyError: 'gain'; its settings",
        ),
    ],
)
def test_a_usage_error_is_one_message(
    agents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["--task", "maze2d-umaze", *options])
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["agents.py"]
