"""What the recorded episodes score themselves: the level that a dataset shows by example."""

from __future__ import annotations

import numpy as np

from benchmark.interface import Dataset
from benchmark.tasks import Task

# Goals that are chosen in hindsight are all reached, whoever recorded the way.
_IN_HINDSIGHT = ("multi2d", "hindsight", "single-task")


def recorded_scores(dataset: Dataset, task: Task) -> dict[str, float] | None:
    """The mean and the best score of what was recorded, in pieces as long as an evaluation.

    The rest of a longer episode, which has less time than an evaluation, counts for the best alone.

    Args:
        dataset: after relabelling.
        task: with the reference scores that count.

    Returns:
        `mean` and `best`; None where goals were chosen in hindsight.
    """
    if task.relabel in _IN_HINDSIGHT or task.score_is_success:
        return None
    lengths = dataset.ends - dataset.starts
    pieces = -(-lengths // task.max_steps)
    episode = np.repeat(np.arange(len(lengths)), pieces)
    index = np.arange(len(episode)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    offsets = index * task.max_steps
    returns = np.add.reduceat(dataset.rewards.astype(np.float64), dataset.starts[episode] + offsets)
    is_whole = (index == 0) | (lengths[episode] - offsets >= task.max_steps)
    return {
        "mean": task.score_of(float(returns[is_whole].mean())),
        "best": task.score_of(float(returns.max())),
    }
