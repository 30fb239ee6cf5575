"""What an agent may offer so that it is measured what it follows: the return it is asked, its plan.

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
    """An agent that acts so as to bring the return it is asked, and may be asked another."""

    @property
    def asking_levels(self) -> Sequence[float]:
        """Levels worth asking for, ascending; none where it acts without being asked."""
        ...

    @property
    def asking_unit(self) -> str:
        """What its levels are: `advantage` or `share of the target return`, or its own words."""
        ...

    @property
    def requested_discount(self) -> float:
        """Factor per step of the returns that it is asked, in [0, 1]."""
        ...

    def ask_for(self, level: float | None) -> None:
        """Asks for a level from the next `reset` on; None for what it asks by itself."""

    def requested_returns(self) -> NDArray[np.float32]:
        """What the last call of `act` was asked to bring from there on: (n,) in task units."""
        ...


@runtime_checkable
class PlanFollower(Protocol):
    """An agent that makes plans first, and reads its actions off them and the observation."""

    def exchange_plans(self, exchange: PlanExchange | None) -> None:
        """Lets every plan, once it is made, be taken away and another be followed instead.

        Args:
            exchange: called with the plans (n, ...) of all environments whenever they are made;
                `act` follows what it returns, of the same shape. None: their own plans.
        """

    def random_plans(self, n_envs: int, seed: int) -> NDArray[Any]:
        """Plans (n, ...) whose smallest parts, such as tokens, are drawn at random."""
        ...
