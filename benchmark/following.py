"""Optional parts of an agent that let its use of return and plan be measured.

Agents import both protocols from `benchmark.interface`. `python -m benchmark.calibration` measures
by them, and `docs/writing-an-agent.md` shows how they are kept. Shapes: n environments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

PlanExchange = Callable[[NDArray[Any]], NDArray[Any]]
"""From plans (n, ...), the first index that of the environment, to those to follow instead."""


@runtime_checkable
class ReturnConditioned(Protocol):
    """An agent that is conditioned on a return, and can be conditioned on another."""

    @property
    def asking_levels(self) -> Sequence[float]:
        """Levels of return that it can be asked for, ascending; empty if it takes none."""
        ...

    @property
    def asking_unit(self) -> str:
        """The unit of its levels: `advantage`, `share of the target return`, or its own words."""
        ...

    @property
    def requested_discount(self) -> float:
        """Discount per step of the returns that it is asked for, in [0, 1]."""
        ...

    def ask_for(self, level: float | None) -> None:
        """Asks for a level from the next `reset` on; None for the agent's own choice."""

    def requested_returns(self) -> NDArray[np.float32]:
        """The return-to-go that the last call of `act` was conditioned on: (n,), in task units."""
        ...


@runtime_checkable
class PlanFollower(Protocol):
    """An agent that makes plans, and derives its actions from them and the observation."""

    def exchange_plans(self, exchange: PlanExchange | None) -> None:
        """Replaces every plan, once it is made, by another one that the agent then follows.

        Args:
            exchange: called with the plans (n, ...) of all environments whenever they are made;
                `act` follows what it returns, of the same shape. None: their own plans.
        """

    def random_plans(self, n_envs: int, seed: int) -> NDArray[Any]:
        """Plans (n, ...) whose smallest parts, such as tokens, are drawn at random."""
        ...
