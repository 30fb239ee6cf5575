"""Presets: what a run may cost, and whose word counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from benchmark.agents.registry import BUILTIN
from benchmark.agents.settings import CURVE_LOSSES, PRESETS, agent_settings, find_preset
from benchmark.errors import UserError


class Plain:
    """An agent without presets."""


class Own:
    """An agent with a preset of its own."""

    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"steps": 7, "width": 32}}


def test_an_unknown_preset_is_named_with_the_valid_ones() -> None:
    with pytest.raises(
        UserError, match="unknown preset 'quik'; valid: paper, quick, smoke; did you mean"
    ):
        find_preset("quik")


def test_an_agent_without_presets_gets_the_default_steps() -> None:
    assert agent_settings(Plain, "quick", {}) == (10_000, {})
    assert agent_settings(Plain, "smoke", {}) == (20, {})


def test_the_task_outranks_the_agent_and_the_agent_the_preset() -> None:
    assert agent_settings(Own, "quick", {}) == (7, {"width": 32})
    assert agent_settings(Own, "quick", {"width": 64, "depth": 2}) == (7, {"width": 64, "depth": 2})
    assert agent_settings(Own, "paper", {}) == (500_000, {})
    assert agent_settings(Own, "quick", {"steps": 9}) == (9, {"width": 32})
    assert Own.presets == {"quick": {"steps": 7, "width": 32}}


def test_one_step_is_enough() -> None:
    assert agent_settings(Own, "quick", {"steps": 1})[0] == 1


@pytest.mark.parametrize("steps", [0, -1, 2.5, "10"])
def test_steps_must_be_a_positive_integer(steps: object) -> None:
    with pytest.raises(UserError, match="of Own in preset 'quick'; valid: an integer of 1 or more"):
        agent_settings(Own, "quick", {"steps": steps})


@pytest.mark.parametrize(
    ("name", "episodes", "tuning_episodes", "curve_scores", "steps"),
    [("smoke", 2, 1, 2, 20), ("quick", 50, 5, 4, 10_000), ("paper", 100, 10, 5, 500_000)],
)
def test_the_size_of_each_preset(
    name: str, episodes: int, tuning_episodes: int, curve_scores: int, steps: int
) -> None:
    preset = find_preset(name)
    assert preset is PRESETS[name]
    assert (preset.episodes, preset.tuning_episodes) == (episodes, tuning_episodes)
    assert (preset.curve_scores, preset.steps) == (curve_scores, steps)
    assert CURVE_LOSSES == 50


def test_minutes_are_those_of_the_agent_of_a_variant_or_the_most() -> None:
    preset = replace(PRESETS["smoke"], minutes={"a": 3.0, "b": 7.0, "b.own": 5.0})
    asked = ("a", "a.k1", "b", "b.own", "b.k1", "c", "c.k1")
    assert [preset.minutes_of(name) for name in asked] == [3, 3, 7, 5, 7, 7, 7]


# Agent: minutes of one run at `smoke`, `quick` and `paper`.
MINUTES = {
    "mage": (0.3, 8, 1500),
    "dt": (0.2, 4, 600),
    "diffuser": (0.3, 6, 3000),
    "iql": (0.2, 5, 300),
    "cql": (0.2, 8, 600),
    "bc": (0.2, 2, 100),
    "bc10": (0.2, 2, 100),
    "td3bc": (0.2, 4, 250),
    "awac": (0.2, 4, 900),
    "rebrac": (0.2, 4, 1200),
    "dd": (0.3, 6, 3000),
    "hd": (0.3, 10, 3000),
    "tt": (0.3, 7, 900),
    "carp": (0.2, 4, 200),
    "random": (0.1, 0.3, 1),
    "mean": (0.1, 0.3, 1),
}


def test_every_preset_estimates_every_agent() -> None:
    assert set(MINUTES) == set(BUILTIN)
    for place, name in enumerate(("smoke", "quick", "paper")):
        assert PRESETS[name].minutes == {agent: each[place] for agent, each in MINUTES.items()}
