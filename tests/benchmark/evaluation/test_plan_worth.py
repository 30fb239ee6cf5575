"""Exchanging plans costs those who follow them, and nobody else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from benchmark.evaluation.plan_worth import PlanWorth, _actions, explained_share, plan_worth
from tests.benchmark.evaluation.paying_env import Follower, Ignorer, Planning, paying_pool

# Numbers 0 to 9 and then 0: one more than are played side by side, so that 6 and 5 are.
SEEDS = [*range(10), 10]
BOUNDS = np.full(1, -100, np.float32), np.full(1, 100, np.float32)


def worth_of(agent: Any, seeds: list[int] = SEEDS) -> PlanWorth:
    with paying_pool(pays_nearness=True) as pool:
        return plan_worth(agent, agent, pool, seeds, BOUNDS)


def test_who_follows_its_plan_loses_by_somebody_elses() -> None:
    worth = worth_of(Follower())
    assert worth.scores["own"] == [0.0] * 11
    # Each of three steps costs how far the number of the episode before is: of 0 to 5, the first
    # follows the sixth; of 6 to 9 and 0, the first follows the last.
    apart = [5, 1, 1, 1, 1, 1, 6, 1, 1, 1, 9]
    assert worth.scores["episode"] == [-3.0 * number for number in apart]
    # Plans of other states are numbers from 0 to 9, random ones from 20 to 30.
    assert all(-27 <= score <= 0 for score in worth.scores["state"])
    assert sum(worth.scores["state"]) < -11
    assert all(-90 <= score <= -33 for score in worth.scores["random"])
    assert worth.share == pytest.approx(1)


def test_who_ignores_its_plan_keeps_its_score() -> None:
    worth = worth_of(Ignorer())
    assert set(worth.scores) == {"own", "episode", "state", "random"}
    assert all(scores == [0.0] * 11 for scores in worth.scores.values())
    assert worth.share == pytest.approx(0)
    # Two groups of episodes of three steps, of which each keeps one state.
    assert worth.states == 6


def test_half_of_what_varies_is_the_plan() -> None:
    class Half(Planning):
        def follow(self, observations: Any, plans: Any) -> Any:
            return observations[:, :1] + plans

    assert worth_of(Half()).share == pytest.approx(0.5)


def test_what_is_drawn_at_random_is_neither_of_the_state_nor_of_the_plan() -> None:
    class Drawing(Planning):
        def follow(self, observations: Any, plans: Any) -> Any:
            # Draws alike after each `reset`, and much beside what states and plans bring.
            drawn = 20 * np.random.default_rng(0).standard_normal(plans.shape)
            return observations[:, :1] + plans + drawn

    assert worth_of(Drawing()).share == pytest.approx(0.5)


@pytest.mark.parametrize("of_state", [True, False])
def test_each_state_meets_each_plan(of_state: bool) -> None:
    class Pairing(Planning):
        def follow(self, observations: Any, plans: Any) -> Any:
            places = np.arange(len(plans))[:, None]
            return 100 * observations[:, :1] + 10 * plans + places

    agent, numbers = Pairing(), np.arange(3.0, dtype=np.float32)[:, None]
    actions = _actions(agent, agent, numbers, numbers, of_state=of_state)[..., 0]
    state, plan = np.indices((3, 3))
    assert actions.tolist() == (100 * state + 10 * plan + (state if of_state else plan)).tolist()


def test_the_same_again_gives_the_same() -> None:
    assert worth_of(Follower()) == worth_of(Follower())


def test_afterwards_it_follows_its_own_plans_again() -> None:
    agent = Follower()
    worth_of(agent)
    assert agent.exchange is None
    agent.follow = lambda observations, plans: 1 / 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        worth_of(agent)
    assert agent.exchange is None


def test_who_makes_no_plans_is_refused() -> None:
    class Idle(Ignorer):
        def act(self, observations: Any, last_rewards: Any) -> Any:
            return observations[:, :1]

    with pytest.raises(ValueError, match="no plan was made in whole episodes"):
        worth_of(Idle())


def test_one_episode_has_no_other_beside_it() -> None:
    with pytest.raises(ValueError, match="1 episodes; valid: 2 or more"):
        worth_of(Follower(), [1])


def test_shares_of_known_actions() -> None:
    low, high = np.array([-1.0, -10.0], np.float32), np.array([1.0, 10.0], np.float32)
    # Three states along the first axis, three plans along the second; two columns.
    by_state = np.broadcast_to(np.array([0.1, 0.2, 0.3])[:, None, None], (3, 3, 2))
    by_plan = np.broadcast_to(np.array([0.1, 0.2, 0.3])[None, :, None], (3, 3, 2))
    assert explained_share(by_state, by_state, low, high) == pytest.approx(0)
    assert explained_share(by_plan, by_plan, low, high) == pytest.approx(1)
    # A column counts by the width of its bounds: 1 part of 101 is of the plan.
    mixed = np.stack([by_state[..., 0], by_plan[..., 0]], -1)
    assert explained_share(mixed, mixed, low, high) == pytest.approx(1 / 101)
    assert math.isnan(explained_share(*[np.ones((3, 3, 2))] * 2, low, high))
    # What is clipped does not vary.
    assert math.isnan(explained_share(*[20 + by_plan] * 2, low, high))
    # Where a state's own noise meets one plan after the other, it does not count.
    noise = np.array([0.5, -0.3, 0.1])
    of_state = by_state + by_plan + noise[:, None, None]
    of_plan = by_state + by_plan + noise[None, :, None]
    assert explained_share(of_state, of_plan, low, high) == pytest.approx(0.5)
