"""Which rows goals are drawn from, and how often, on recordings of 5, 3 and 1 rows."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.goal_conditioned.goal_sampler import GoalSampler
from benchmark.interface import Dataset
from tests.baselines.synthetic_tasks import dataset_of

MANY = 4000


def recordings() -> Dataset:
    """Rows 0 to 4, where a goal is reached at row 2, rows 5 to 7, and row 8."""
    ends = {2: "terminal", 4: "timeout", 7: "timeout", 8: "timeout"}
    zeros = np.zeros((9, 1))
    return dataset_of(np.arange(9)[:, None], zeros, zeros[:, 0], ends)


SAMPLER = GoalSampler(recordings())


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_rows_are_those_whose_next_state_was_recorded() -> None:
    rows, counts = np.unique(SAMPLER.rows(rng(), MANY), return_counts=True)
    assert rows.tolist() == [0, 1, 2, 3, 5, 6], "a terminal leads on, a timeout does not"
    np.testing.assert_allclose(counts / MANY, 1 / 6, atol=0.03)


def test_without_timeouts_all_is_one_recording() -> None:
    zeros = np.zeros((4, 1))
    sampler = GoalSampler(dataset_of(zeros, zeros, zeros[:, 0], {1: "terminal", 3: "terminal"}))
    assert set(sampler.rows(rng(), 100)) == {0, 1, 2}
    assert sampler.ahead(np.array([0]), 99) == [3]


def test_recordings_of_one_step_are_refused() -> None:
    zeros = np.zeros((2, 1))
    with pytest.raises(ValueError, match="no transition: every recording is one step long; record"):
        GoalSampler(dataset_of(zeros, zeros, zeros[:, 0], {0: "timeout", 1: "timeout"}))


def test_what_lies_ahead_ends_with_the_recording() -> None:
    assert SAMPLER.ahead(np.array([0, 3, 5]), 2).tolist() == [2, 4, 7]


def test_later_rows_are_drawn_alike() -> None:
    later, counts = np.unique(SAMPLER.later(rng(), np.full(MANY, 1)), return_counts=True)
    assert later.tolist() == [2, 3, 4]
    np.testing.assert_allclose(counts / MANY, 1 / 3, atol=0.03)


def test_soon_rows_are_less_likely_by_the_discount() -> None:
    soon, counts = np.unique(SAMPLER.soon(rng(), np.zeros(MANY, int), 0.5), return_counts=True)
    assert soon.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(counts / MANY, [1 / 2, 1 / 4, 1 / 8, 1 / 8], atol=0.03)
    assert SAMPLER.soon(rng(), np.array([0, 5]), 1.0).tolist() == [4, 7]
    assert SAMPLER.soon(rng(), np.array([0, 5]), 1 - 1e-16).tolist() == [4, 7]
    assert SAMPLER.soon(rng(), np.array([0, 5]), 0.0).tolist() == [1, 6]


def test_goals_of_values_are_of_three_kinds() -> None:
    goals = SAMPLER.value_goals(
        rng(), np.full(MANY, 5), current_share=0.2, random_share=0.3, discount=0.0
    )
    shares = np.bincount(goals, minlength=9) / MANY
    # From anywhere: a ninth of 0.3 for each row; soon is the next row.
    assert shares[5] == pytest.approx(0.2 + 0.3 / 9, abs=0.03)
    assert shares[6] == pytest.approx(0.5 + 0.3 / 9, abs=0.03)
    np.testing.assert_allclose(shares[[0, 1, 2, 3, 4, 7, 8]], 0.3 / 9, atol=0.02)


@pytest.mark.parametrize(("share", "expected"), [(0.0, {6, 7}), (1.0, set(range(9)))])
def test_goals_of_a_policy_are_later_or_from_anywhere(share: float, expected: set[int]) -> None:
    assert set(SAMPLER.actor_goals(rng(), np.full(MANY, 5), share)) == expected
