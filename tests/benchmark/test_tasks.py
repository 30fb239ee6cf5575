"""The table of tasks."""

from __future__ import annotations

import pytest

from benchmark.tasks import TASKS


def test_reference_returns_score_0_and_100() -> None:
    for task in TASKS.values():
        assert task.normalised(task.min_score) == 0
        assert task.normalised(task.max_score) == pytest.approx(100)
