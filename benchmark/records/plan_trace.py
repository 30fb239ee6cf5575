"""An episode of an agent that plans, with the plan of every step as it grew, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PlanTrace:
    """An episode and its plans; T steps, K scales, P places of a plan, O observation size.

    Attributes:
        scales: tokens of each of the K scales.
        steps: (P,) environment steps from its own step at which a plan looks.
        plans: (T, K, P, O) observations that the plan of each step holds, after each scale.
        path: (T + 1, O) observations, the last after the last step.
        rewards: (T,) of each step.
        kept_for: steps for which a plan is kept; that of a step in between is the one made before.
    """

    scales: tuple[int, ...]
    steps: NDArray[np.int64]
    plans: NDArray[np.float32]
    path: NDArray[np.float32]
    rewards: NDArray[np.float32]
    kept_for: int = 1

    def made_at(self, step: int) -> int:
        """The step at which the plan of a step was made."""
        return step - step % self.kept_for

    def under_way(self) -> int:
        """Steps before the first reward; all of the episode if none came."""
        rewarded = np.flatnonzero(self.rewards > 0)
        return int(rewarded[0]) if len(rewarded) else len(self.rewards)

    def ahead(self, step: int) -> NDArray[np.float32]:
        """(t, O) what came of the plan of a step: the path for as long as that plan looks."""
        return self.path[step : step + int(self.steps[-1]) + 1]
