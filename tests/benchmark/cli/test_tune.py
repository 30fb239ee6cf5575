"""The search for settings: the real command, and its usage errors."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from benchmark.agents.settings_file import read_settings_file
from benchmark.cli.tune import app
from benchmark.running import search as searches
from benchmark.running.search_space import Sample, Search
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


class Poor(Pusher):
    pass


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


SMOKE = ("--preset", "smoke", "--data", "local", "--samples", "2", "--workers", "2")
SMOKE += ("--trainings", "1")


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
    assert [row["sample"] for row in rows] == ["1", "2"]
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
    assert "[2/2] sample " in done.stdout and "--config out/best.json" in done.stdout
    monkeypatch.chdir(tmp_path)
    again = CliRunner().invoke(app, ["--task", "maze2d-umaze", *options])
    assert again.exit_code == 2
    assert "output folder out holds a finished search; add --resume to run what is" in again.stderr
    done_already = CliRunner().invoke(app, ["--task", "maze2d-umaze", *options, "--resume"])
    assert done_already.exit_code == 0 and "[1/2]" not in done_already.stdout
    other = [*options, "--resume", "--samples", "4"]
    other_search = CliRunner().invoke(app, ["--task", "maze2d-umaze", *other])
    assert other_search.exit_code == 2
    assert "out holds a search with samples 2, now asked with 4; choose" in other_search.stderr


Searched = tuple[str, str, int, int, int]


def stand_in(searched: list[Searched], failing: set[str]) -> Any:
    """Writes the files of a search and tries nothing; those of `failing` lose a sample."""

    def search(search: Search, out: Path, *others: object) -> list[Sample]:
        run, tried = search.run, search.samples - (search.run.task in failing)
        searched.append((run.task, run.agent, tried, search.trainings, run.seed))
        settings = {"gain": 2.5, "sizes": (7,), "noise": 1}
        found = [
            Sample(number, settings, "completed", 30, float(number), 6.0)
            for number in range(1, tried + 1)
        ]
        out.mkdir(parents=True, exist_ok=True)
        searches.write_samples(out / "trials.csv", found)
        best = {"tasks": {run.task: {run.agent: settings}}, "samples": {run.task: {run.agent: 3}}}
        (out / "best.json").write_text(json.dumps(best))
        if tried == search.samples:
            (out / "about.json").write_text(json.dumps(searches._metadata(search, {})))
        return found

    return search


def test_every_agent_is_searched_alike_on_every_task(
    agents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None
) -> None:
    searched: list[Searched] = []
    failing = {"maze2d-large"}
    search = stand_in(searched, failing)
    monkeypatch.chdir(tmp_path)
    session = Mock(print_line=print)
    monkeypatch.setattr("benchmark.cli.tune.run_and_write_search", search)
    monkeypatch.setattr("benchmark.cli.tune.share_data", lambda *_: defaultdict(dict))
    monkeypatch.setattr(
        "benchmark.running.ray_search.search_session", lambda *_: nullcontext(session)
    )
    options = ["--agents", "agents.py:Pusher,agents.py:Poor", "--preset", "smoke"]
    options += ["--tasks", "maze2d-umaze,maze2d-large", "--samples", "3", "--trainings", "2"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1, result.output
    pairs = [(task, agent) for task in ("umaze", "large") for agent in ("pusher", "poor")]
    assert searched == [
        (f"maze2d-{task}", agent, 2 if task == "large" else 3, 2, 100) for task, agent in pairs
    ]
    assert re.search(
        r"^maze2d-large +pusher .* 1.0 +2.0\nmaze2d-large +poor .* 1.0 +2.0$", result.stdout, re.M
    )
    out = tmp_path / "results" / "tune-maze2d-umaze_maze2d-large-smoke"
    assert (out / "maze2d-umaze" / "poor" / "about.json").exists()
    assert re.search(r"^maze2d-umaze +pusher +3 +2 +10 +1.0 +3.0$", result.stdout, re.M)
    planned = CliRunner().invoke(app, [*options, "--resume", "--dry-run"])
    assert planned.exit_code == 0, planned.output
    assert "Searches: 4, done: 2, to do: 2\n" in planned.stdout and len(searched) == 4
    # What is missing is searched, and all that was found is one file of settings.
    failing.clear()
    searched.clear()
    again = CliRunner().invoke(app, [*options, "--resume"])
    assert again.exit_code == 0, again.output
    assert [task for task, *_ in searched] == ["maze2d-large"] * 2
    one = [*options[:-6], "--tasks", "maze2d-umaze", *options[-4:], "--resume", "--out", str(out)]
    alone = CliRunner().invoke(app, ["--agents", "agents.py:Pusher", *one[2:]])
    assert alone.exit_code == 0 and len(searched) == 2, alone.output
    best = read_settings_file(out / "best.json")
    for agent in ("poor", "pusher"):
        for task in ("maze2d-large", "maze2d-umaze"):
            assert best.for_agent(agent, task)["gain"] == 2.5 and best.samples[task][agent] == 3
    assert (
        "python -m benchmark.run --tasks maze2d-umaze,maze2d-large --agents agents.py:Pusher,"
        "agents.py:Poor --preset smoke --data auto --config results/tune-maze2d-umaze_maze2d-large"
        "-smoke/best.json"
    ) in again.stdout


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
        (("--agents", "bc", "--suite", "adroit"), "unknown task of the suite adroit: 'maze2d-uma"),
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
        (("--agent", "bc", "--trainings", "0"), "Invalid value for '--trainings'"),
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
