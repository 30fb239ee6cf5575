"""HIQL proposes waypoints on the way, and walks from one to the next."""

from __future__ import annotations

from dataclasses import asdict
from math import exp, inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.goal_conditioned.hiql import HIQL, HIQLConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.goal_conditioned.corridor import (
    STEP,
    acted,
    at,
    both_ways,
    nearness,
    trained,
)
from tests.baselines.synthetic_tasks import walks


@pytest.fixture(scope="module")
def agent() -> Any:
    return trained(HIQL, 350, tau=0.05, discount=0.9, waypoint_steps=3, goal_size=4)


def test_it_proposes_a_waypoint_between_the_state_and_the_goal(agent: Any) -> None:
    networks = agent._networks
    places = torch.linspace(-1, 1, 41)
    reached = networks.encode(torch.zeros(41, 1), places[:, None])
    for goal, low, high in ((0.8, 0.1, 0.65), (-0.8, -0.65, -0.1)):
        proposed = networks.propose(at(0.0), at(goal))
        nearest = places[(reached - proposed).square().sum(1).argmin()].item()
        assert low <= nearest <= high, "three steps of 0.1 ahead"


def test_it_walks_towards_the_goal_where_values_rise(agent: Any) -> None:
    value = agent._networks.values(at(-0.6, -0.3, 0.0, 0.2), at(0.3, 0.3, 0.3, 0.3)).mean(0)
    assert (value.diff() > 0.3).all()
    assert acted(agent, [0.6, -0.6]) == pytest.approx([STEP, -STEP], abs=STEP / 3)


def test_ways_and_steps_towards_the_goal_are_cloned_more_than_those_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = trained(HIQL, 1, low_alpha=2.0, high_alpha=3.0)
    stub = SimpleNamespace(
        encode=lambda state, goal: goal,
        value=nearness,
        values=nearness,
        low_policy=lambda seen: 0 * seen[:, :1],
        high_policy=lambda seen: 0 * seen[:, :1],
    )
    monkeypatch.setattr(agent, "_networks", stub)
    waypoints = {"next_waypoint_BS": at(0.2, -0.2), "next_waypoint_BG": at(1, -1)}
    batch = both_ways(waypoint_BG=at(0.3, 0.3), **waypoints)
    # A step up is worth 0.1 more and the waypoint up 0.2 more; actions and waypoints are 1 off.
    for found, power in ((agent._low_loss(batch), 0.2), (agent._high_loss(batch), 0.6)):
        assert found.item() == pytest.approx((exp(power) + exp(-power)) * 0.5 / 2)


def test_representations_are_as_long_as_a_vector_of_ones(agent: Any) -> None:
    lengths = agent._networks.encode(torch.randn(5, 1), torch.randn(5, 1)).norm(dim=1)
    torch.testing.assert_close(lengths, torch.full((5,), 2.0))


def test_only_values_form_the_representations() -> None:
    agent = trained(HIQL, 1)
    batch = agent._batches(walks())(np.random.default_rng(0))
    for loss, learns in ((agent._value_loss, True), (agent._low_loss, False)):
        agent._networks.zero_grad()
        loss(batch).backward()
        weights = agent._networks.encoder.parameters()
        assert all((weight.grad is not None) == learns for weight in weights)


def test_presets_and_what_a_search_tries() -> None:
    check_presets(HIQL)
    own = ("expectile", "low_alpha", "high_alpha", "waypoint_steps", "goal_size")
    assert [asdict(HIQLConfig())[name] for name in own] == [0.7, 3.0, 3.0, 25, 10]
    limits = {"low_alpha": 0, "high_alpha": 0, "waypoint_steps": 1, "goal_size": 1}
    for name, low in limits.items():
        for beyond in (low - 1, -inf):
            with pytest.raises(
                ValueError, match=f"setting {name}=.* is out of range; valid: {low}"
            ):
                HIQLConfig(**{name: beyond})
