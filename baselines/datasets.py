"""Which rows of a dataset are transitions, and how its episodes are cut shorter."""

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


def cut_episodes(dataset: Dataset, max_steps: int) -> Dataset:
    """The same steps in episodes of at most `max_steps`, longer ones cut by timeouts.

    Returns to go and step numbers then mean in training what they mean in an evaluation.
    """
    lengths = dataset.ends - dataset.starts
    steps_done = np.arange(len(dataset)) - np.repeat(dataset.starts, lengths) + 1
    cut = (steps_done % max_steps == 0) & ~dataset.terminals
    return Dataset(
        dataset.observations,
        dataset.actions,
        dataset.rewards,
        dataset.terminals,
        dataset.timeouts | cut,
    )
