"""Long episodes are cut where an evaluation would end."""

from __future__ import annotations

import numpy as np

from mage.returns.episode_cuts import cut_episodes
from tests.baselines.synthetic_tasks import numbered_steps


def test_long_episodes_are_cut_by_timeouts() -> None:
    cut = cut_episodes(numbered_steps(), 2)  # Episodes of 4 with a terminal, 3 and 2.
    assert cut.ends.tolist() == [2, 4, 6, 7, 9]
    assert np.flatnonzero(cut.terminals).tolist() == [3]
    assert np.flatnonzero(cut.timeouts).tolist() == [1, 5, 6, 8]
    assert cut_episodes(numbered_steps(), 3).ends.tolist() == [3, 4, 7, 9]


def test_short_episodes_stay_whole() -> None:
    dataset = numbered_steps()
    cut = cut_episodes(dataset, 4)
    assert cut.ends.tolist() == [4, 7, 9]
    for name in ("observations", "actions", "rewards", "terminals"):
        assert np.shares_memory(getattr(cut, name), getattr(dataset, name))
