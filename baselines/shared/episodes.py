"""Which rows of a dataset are transitions, and which episodes are best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import Dataset


def transition_rows(dataset: Dataset) -> NDArray[np.int64]:
    """Rows whose outcome is known: all but the last before each timeout.

    Raises:
        ValueError: if there are none.
    """
    rows = np.flatnonzero(dataset.terminals | ~dataset.timeouts)
    if not len(rows):
        raise ValueError(
            "the dataset has no transition: every episode is one step long and cut by a timeout; "
            "record longer episodes"
        )
    return rows


def best_episodes(dataset: Dataset, share: float) -> Dataset:
    """The episodes with the highest undiscounted returns, in the order they were recorded.

    Episodes without a transition do not count, nor do those of a single step where there are longer
    ones: they end where they begin, as each further step does in which a task stays solved. Of
    equal ones, those recorded first are taken.

    Args:
        dataset: recorded steps.
        share: of its episodes to keep, in (0, 1]; rounded, and at least one.

    Raises:
        ValueError: if the dataset has no transition.
    """
    rows = transition_rows(dataset)
    usable = np.unique(np.searchsorted(dataset.ends, rows, side="right"))
    is_longer = (dataset.ends - dataset.starts)[usable] > 1
    if is_longer.any():
        usable = usable[is_longer]
    order = np.argsort(-dataset.episode_returns()[usable], kind="stable")
    best = usable[order[: max(1, round(share * len(usable)))]]
    is_best = np.zeros(len(dataset.ends), bool)
    is_best[best] = True
    kept = np.repeat(is_best, dataset.ends - dataset.starts)
    return Dataset(
        dataset.observations[kept],
        dataset.actions[kept],
        dataset.rewards[kept],
        dataset.terminals[kept],
        dataset.timeouts[kept],
    )
