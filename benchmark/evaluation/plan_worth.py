"""What a plan is worth: scores when it is exchanged, and how far actions follow from it.

A planner whose score survives somebody else's plan is none. A plan of random parts proves little
alone, since no network has seen such; the plan of another episode, or of another state, is one that
the agent itself has made. Shapes: n environments, m states, A action size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.evaluation.rollout import (
    ENVIRONMENTS_AT_ONCE,
    ActingAgent,
    EnvironmentPool,
    evaluate,
)
from benchmark.interface import FloatArray, PlanFollower
from benchmark.records.calibration_record import OTHER_EPISODE, OTHER_STATE, OWN, RANDOM

FEWEST_EPISODES = 2  # An episode needs another one beside it.
STATES = 32  # Visited states, and plans made there, of which every pair is tried.


@dataclass(frozen=True)
class PlanWorth:
    """What exchanging plans does.

    Attributes:
        scores: one of `EXCHANGES` -> (E,) normalised scores of the same episodes.
        share: of the variance of actions that plans explain beyond the state; NaN where actions do
            not vary.
        states: m.
    """

    scores: dict[str, list[float]]
    share: float
    states: int


class _Witness:
    """Plays in an agent's place, and keeps one state and the plan made for it of each planning."""

    def __init__(self, player: ActingAgent, rng: np.random.Generator) -> None:
        self._player, self._rng = player, rng
        self.states: list[FloatArray] = []
        self.plans: list[NDArray[Any]] = []

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._player.reset(n_envs)

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        self._observations = observations
        return self._player.act(observations, last_rewards)

    def keep_one(self, plans: NDArray[Any]) -> NDArray[Any]:
        """Keeps one of the plans (n, ...), and leaves all as they are."""
        chosen = self._rng.integers(len(plans))
        self.states.append(np.array(self._observations[chosen], np.float32))
        self.plans.append(np.array(plans[chosen]))
        return plans


def plan_worth(
    agent: PlanFollower,
    player: ActingAgent,
    pool: EnvironmentPool,
    seeds: Sequence[int],
    bounds: tuple[FloatArray, FloatArray],
) -> PlanWorth:
    """Plays the same episodes with each kind of plan.

    An episode that has ended goes on as a new one until those beside it have ended; its plans are
    then of another step.

    Args:
        agent: trained; it follows its own plans again afterwards.
        player: the same one, as who acts.
        pool: of the task.
        seeds: two or more, of the environments.
        bounds: (A,) smallest and largest action.

    Raises:
        ValueError: if it makes no plans, or there is no other episode.
    """
    if len(seeds) < FEWEST_EPISODES:
        raise ValueError(f"{len(seeds)} episodes; valid: {FEWEST_EPISODES} or more")
    rng = np.random.default_rng(0)
    witness = _Witness(player, rng)
    try:
        agent.exchange_plans(witness.keep_one)
        scores = {OWN: _scores(witness, pool, seeds)}
        if not witness.plans:
            raise ValueError("no plan was made in whole episodes: exchange_plans had no effect")
        for kind, exchange in _exchanges(agent, np.stack(witness.plans), rng).items():
            agent.exchange_plans(exchange)
            scores[kind] = _scores(player, pool, seeds)
        chosen = rng.permutation(len(witness.plans))[:STATES]
        states, plans = (np.stack(kept)[chosen] for kept in (witness.states, witness.plans))
        of_state, of_plan = (
            _actions(agent, player, states, plans, of_state=side) for side in (True, False)
        )
        share = explained_share(of_state, of_plan, *bounds)
    finally:
        agent.exchange_plans(None)
    return PlanWorth(scores, share, len(states))


def _exchanges(
    agent: PlanFollower, bank: NDArray[Any], rng: np.random.Generator
) -> dict[str, Callable[[NDArray[Any]], NDArray[Any]]]:
    """How plans (n, ...) are exchanged, by kind.

    Args:
        agent: that makes them.
        bank: (B, ...) plans that it has made in states of the same task.
        rng: draws from the bank.
    """
    fresh = count()
    return {
        OTHER_EPISODE: lambda plans: np.roll(plans, 1, axis=0),
        OTHER_STATE: lambda plans: bank[rng.integers(len(bank), size=len(plans))],
        RANDOM: lambda plans: agent.random_plans(len(plans), seed=next(fresh)),
    }


def _scores(player: ActingAgent, pool: EnvironmentPool, seeds: Sequence[int]) -> list[float]:
    parts = (evaluate(player, pool, batch).scores for batch in _batches(seeds))
    return list(chain.from_iterable(parts))


def _batches(seeds: Sequence[int]) -> Iterator[list[int]]:
    """As many episodes side by side as an evaluation has, but never one alone."""
    for batch in np.array_split(seeds, math.ceil(len(seeds) / ENVIRONMENTS_AT_ONCE)):
        yield batch.tolist()


def _actions(
    agent: PlanFollower,
    player: ActingAgent,
    states: FloatArray,
    plans: NDArray[Any],
    *,
    of_state: bool,
) -> FloatArray:
    """(m, m, A) actions: in which state along the first axis, by which plan along the second.

    Whoever draws actions at random draws the same in the same place of a batch, after `reset`.

    Args:
        agent: that follows plans.
        player: the same one.
        states: (m, O).
        plans: (m, ...).
        of_state: whether a place is that of a state, or of a plan.
    """
    size = len(states)
    rows = np.arange(size)
    actions: list[FloatArray] = []
    for shift in range(size):
        shifted = (rows + shift) % size
        in_states, by_plans = (rows, shifted) if of_state else (shifted, rows)
        agent.exchange_plans(lambda _, by_plans=by_plans: plans[by_plans])  # type: ignore[misc]
        player.reset(size)
        actions.append(player.act(states[in_states], np.zeros(size, np.float32)))
    by_shift, apart = np.stack(actions), (rows[None] - rows[:, None]) % size
    paired: FloatArray = (
        by_shift[apart, rows[:, None]] if of_state else by_shift[-apart % size, rows[None]]
    )
    return paired


def explained_share(
    of_state: FloatArray, of_plan: FloatArray, low: FloatArray, high: FloatArray
) -> float:
    """The share of the variance of actions that the plan explains beyond the state.

    By the law of total variance the variance over all pairs of state and plan is that between the
    mean actions of states, plus the mean over states of the variance over plans. The share is the
    second part of the sum: 0 where an action depends on the state alone, 1 where on the plan alone.
    What is drawn at random is neither's: it is the same where the variance is taken.

    Args:
        of_state: (m, m, A) actions, in which state along the first axis, by which plan along the
            second; what is drawn at random belongs to the state.
        of_plan: the same pairs, where it belongs to the plan.
        low: (A,) smallest action.
        high: (A,) largest; numbers of an action count in units of the width of their bounds.

    Returns:
        In [0, 1]; NaN where all actions are alike.
    """

    def scaled(actions: FloatArray) -> NDArray[np.float64]:
        values = np.clip(actions.astype(np.float64), low, high) / (high - low)
        result: NDArray[np.float64] = values - values[0, 0]  # Or rounding would make equals vary.
        return result

    by_plan = scaled(of_state).var(1).mean(0).sum()
    by_state = scaled(of_plan).mean(1).var(0).sum()
    total = by_plan + by_state
    return float(by_plan / total) if total > 0 else math.nan
