"""Presets: what a run may cost, and whose word counts."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from benchmark.errors import UserError
from benchmark.presets import PRESETS, agent_settings, find_preset


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
    assert agent_settings(Plain, "quick", {}) == (PRESETS["quick"].steps, {})


def test_the_task_outranks_the_agent_and_the_agent_the_preset() -> None:
    assert agent_settings(Own, "quick", {}) == (7, {"width": 32})
    assert agent_settings(Own, "quick", {"width": 64, "depth": 2}) == (7, {"width": 64, "depth": 2})
    assert agent_settings(Own, "paper", {}) == (PRESETS["paper"].steps, {})
    assert Own.presets == {"quick": {"steps": 7, "width": 32}}


@pytest.mark.parametrize("steps", [0, -1, 2.5, "10"])
def test_steps_must_be_a_positive_integer(steps: object) -> None:
    with pytest.raises(UserError, match="of Own in preset 'quick'; valid: an integer of 1 or more"):
        agent_settings(Own, "quick", {"steps": steps})


def test_every_preset_estimates_every_agent() -> None:
    for preset in PRESETS.values():
        assert preset.minutes_of("mage") > 0
        assert preset.minutes_of("somebody-elses") == max(preset.minutes.values())
