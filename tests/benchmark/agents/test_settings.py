"""Presets: what a run may cost, and whose word counts."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import (
    CURVE_LOSSES,
    PRESETS,
    AgentSettings,
    find_preset,
    resolve_settings,
)
from benchmark.agents.settings_file import SettingsFile
from benchmark.errors import UserError
from benchmark.interface import TaskSettings
from benchmark.tasks import TASKS


class Plain:
    """An agent without presets."""

    def fit(self) -> None: ...

    reset = act = save = load = fit


class Own(Plain):
    """An agent with a preset of its own."""

    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"steps": 7, "width": 32}}


def test_an_unknown_preset_is_named_with_the_valid_ones() -> None:
    with pytest.raises(
        UserError, match="unknown preset 'quik'; valid: paper, quick, smoke, standard; did you mean"
    ):
        find_preset("quik")


def settings_of(monkeypatch: pytest.MonkeyPatch, agent: type, preset: str, **more: Any) -> Any:
    """What an agent that is registered as `mine` gets on the u-shaped maze."""
    monkeypatch.setattr(registry, "_registered", {"mine": agent})
    return resolve_settings(AgentChoice("mine"), TASKS["maze2d-umaze"], preset, **more)


def test_an_agent_without_presets_gets_the_default_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = settings_of(monkeypatch, Plain, "quick")
    assert quick == AgentSettings(10_000, {}, {"steps": "preset quick"})
    assert settings_of(monkeypatch, Plain, "smoke").steps == 20


def test_the_agents_preset_outranks_the_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    own = settings_of(monkeypatch, Own, "quick")
    assert (own.steps, own.values) == (7, {"width": 32})
    assert own.sources == {"steps": "preset quick of mine", "width": "preset quick of mine"}
    paper = settings_of(monkeypatch, Own, "paper")
    assert (paper.steps, paper.values) == (500_000, {})
    changed = settings_of(monkeypatch, Own, "quick", changes={"depth": 2, "width": 64, "steps": 9})
    assert (changed.steps, changed.values) == (9, {"width": 64, "depth": 2})
    assert changed.sources["width"] == "command"
    assert Own.presets == {"quick": {"steps": 7, "width": 32}}, "nothing was written into it"


def test_standard_is_quick_for_twelve_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, Plain, "standard") == AgentSettings(
        120_000, {}, {"steps": "preset standard"}
    )
    own = settings_of(monkeypatch, Own, "standard")
    assert (own.steps, own.values) == (84, {"width": 32})
    rows = (
        TaskSettings("maze2d", {"depth": 1, "width": 8}, "always"),
        TaskSettings("maze2d", {"depth": 2, "lr": 2}, "at quick", "quick"),
        TaskSettings("maze2d", {"lr": 3}, "at standard", "standard"),
    )
    more = {"standard": {"width": 64, "heads": 2}}
    bigger = type("Bigger", (Own,), {"presets": Own.presets | more, "task_settings": rows})
    settings = settings_of(monkeypatch, bigger, "standard")
    assert settings.values == {"width": 8, "heads": 2, "depth": 2, "lr": 3} and settings.steps == 84
    assert settings_of(monkeypatch, bigger, "quick").values == {"width": 8, "depth": 2, "lr": 2}
    rows = (TaskSettings("maze2d", {"steps": 3}, "at quick", "quick"),)
    steps = {"presets": {}, "task_settings": rows}
    assert settings_of(monkeypatch, type("Row", (Own,), steps), "standard").steps == 36


@pytest.mark.parametrize("steps", [True, "9", 0])
def test_steps_that_are_none_are_refused_at_standard_too(
    steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = type("Odd", (Plain,), {"presets": {"quick": {"steps": steps}}})
    with pytest.raises(UserError, match="steps .* of mine in preset 'standard'; valid: an integer"):
        settings_of(monkeypatch, agent, "standard")


def test_one_step_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, Own, "quick", changes={"steps": 1}).steps == 1


@pytest.mark.parametrize("steps", [0, -1, 2.5, "10"])
def test_steps_must_be_a_positive_integer(monkeypatch: pytest.MonkeyPatch, steps: object) -> None:
    user = SettingsFile(agents={"mine": {"steps": steps}})
    with pytest.raises(
        UserError,
        match="of mine in preset 'quick'; valid: an integer of 1 or more; .*: file of settings",
    ):
        settings_of(monkeypatch, Own, "quick", user=user)


@pytest.mark.parametrize(
    ("name", "episodes", "tuning_episodes", "curve_scores", "steps"),
    [
        ("smoke", 2, 1, 2, 20),
        ("quick", 50, 5, 4, 10_000),
        ("standard", 50, 10, 8, 120_000),
        ("paper", 100, 10, 5, 500_000),
    ],
)
def test_the_size_of_each_preset(
    name: str, episodes: int, tuning_episodes: int, curve_scores: int, steps: int
) -> None:
    preset = find_preset(name)
    assert preset is PRESETS[name]
    assert (preset.episodes, preset.tuning_episodes) == (episodes, tuning_episodes)
    assert (preset.curve_scores, preset.steps) == (curve_scores, steps)
    assert CURVE_LOSSES == 50
