"""Return asked against return reached: one rollout for each level that an agent may be asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.evaluation.rollout import ActingAgent, EnvironmentPool, evaluate
from benchmark.interface import Agent, FloatArray, ReturnConditioned
from benchmark.records.calibration_record import AskedLevel


class _Listener:
    """Plays in an agent's place, and notes what it is asked at the first step of each episode.

    Attributes:
        asked: one return for each episode so far.
    """

    def __init__(self, agent: ActingAgent, request: ReturnConditioned) -> None:
        self._agent, self._request = agent, request
        self._is_first = True
        self.asked: list[float] = []

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._is_first = True
        self._agent.reset(n_envs)

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        actions = self._agent.act(observations, last_rewards)
        if self._is_first:
            self.asked += _checked(self._request.requested_returns(), len(observations))
            self._is_first = False
        return actions


def _checked(requested: FloatArray, n_envs: int) -> list[float]:
    returns = np.asarray(requested, np.float64)
    if returns.shape != (n_envs,) or not np.isfinite(returns).all():
        raise ValueError(
            f"requested_returns() gave {returns!r}; expected {n_envs} finite returns, one for each "
            "environment"
        )
    values: list[float] = returns.tolist()
    return values


def can_be_asked(agent: Agent) -> bool:
    """Whether an agent may be asked for returns of several levels."""
    return isinstance(agent, ReturnConditioned) and len(agent.asking_levels) > 0


def reach_asked_returns(
    agent: ReturnConditioned, player: ActingAgent, pool: EnvironmentPool, seeds: Sequence[int]
) -> list[AskedLevel]:
    """Plays the same episodes once for each level.

    Args:
        agent: trained; it asks by itself again afterwards.
        player: the same one, as who acts.
        pool: of the task.
        seeds: of the environments.

    Returns:
        For each level, ascending, what was asked at the first step and what was reached.

    Raises:
        ValueError: if it does not say what it was asked.
    """
    reached = []
    try:
        for level in sorted(agent.asking_levels):
            agent.ask_for(level)
            listener = _Listener(player, agent)
            evaluation = evaluate(listener, pool, seeds, agent.requested_discount)
            reached.append(
                AskedLevel(
                    float(level),
                    listener.asked,
                    evaluation.discounted_returns,
                    evaluation.scores,
                )
            )
    finally:
        agent.ask_for(None)
    return reached
