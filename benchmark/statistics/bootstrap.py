"""Intervals of what is said of many tasks at once, from runs and episodes that are drawn anew.

A hierarchical bootstrap: within each task the training seeds of an agent are drawn anew, and where
its runs share their episodes, these are too, the same for all agents; episodes of a run's own are
drawn along with it (Davison & Hinkley 1997, 3.8). From few seeds, S, its spread is too small,
and its percentiles lie as close as those of a normal variable. As Hesterberg (2015, "What teachers
should know about the bootstrap") advises, its standard error is corrected by sqrt(S / (S - 1)), and
the interval is that of Student's t.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmark.statistics.differences import Compared
from benchmark.statistics.uncertainty import t_quantile

RESAMPLES = 2000
_NORMAL = float(special.ndtri(0.975))

FloatArray = NDArray[np.float64]
Interval = tuple[FloatArray, FloatArray]


class Resamples:
    """Draws of the scores of every agent; the same in every call.

    Args:
        tasks: runs of each task.
    """

    def __init__(self, tasks: Sequence[Compared]) -> None:
        self._tasks = tasks
        self._shared = [_shared_luck(task, number) for number, task in enumerate(tasks)]

    def __call__(self, agent: str) -> list[FloatArray]:
        """For each task, (resamples, seeds) scores of an agent."""
        return [
            self._drawn(task, number, agent) + self._shared[number][agent]
            for number, task in enumerate(self._tasks)
        ]

    @staticmethod
    def _drawn(task: Compared, number: int, agent: str) -> FloatArray:
        scores = task.scores(agent)
        rng = np.random.default_rng([number, *agent.encode()])
        return scores[rng.integers(len(scores), size=(RESAMPLES, len(scores)))]


def _shared_luck(task: Compared, number: int) -> dict[str, FloatArray]:
    """By how much drawing the episodes anew moves the scores: agent -> (resamples, 1)."""
    effects = {agent: task.runs.shared_effects(rows) for agent, rows in task.rows.items()}
    together = np.array(list(effects.values()))
    if not together.any():  # As where each run has episodes of its own.
        return dict.fromkeys(effects, np.zeros((RESAMPLES, 1)))
    episodes = together.shape[1]
    rng = np.random.default_rng(number)
    times = rng.multinomial(episodes, np.full(episodes, 1 / episodes), size=RESAMPLES)
    return {agent: (times - 1) @ effect[:, None] for agent, effect in effects.items()}


def interval(
    estimate: FloatArray, drawn: FloatArray, degrees: float, seeds: Sequence[int]
) -> Interval:
    """The 95 % interval of a statistic of many runs.

    Args:
        estimate: (...) the statistic.
        drawn: (..., resamples) of it.
        degrees: of freedom of the mean of the same runs, for want of the statistic's own.
        seeds: for each task, how many it has.

    Returns:
        Lower and upper ends; NaN where a task has a single seed, from which nothing can be drawn.
    """
    fewest = min(seeds)
    if fewest < 2:
        none = np.full_like(estimate, np.nan)
        return none, none
    error = drawn.std(-1) * np.sqrt(fewest / (fewest - 1))
    half = t_quantile(degrees) * error
    return estimate - half, estimate + half


def share_interval(
    share: FloatArray, drawn: FloatArray, degrees: float, seeds: Sequence[int]
) -> Interval:
    """The 95 % interval of a probability that is averaged over tasks.

    Where all runs agree, drawing them anew tells nothing: the interval is at least that of Wilson
    (1927) for as many independent runs. The variance of a share p of n runs is p (1 - p) / n, that
    of a share of pairs at most as much with n the smaller sample (Birnbaum & Klose 1957).

    Args:
        share: (...) from 0 to 1.
        drawn: (..., resamples) of it.
        degrees: of freedom of the mean, or of a difference of means, of the same runs.
        seeds: for each task, how many it has; of pairs, in the smaller sample.

    Returns:
        Lower and upper ends, from 0 to 1; NaN where a task has a single seed.
    """
    low, high = interval(share, drawn, degrees, seeds)
    runs = len(seeds) ** 2 / sum(1 / count for count in seeds)
    least, most = _wilson(share, runs)
    return np.minimum(low, least).clip(0, 1), np.maximum(high, most).clip(0, 1)


def _wilson(share: FloatArray, runs: float) -> Interval:
    square = _NORMAL**2 / runs
    middle = (share + square / 2) / (1 + square)
    half = np.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return middle - half, middle + half
