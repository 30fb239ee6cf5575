"""One plan of an agent as it grew, and what then happened, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PlanTrace:
    """One plan and what came of it; K scales, P steps that the plan looks at, O observation size.

    Attributes:
        scales: tokens of each of the K scales.
        steps: (P,) environment steps from now at which the plan looks.
        plan: (K, P, O) observations, after each scale.
        path: (T, O) observations from there to the end of the episode, planned anew at every step.
    """

    scales: tuple[int, ...]
    steps: NDArray[np.int64]
    plan: NDArray[np.float32]
    path: NDArray[np.float32]
