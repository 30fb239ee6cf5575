"""What a record says that its scores are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.records.files import RunPlace
from benchmark.tasks import TASKS
from tests.benchmark.running.test_trial import RUN, done
from tests.benchmark.running.trial_world import World, world

__all__ = ["world"]  # A fixture.


def test_a_record_says_that_its_scores_are_successes(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.about = {"id": "made-up"}
    row = replace(TASKS[RUN.task], min_score=None, max_score=None, score_is_success=True)
    monkeypatch.setitem(TASKS, RUN.task, row)
    record = done(place)
    assert (record.scale, record.references) == ("successes", [])
