"""Settings are tried before any work: exit code 2, one message, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.cli.options import parse_agents
from benchmark.cli.run import app
from benchmark.running.grid import Grid
from benchmark.running.settings_check import may_be_refused
from benchmark.tasks import TASKS

AGENTS = """
from benchmark.interface import TaskSettings, build_config
from dataclasses import dataclass


@dataclass
class Config:
    rate: float = 0.1
    width: int = 8


class Base:
    presets = {"smoke": {"width": 4}}
    variants = {"fast": {"rte": 1.0}}

    def __init__(self, task, settings, device):
        self.config = build_config(Config, settings)
        assert device == "cpu"

    def fit(self, dataset, *, steps, seed, progress): ...
    reset = act = save = load = fit


class Misspelt(Base):
    presets = {"smoke": {"widht": 4}}


class OnATask(Base):
    task_settings = [TaskSettings("maze2d-large", {"rate": "fast"}, "a trial of mine", "smoke")]


class NoTask(Base):
    task_settings = [TaskSettings("maze2d-lrage", {"rate": 1.0}, "a trial of mine")]


class Needy(Base):
    needs = {"threads": "many"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(AGENTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(agent: str, **settings: Any) -> str:
    return json.dumps({"agents": {agent: settings}})


@pytest.mark.parametrize(
    ("agents", "content", "messages"),
    [
        (
            "bc,iql",
            config("iql", expectle=0.8),
            ["unknown setting 'expectle' for IQLConfig; known: batch_size, ", "best.json"],
        ),
        (
            "mage",
            json.dumps({"tasks": {"maze2d-large": {"mage": {"heads": 0}}}}),
            [
                "for maze2d-large: setting heads = 0 is not valid; expected 1",
                "from file of settings",
            ],
        ),
        ("dt", config("dt", n_heads=5), ["width=16 ", "is no multiple of n_heads=5", "best.json"]),
        ("bc", config("bc", batch_size=True), ["batch_size=True", "valid: a whole number"]),
        ("bc", config("bc", learning_rate="fast"), ["learning_rate='fast'", "a finite number"]),
        ("bc", '{"agents": {"bc": {"learning_rate": NaN}}}', ["'learning_rate' is nan, which no"]),
        ("bc", config("bc", steps=True), ["steps True of bc", "file of settings best.json"]),
        ("mage", config("mage", codes=40_000), ["codes = 40000", "at most 32767"]),
        ("mine.py:Misspelt", "{}", ["unknown setting 'widht'", "from preset smoke of misspelt"]),
        ("mine.py:OnATask", "{}", ["rate='fast'", "from a trial of mine"]),
        (
            "mine.py:NoTask",
            "{}",
            ["task_settings of NoTask 'maze2d-lrage'; did you mean 'maze2d-large'", "--list"],
        ),
        ("mine.py:Needy", "{}", ["need threads of Needy is 'many'"]),
    ],
)
def test_a_wrong_setting_ends_the_command_before_anything_is_written(
    folder: Path, agents: str, content: str, messages: list[str]
) -> None:
    (folder / "best.json").write_text(content, encoding="utf-8")
    asked = f"--tasks maze2d-umaze,maze2d-large --agents {agents} --preset smoke --data local"
    options = [*asked.split(), "--config", "best.json", "--out", "out"]
    for more in ([], ["--dry-run"]):
        result = CliRunner().invoke(app, [*options, *more])
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
        assert all(message in result.stderr for message in messages), result.stderr
        assert sorted(path.name for path in folder.iterdir()) == ["best.json", "mine.py"]


def test_the_plan_tries_only_what_is_not_the_benchmarks_own(folder: Path) -> None:
    def grid(agents: str) -> Grid:
        return Grid([TASKS["maze2d-umaze"]], parse_agents(agents), [0], "smoke")

    assert not may_be_refused(grid("mage,bc,mage.k1"))
    assert may_be_refused(grid("bc,mine.py:Base"))
    assert may_be_refused(grid("bc,gcbc")), "the goal of this maze is hidden"
