from __future__ import annotations

import numpy as np
import pytest

from baselines.datasets import best_episodes, cut_episodes, transition_rows
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


def test_the_best_episodes_keep_their_order_and_their_ends():
    best = best_episodes(numbered_steps(), 0.67)
    assert best.observations[:, 0].tolist() == [4, 5, 6, 7, 8]
    assert best.ends.tolist() == [3, 5]
    assert not best.terminals.any()


def test_one_episode_is_kept_however_few_there_are():
    assert len(best_episodes(numbered_steps(), 0.01).ends) == 1
    lone = dataset_of(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros(3), {2: "timeout"})
    assert len(best_episodes(lone, 0.1)) == 3


def test_of_equal_episodes_those_recorded_first_are_kept():
    rows = np.arange(20)
    ends = dict.fromkeys(range(1, 20, 2), "terminal")
    equal = dataset_of(rows[:, None], rows[:, None], np.ones(20), ends)
    assert best_episodes(equal, 0.3).observations[:, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_an_episode_without_a_transition_is_never_among_the_best():
    rewards = np.array([1, 1, 9])
    dataset = dataset_of(rewards[:, None], rewards[:, None], rewards, {1: "timeout", 2: "timeout"})
    assert best_episodes(dataset, 0.1).rewards.tolist() == [1, 1]
