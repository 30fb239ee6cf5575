"""One recorded episode, as relabelling takes it and as it leaves its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Episode:
    """One recorded episode or a segment of one.

    Attributes:
        observations: (T + 1, O).
        actions: (T, A).
        rewards: (T,).
        terminated: whether the task ended at the last step, rather than the recording.
        infos: what else was recorded, each (T + 1, ...); segments have nothing of it.
    """

    observations: NDArray[np.floating]
    actions: NDArray[np.floating]
    rewards: NDArray[np.floating]
    terminated: bool
    infos: Mapping[str, Any] = field(default_factory=dict)

    def segment(self, start: int, stop: int) -> Episode:
        """The steps from `start` up to, not including, `stop`."""
        return Episode(
            self.observations[start : stop + 1],
            self.actions[start:stop],
            self.rewards[start:stop],
            self.terminated and stop >= len(self.actions),
        )
