"""Runs of the published sizes that took fewer gradient steps than their authors'."""

from __future__ import annotations

from benchmark.reporting.published import differences, published_table
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed

PEN, PUBLISHED_DATA = "adroit-pen-human", {"id": "D4RL/pen/human-v2", "kind": "published"}


def test_fewer_gradient_steps_than_the_authors_are_said() -> None:
    records = [completed(PEN, "mage", 0, 1.0, preset="paper", steps=99, dataset=PUBLISHED_DATA)]
    assert differences(run_frame(records)) == ["fewer gradient steps"]
    runs = run_frame(records)
    found = published_table(score_frame(runs), runs)
    assert found is not None
    assert found.rows[0][1] == "measured (fewer gradient steps)"
    assert "some runs took fewer gradient steps than their authors'" in found.caption
