"""GCBC does what led to the goal."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from baselines.goal_conditioned.config import GoalConfig
from baselines.goal_conditioned.gcbc import GCBC, GCBCConfig
from tests.baselines.config_checks import check_presets
from tests.baselines.goal_conditioned.corridor import STEP, acted, trained


def test_it_walks_towards_the_goal() -> None:
    agent = trained(GCBC, 150)
    assert acted(agent, [0.6, -0.6]) == pytest.approx([STEP, -STEP], abs=STEP / 4)


def test_no_task_gives_it_goals_from_anywhere() -> None:
    assert asdict(GCBCConfig()) == {**asdict(GoalConfig()), "random_goals": 0.0}
    assert GCBC.config_class is GCBCConfig


def test_presets_and_what_a_search_tries() -> None:
    check_presets(GCBC)
