"""Agents are asked for every level in turn, on the same episodes, and what they bring is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.evaluation.asked_returns import can_be_asked, reach_asked_returns
from benchmark.records.calibration_record import AskedLevel
from tests.benchmark.evaluation.paying_env import Deaf, Follower, Obedient, paying_pool

SEEDS = [3, 4, 15, 26, 37, 48, 59, 60, 71, 82, 93, 94]  # More than are played side by side.


def measured(agent: Any) -> list[AskedLevel]:
    with paying_pool() as pool:
        return reach_asked_returns(agent, agent, pool, SEEDS)


def test_who_brings_what_is_asked_reaches_it_at_every_level() -> None:
    levels = measured(Obedient())
    assert [level.level for level in levels] == [-1, 0, 1, 2], "ascending, whatever the order"
    for level in levels:
        assert level.asked == [10 * level.level + seed % 10 for seed in SEEDS]
        assert np.allclose(level.reached, level.asked), "with the same discount"
        # Three actions, not discounted, each a part of what was asked.
        assert np.allclose(level.scores, 3 * np.array(level.asked) / 1.75)


def test_who_does_not_listen_reaches_the_same_at_every_level() -> None:
    levels = measured(Deaf())
    assert levels[0].asked != levels[3].asked
    assert levels[0].reached == levels[3].reached == [1.75 * (seed % 10) for seed in SEEDS]


def test_afterwards_it_asks_by_itself_again() -> None:
    agent = Obedient()
    measured(agent)
    assert agent.level is None
    agent.bring = lambda observations: 1 / 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        measured(agent)
    assert agent.level is None


@pytest.mark.parametrize("requested", [np.zeros(3), np.zeros((12, 1)), np.full(12, np.nan)])
def test_who_does_not_say_what_it_was_asked_is_refused(requested: Any) -> None:
    agent = Obedient()
    agent.requested_returns = lambda: requested  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="expected 10 finite returns, one for each"):
        measured(agent)


def test_who_can_be_asked() -> None:
    class Unasked(Obedient):
        asking_levels = ()

    agents: list[Any] = [Obedient(), Follower(), Unasked()]
    assert [can_be_asked(agent) for agent in agents] == [True, False, False]
