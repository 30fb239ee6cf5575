"""Whose word counts for a setting of an agent on a task, from the least to the most."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice, find_agent
from benchmark.agents.settings import resolve_settings
from benchmark.agents.settings_file import SettingsFile
from benchmark.errors import UserError
from benchmark.interface import TaskSettings
from benchmark.tasks import TASKS
from tests.benchmark.agents.settings_digests import FILE, write_digests

TASK = TASKS["maze2d-umaze"]

# Each says something of its own setting and of all after it.
LAYERS = (
    "the agent's preset",
    "the benchmark",
    "the task",
    "the task in this preset",
    "the user",
    "the user on this task",
    "the variant",
    "the user of the variant",
    "the user of the variant on this task",
    "the command",
)
OF_VARIANTS = LAYERS[6:9]


def said_by(layer: str) -> dict[str, str]:
    first = LAYERS.index(layer)
    return {f"setting {number}": layer for number in range(first, len(LAYERS))}


WRONG = {f"setting {number}": "somebody who was not asked" for number in range(len(LAYERS))}


class Layered:
    """An agent of which everybody has something to say."""

    presets: ClassVar[dict[str, Any]] = {"smoke": said_by("the agent's preset"), "quick": WRONG}
    task_settings = (
        # Rows of a preset win, wherever they stand.
        TaskSettings("maze2d-*", said_by("the task in this preset"), "of the preset", "smoke"),
        TaskSettings("maze2d", said_by("the benchmark"), "of the benchmark"),
        TaskSettings("*-umaze", said_by("the task"), "of the task"),
        TaskSettings("maze2d-large", WRONG, "elsewhere"),
        TaskSettings("multi2d", WRONG, "elsewhere"),
        TaskSettings("*", WRONG, "later", "quick"),
    )
    variants: ClassVar[dict[str, Any]] = {"small": said_by("the variant"), "big": WRONG}

    def fit(self) -> None: ...

    reset = act = save = load = fit


class Heir(Layered):
    """A subclass that says nothing itself."""


USER = SettingsFile(
    agents={
        "layered": said_by("the user"),
        "layered.small": said_by("the user of the variant"),
        "layered.big": WRONG,
        "bc": WRONG,
    },
    tasks={
        "maze2d-umaze": {
            "layered": said_by("the user on this task"),
            "layered.small": said_by("the user of the variant on this task"),
            "layered.big": WRONG,
        },
        "maze2d-large": {"layered": WRONG, "layered.small": WRONG},
    },
)


@pytest.mark.parametrize("name", ["layered", "layered.small"])
def test_the_last_word_on_a_setting_counts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(registry, "_registered", {"layered": Layered})
    changes = said_by("the command")
    settings = resolve_settings(AgentChoice(name), TASK, "smoke", user=USER, changes=changes)
    expected = list(LAYERS)
    if name == "layered":  # Nobody speaks of variants then, so the user has the last word.
        expected = [LAYERS[5] if layer in OF_VARIANTS else layer for layer in LAYERS]
    assert list(settings.values.values()) == expected
    assert list(settings.values) == [f"setting {number}" for number in range(len(LAYERS))]
    assert settings.steps == 20
    assert list(settings.sources.values()) == [
        *("preset smoke", "preset smoke of layered", "of the benchmark", "of the task"),
        *("of the preset", "file of settings", "file of settings"),
        *(["variant small"] if name == "layered.small" else ["file of settings"]),
        *("file of settings", "file of settings", "command"),
    ]


def test_a_key_stays_where_it_first_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {"layered": Layered})
    changes = {"new": 1, "setting 3": 2, "steps": 5}
    settings = resolve_settings(AgentChoice("layered"), TASK, "smoke", changes=changes)
    numbered = [f"setting {number}" for number in range(len(LAYERS))]
    assert list(settings.values) == [*numbered, "new"]
    assert (settings.values["setting 3"], settings.steps) == (2, 5)


def test_a_subclass_inherits_presets_but_not_what_is_said_of_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_registered", {"heir": Heir})
    settings = resolve_settings(AgentChoice("heir"), TASK, "smoke")
    assert settings.values == said_by("the agent's preset")


@pytest.mark.parametrize("tasks", ["maze2", "adroit-*-humna", "Maze2d", "mage", "", 3])
def test_rows_that_speak_of_no_task_are_refused(
    monkeypatch: pytest.MonkeyPatch, tasks: Any
) -> None:
    rows = [TaskSettings("maze2d", {}, "mine"), TaskSettings(tasks, {"steps": 3}, "mine")]
    monkeypatch.setattr(
        registry, "_registered", {"mistyped": type("Mistyped", (Layered,), {"task_settings": rows})}
    )
    message = f"unknown task, benchmark or glob of tasks in task_settings of Mistyped '{tasks}'"
    with pytest.raises(UserError, match=re.escape(message)):
        resolve_settings(AgentChoice("mistyped"), TASK, "smoke")


@pytest.mark.parametrize("row", ["maze2d", TaskSettings("maze2d", {}, "mine", "quik")])
def test_rows_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch, row: object) -> None:
    kind = type("Mistyped", (Layered,), {"task_settings": [row]})
    monkeypatch.setattr(registry, "_registered", {"mistyped": kind})
    with pytest.raises(UserError, match="task_settings of Mistyped hold .*; expected rows of"):
        resolve_settings(AgentChoice("mistyped"), TASK, "smoke")


AGENT_FILE = """
from benchmark.interface import TaskSettings
from mage.agent import MAGEAgent


class Wider(MAGEAgent):
    task_settings = [
        TaskSettings("maze2d", {"width": 24}, "trials of my own"),
        TaskSettings("maze2d-large", {"steps": 70, "layers": 3}, "trials of my own", "smoke"),
    ]


class Plain(MAGEAgent):
    pass
"""


def test_an_agent_in_a_file_can_say_what_it_does_on_a_task(tmp_path: Path) -> None:
    file = tmp_path / "wider.py"
    file.write_text(AGENT_FILE, encoding="utf-8")
    wider, plain = (find_agent(f"{file}:{name}") for name in ("Wider", "Plain"))
    user = SettingsFile(agents={"wider": {"heads": 1}})
    settings = {
        name: resolve_settings(wider, TASKS[name], "smoke", user=user)
        for name in ("maze2d-large", "maze2d-umaze", "kitchen-mixed")
    }
    chosen = [
        [got.values.get(n) for n in ("width", "layers", "heads")] for got in settings.values()
    ]
    assert chosen == [[24, 3, 1], [24, 1, 1], [16, 1, 1]]
    assert [got.steps for got in settings.values()] == [70, 20, 20]
    assert settings["maze2d-large"].sources["width"] == "trials of my own"
    assert "best_of" not in settings["maze2d-umaze"].values, "MAGE's own are not inherited"
    quick = [resolve_settings(agent, TASKS["maze2d-large"], "quick") for agent in (wider, plain)]
    assert [got.steps for got in quick] == [10_000, 10_000], "the budget is of built-in agents"
    assert [got.values["width"] for got in quick] == [24, 96]


def test_the_rows_that_the_guide_shows_count_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    guide = Path(__file__).parents[3] / "docs" / "writing-an-agent.md"
    section = guide.read_text(encoding="utf-8").split("## Settings per task")[1]
    shown: dict[str, Any] = {}
    exec(section.split("```python")[1].split("```")[0], shown)
    kind = type("Shown", (Layered,), {"task_settings": shown["WeightedCloning"].task_settings})
    monkeypatch.setattr(registry, "_registered", {"shown": kind})
    names = ("maze2d-large", "adroit-pen-expert", "adroit-pen-human")
    got = [resolve_settings(AgentChoice("shown"), TASKS[name], "quick") for name in names]
    assert [settings.values.get("beta") for settings in got] == [3.0, 0.0, None]
    assert [settings.steps for settings in got] == [10_000, 12_000, 12_000]
    paper = resolve_settings(AgentChoice("shown"), TASKS["adroit-pen-expert"], "paper")
    assert (paper.values["beta"], paper.steps) == (0.0, 500_000)


def test_no_setting_changes_by_accident(tmp_path: Path) -> None:
    now = tmp_path / "now.json"
    write_digests(now)
    command = f"python -m {write_digests.__module__}"
    assert now.read_text() == FILE.read_text(), f"if on purpose: {command}"
