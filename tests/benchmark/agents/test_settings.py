"""Presets: what a run may cost, and whose word counts."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

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
