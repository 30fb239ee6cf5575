"""GCIVL learns how far goals are, and walks towards them."""

from __future__ import annotations

from math import exp, inf
from types import SimpleNamespace

import pytest

from baselines.goal_conditioned.gcivl import GCIVL, GCIVLConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.goal_conditioned.corridor import (
    STEP,
    acted,
    at,
    both_ways,
    nearness,
    trained,
)


def test_values_rise_towards_the_goal_and_it_walks_there() -> None:
    agent = trained(GCIVL, 250, tau=0.05, discount=0.9)
    places = at(-0.6, -0.3, 0.0, 0.2)
    value = agent._networks.value(places, at(0.3, 0.3, 0.3, 0.3)).mean(0)
    assert (value.diff() > 0.5).all()
    # A step costs 1 and what comes later counts 0.9 of it.
    assert value[2].item() == pytest.approx(-(1 + 0.9 + 0.81), abs=0.8)
    assert acted(agent, [0.6, -0.6]) == pytest.approx([STEP, -STEP], abs=STEP / 4)


def test_a_step_towards_the_goal_is_cloned_more_than_one_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = trained(GCIVL, 1, alpha=2.0)
    stub = SimpleNamespace(value=nearness, slow_value=nearness, act=lambda state, goal: 0 * state)
    monkeypatch.setattr(agent, "_networks", stub)
    # By one step up the value rises by 0.1, by one down it falls; each action is 1 off.
    found = agent._losses(both_ways(), 1.0)["actor_loss"].item()
    assert found == pytest.approx((exp(0.2) + exp(-0.2)) * 0.5 / 2)


def test_presets_and_what_a_search_tries() -> None:
    check_presets(GCIVL)
    assert GCIVLConfig().alpha == 10.0
    for alpha in (-0.1, -inf):
        with pytest.raises(ValueError, match="setting alpha=.* is out of range; valid: 0 to inf"):
            GCIVLConfig(alpha=alpha)
