"""Draws rows of recordings, and in hindsight goals for them: other rows, whose states they are.

A recording is what lies between two timeouts: at a terminal a goal was reached, and the recording
goes on with another (`benchmark.hindsight`)::

    row        0    1    2    3    4 |  5    6    7 |
    terminals  0    0    1    0    0 |  0    0    0 |
    timeouts   0    0    0    0    1 |  0    0    1 |
    last       4    4    4    4    4 |  7    7    7 |   last row of the recording
    drawn      x    x    x    x      |  x    x      |   rows whose next state was recorded
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import Dataset

Rows = NDArray[np.int64]


class GoalSampler:
    """Rows (B,) of a dataset, and rows (B,) whose states are to be reached from there.

    Args:
        dataset: recorded steps.

    Raises:
        ValueError: if the dataset has no row whose next state was recorded.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._count = len(dataset)
        ends = np.flatnonzero(dataset.timeouts)
        if not dataset.timeouts[-1]:
            ends = np.append(ends, self._count - 1)
        self._last = np.repeat(ends, np.diff(ends, prepend=-1))
        self._rows = np.flatnonzero(self._last > np.arange(self._count))
        if not len(self._rows):
            raise ValueError(
                "the dataset has no transition: every recording is one step long; record longer "
                "ones"
            )

    def rows(self, rng: np.random.Generator, size: int) -> Rows:
        """Rows whose next state was recorded, which is that of the row after; with replacement."""
        drawn: Rows = self._rows[rng.integers(len(self._rows), size=size)]
        return drawn

    def ahead(self, rows: Rows, steps: int) -> Rows:
        """So many steps later, or where the recording ends before."""
        return np.minimum(rows + steps, self._last[rows])

    def later(self, rng: np.random.Generator, rows: Rows) -> Rows:
        """Any later row of the same recording, each as likely as the others."""
        return rng.integers(rows + 1, self._last[rows] + 1)

    def soon(self, rng: np.random.Generator, rows: Rows, discount: float) -> Rows:
        """A later row of the same recording; a step more is less likely by the discount.

        What would lie beyond the end is the end.
        """
        if discount == 1:
            return self._last[rows]
        steps = rng.geometric(1 - discount, size=len(rows))
        # Beyond what can be added to a row, where the discount is next to 1.
        return np.minimum(rows + np.minimum(steps, self._count), self._last[rows])

    def anywhere(self, rng: np.random.Generator, size: int) -> Rows:
        """Any rows of all recordings."""
        return rng.integers(self._count, size=size)

    def actor_goals(self, rng: np.random.Generator, rows: Rows, random_share: float) -> Rows:
        """Later rows of the same recording; a share of them from anywhere.

        Args:
            rng: draws them.
            rows: from which they are to be reached.
            random_share: probability of a goal from anywhere.
        """
        is_random = rng.random(len(rows)) < random_share
        return np.where(is_random, self.anywhere(rng, len(rows)), self.later(rng, rows))

    def value_goals(
        self,
        rng: np.random.Generator,
        rows: Rows,
        *,
        current_share: float,
        random_share: float,
        discount: float,
    ) -> Rows:
        """The row itself, rows from anywhere, and for the rest soon ones of the same recording.

        Args:
            rng: draws them.
            rows: whose values are learned.
            current_share: probability of the row itself.
            random_share: probability of a row from anywhere.
            discount: of `soon`.
        """
        chance = rng.random(len(rows))
        from_anywhere = self.anywhere(rng, len(rows))
        ways = [chance < current_share, chance < current_share + random_share]
        return np.select(ways, [rows, from_anywhere], self.soon(rng, rows, discount))
