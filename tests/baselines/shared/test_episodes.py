from __future__ import annotations

import numpy as np
import pytest

from baselines.shared.episodes import best_episodes, transition_rows
from benchmark.interface import Dataset
from tests.baselines.synthetic_tasks import dataset_of, numbered_steps


def episodes_of(returns: list[float], kind: str = "terminal") -> Dataset:
    """Episodes of two steps with the given returns; observed is the number of the row."""
    rows = np.arange(2 * len(returns))
    rewards = np.stack([np.zeros(len(returns)), returns], axis=1).ravel()
    ends = dict.fromkeys(range(1, len(rows), 2), kind)
    return dataset_of(rows[:, None], rows[:, None], rewards, ends)


def kept(dataset: Dataset, share: float) -> list[int]:
    """Which episodes of two steps are among the best."""
    rows = best_episodes(dataset, share).observations[:, 0].astype(int)
    assert (rows[1::2] == rows[::2] + 1).all()
    return [int(row) // 2 for row in rows[::2]]


def test_the_last_row_before_a_timeout_is_no_transition() -> None:
    assert transition_rows(numbered_steps()).tolist() == [0, 1, 2, 3, 4, 5, 7]


def test_what_ends_in_both_ways_is_a_transition() -> None:
    both = numbered_steps()
    ends = both.terminals | both.timeouts
    dataset = Dataset(both.observations, both.actions, both.rewards, ends, ends)
    assert transition_rows(dataset).tolist() == list(range(9))


def test_a_dataset_without_transitions_is_refused() -> None:
    lone = dataset_of(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros(2), {0: "timeout", 1: "timeout"})
    with pytest.raises(ValueError, match=r"no transition.*record longer episodes"):
        transition_rows(lone)


def test_the_best_episodes_keep_their_order_and_all_that_is_known_of_them() -> None:
    best = best_episodes(numbered_steps(), 0.67)
    assert best.observations.tolist() == [[row, -row] for row in (4, 5, 6, 7, 8)]
    np.testing.assert_allclose(best.actions[:, 0], [0.4, 0.5, 0.6, 0.7, 0.8], rtol=1e-6)
    assert best.rewards.tolist() == [4, 5, 6, 7, 8]
    assert best.terminals.tolist() == [False] * 5
    assert best.timeouts.tolist() == [False, False, True, False, True]


def test_terminals_of_the_best_are_kept() -> None:
    assert np.flatnonzero(best_episodes(episodes_of([1, 5, 3]), 0.67).terminals).tolist() == [1, 3]


@pytest.mark.parametrize("kind", ["terminal", "timeout"])
def test_the_best_are_those_of_the_highest_return_in_the_order_of_recording(kind: str) -> None:
    dataset = episodes_of([2, -7, 9, 4, 8], kind)
    assert kept(dataset, 0.2) == [2]
    assert kept(dataset, 0.6) == [2, 3, 4]
    assert kept(dataset, 1.0) == [0, 1, 2, 3, 4]


def test_episodes_that_end_where_they_begin_are_not_the_best() -> None:
    # Two steps for -1, then two in which it stays solved, then two for -2.
    ends = dict.fromkeys((1, 2, 3, 5), "terminal")
    numbers, rewards = np.arange(6.0)[:, None], np.array([-1.0, 0, 0, 0, -2, 0])
    best = best_episodes(dataset_of(numbers, numbers, rewards, ends), 0.5)
    assert best.observations[:, 0].tolist() == [0, 1]
    alone = dataset_of(numbers, numbers, rewards, dict.fromkeys(range(6), "terminal"))
    assert len(best_episodes(alone, 0.5)) == 3, "where there are no others they are all there is"


def test_a_share_is_rounded_and_one_episode_is_kept_however_few_there_are() -> None:
    dataset = episodes_of([3, 1, 2, 0])
    assert kept(dataset, 0.01) == [0]
    assert kept(dataset, 0.4) == [0, 2]  # 1.6 of 4 are 2.
    assert kept(dataset, 0.55) == [0, 2]  # 2.2 of 4 are 2 as well.


def test_returns_are_compared_not_lengths_or_means() -> None:
    # Returns of 6 in three steps, 5 in two of another mean and 5.5 in two.
    rewards = np.array([2, 2, 2, 4, 1, 5, 0.5])
    ends = {2: "terminal", 4: "terminal", 6: "terminal"}
    dataset = dataset_of(rewards[:, None], rewards[:, None], rewards, ends)
    assert best_episodes(dataset, 0.1).rewards.tolist() == [2, 2, 2]
    assert best_episodes(dataset, 0.67).rewards.tolist() == [2, 2, 2, 5, 0.5]


def test_of_equal_episodes_those_recorded_first_are_kept() -> None:
    assert kept(episodes_of([1] * 40), 0.3) == list(range(12))
    assert kept(episodes_of([1, 2] * 20), 0.125) == [1, 3, 5, 7, 9]


def test_an_episode_without_a_transition_is_never_among_the_best() -> None:
    # The lone step with a reward of 9 ends in a timeout. Four episodes are left, with the terminal.
    rewards = np.array([0, 9, 1, 1, 3, 4, 0, 0])
    ends = {0: "terminal", 1: "timeout", 3: "timeout", 5: "timeout", 7: "timeout"}
    dataset = dataset_of(rewards[:, None], rewards[:, None], rewards, ends)
    assert best_episodes(dataset, 0.33).rewards.tolist() == [
        3,
        4,
    ]  # 1.32 of 4; of 5 it would be 1.65.
    assert best_episodes(dataset, 0.5).rewards.tolist() == [1, 1, 3, 4]
