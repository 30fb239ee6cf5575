"""Tests of what tells where goals stand in observations."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.hindsight import HindsightGoals


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"goal_columns": (4,)}, r"goal_columns \(4,\) and state_columns \(0, 1\) need the same"),
        ({"goal_columns": (), "state_columns": ()}, "need the same number of columns, 1 or more"),
        ({"radius": 0.0}, r"radius=0.0 and random_goals=0.0; valid: a radius above 0"),
        ({"random_goals": 1.5}, "random_goals=1.5; valid: .* a share from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    whole: dict[str, Any] = {"goal_columns": (4, 5), "state_columns": (0, 1), "radius": 0.5}
    with pytest.raises(ValueError, match=message):
        HindsightGoals(**{**whole, **values})
