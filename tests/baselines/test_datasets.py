from __future__ import annotations

import numpy as np
import pytest

from baselines.datasets import cut_episodes, transition_rows
from tests.baselines.made_up import dataset_of, numbered_steps


def test_the_last_row_before_a_timeout_is_no_transition():
    assert transition_rows(numbered_steps()).tolist() == [0, 1, 2, 3, 4, 5, 7]


def test_a_dataset_without_transitions_is_refused():
    lone = dataset_of(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros(2), {0: "timeout", 1: "timeout"})
    with pytest.raises(ValueError, match="no transition.*record longer episodes"):
        transition_rows(lone)


def test_long_episodes_are_cut_by_timeouts():
    cut = cut_episodes(numbered_steps(), 2)
    assert cut.ends.tolist() == [2, 4, 6, 7, 9]
    assert np.flatnonzero(cut.terminals).tolist() == [3]
    assert not (cut.terminals & cut.timeouts).any()


def test_short_episodes_stay_whole():
    dataset = numbered_steps()
    assert cut_episodes(dataset, 4).ends.tolist() == dataset.ends.tolist()
    assert np.shares_memory(cut_episodes(dataset, 4).observations, dataset.observations)
