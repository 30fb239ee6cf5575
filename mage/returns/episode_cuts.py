"""Recorded episodes may be longer than those of an evaluation, and bring more."""

from __future__ import annotations

import numpy as np

from benchmark.interface import Dataset


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
