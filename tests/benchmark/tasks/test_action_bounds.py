"""What is clipped to its bounds, what counts as rounding, and what lies too far outside."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.tasks.action_bounds import clip_actions, far_outside

LOW, HIGH = np.array([-1, 0], np.float32), np.array([1, 10], np.float32)


def test_what_lies_outside_is_brought_to_the_bound() -> None:
    wanted = np.array([[0.5, 5], [-1.5, 5], [0, 12], [2, -3]], np.float32)
    inside, clipped = clip_actions(wanted, LOW, HIGH)
    assert inside.tolist() == [[0.5, 5], [-1, 5], [0, 10], [1, 0]]
    assert inside.dtype == np.float32
    assert clipped.tolist() == [False, True, True, True], "a step counts once"


def test_rounding_is_put_right_and_not_counted() -> None:
    # Of a range of 2 and one of 10: a millionth is 0.000002 and 0.00001.
    wanted = np.array([[1 + 1e-6, 5], [0, 10 + 5e-6], [1 + 3e-6, 5], [0, -2e-5]])
    inside, clipped = clip_actions(wanted, LOW, HIGH)
    assert inside.tolist() == [[1, 5], [0, 10], [1, 5], [0, 0]]
    assert clipped.tolist() == [False, False, True, True]
    up = np.nextafter(HIGH, np.float32(np.inf))
    assert not clip_actions(up[None], LOW, HIGH)[1].any()


def test_half_the_range_beyond_is_not_far() -> None:
    assert far_outside(np.array([[2, 15], [-2, -5]]), LOW, HIGH) is None


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([[0, 0], [2.25, 0]], "2.25 for action 0, far outside its bounds of -1 to 1"),
        ([[0, 0], [-2.25, 99]], "-2.25 for action 0, far outside its bounds of -1 to 1"),
        ([[1, 15.5], [9, 0]], "15.5 for action 1, far outside its bounds of 0 to 10"),
        ([[1, -5.5]], "-5.5 for action 1, far outside its bounds of 0 to 10"),
    ],
)
def test_the_first_that_is_far_outside_is_named(wanted: list[list[float]], text: str) -> None:
    assert far_outside(np.array(wanted), LOW, HIGH) == text
