"""The first screen as a whole."""

from __future__ import annotations

import pytest

from benchmark.reporting.badges import Badge
from benchmark.reporting.front import front
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed, in_two_mazes


def test_the_first_screen_says_who_leads_with_what_and_what_to_distrust() -> None:
    head = front(collate(in_two_mazes()))
    assert "MAGE" in head.sentences[0] and "Diffuser" in head.sentences[0]
    assert [badge.topic for badge in head.badges] == [
        *("Runs", "Seeds", "Preset", "Data", "Goal", "Code")
    ]
    assert [table.name for table in head.section.tables] == ["leaderboard", "heat-map"]
    assert (head.section.name, list(head.section.data["agent"])) == (
        *("leaderboard",),
        ["mage", "diffuser"],
    )
    assert head.caveats[0][0] == "What the numbers may be used for."


def test_unequal_training_is_a_reason_for_distrust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.reporting.front.uneven_training", lambda costs: ["maze2d"])
    badge = front(collate(in_two_mazes())).badges[-1]
    assert badge == Badge("Training", "not equally long for all agents", caution=True)


def test_all_failed_and_variants_alone_have_a_first_screen_too() -> None:
    lost = front(collate([failed("maze2d-umaze", "mage", 0)]))
    board, heat = lost.section.tables
    assert board.rows == [["MAGE", "n/a", "n/a", "0", "n/a", "not timed", "not timed"]]
    assert heat.rows == [["maze2d-umaze", "failed"]]
    variants = front(collate([completed("maze2d-umaze", "mage.k1", 0, 1.0)]))
    assert variants.section.blocks == [] and len(variants.sentences) == 1
