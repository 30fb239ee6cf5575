"""What the runs were made with, in a few words each."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.records.record import Record
from benchmark.reporting.badges import badges, data_text
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, failed, without_data

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def of(*records: Record) -> dict[str, tuple[str, bool]]:
    """Topic -> text, and whether it is a caution."""
    return {badge.topic: (badge.text, badge.caution) for badge in badges(run_frame(records))}


def runs(seeds: int, **changes: Any) -> list[Record]:
    return [completed(UMAZE, "mage", seed, 1.0, **changes) for seed in range(seeds)]


def test_nothing_to_distrust() -> None:
    assert of(*runs(3, preset="paper", commit="0123456789")) == {
        "Runs": ("3, all completed", False),
        "Seeds": ("3 (0, 1, 2)", False),
        "Preset": ("paper: the published sizes", False),
        "Data": ("published", False),
        "Goal": ("hidden from all agents", False),
        "Code": ("one commit (0123456)", False),
    }


def test_how_runs_ended_is_counted() -> None:
    records = [*runs(1), failed(UMAZE, "bc", 0), without_data(MEDIUM, "mage", 0)]
    assert of(*records)["Runs"] == ("3: 1 completed, 1 failed, 1 no-dataset", True)
    assert of(*runs(1))["Runs"] == ("1, completed", False)
    assert of(failed(UMAZE, "bc", 0))["Runs"] == ("1, failed", True)


@pytest.mark.parametrize(
    ("seeds", "text", "caution"),
    [
        ([4], "1 (4)", True),
        ([4, 7], "2 (4, 7)", False),
        (range(25), "25 (0 to 24)", False),
        ([0, 2, 4, 6, 8, 10, 12], "7 (0, 2, 4, 6, 8, 10, 12)", False),
        ([0, 104], "2 (0, 104), some of them searched on", True),
    ],
)
def test_seeds(seeds: list[int], text: str, caution: bool) -> None:
    records = [completed(UMAZE, "mage", seed, 1.0) for seed in seeds]
    assert of(*records)["Seeds"] == (text, caution)


def test_small_presets_are_cautions() -> None:
    assert of(*runs(2))["Preset"] == ("quick: a small budget", True)
    assert of(*runs(2, preset="smoke"))["Preset"] == ("smoke: the scores mean nothing", True)
    assert of(*runs(2, preset="huge"))["Preset"] == ("huge", True)


def test_data_is_called_by_its_kinds() -> None:
    kinds = {"published": [UMAZE, MEDIUM], "collected here": ["a"], "re-creation": ["b", "c"]}
    assert data_text(kinds) == "published on 2 tasks, recorded here on 1, re-created on 2"
    assert data_text({"own data": ["a"]}) == "own"
    assert of(*runs(2, dataset={"id": "a", "kind": "altered"}))["Data"] == ("altered", True)
    assert of(failed(UMAZE, "mage", 0))["Data"] == ("none", True)


def test_who_is_told_the_goal() -> None:
    told = completed(UMAZE, "diffuser", 0, 1.0, goal="in-painted")
    assert of(*runs(1), told)["Goal"] == ("told to Diffuser and not to others, on 1 task", True)
    assert of(told)["Goal"] == ("known to all agents alike", False)
    shown = completed(MEDIUM, "mage", 0, 1.0, goal="shown")
    words = "known to all agents alike, hidden from all on 1 task"
    assert of(*runs(1), shown)["Goal"] == (words, False)
    assert of(*runs(1, goal="none"))["Goal"] == ("these tasks have none to tell", False)


def test_code_of_several_commits() -> None:
    mixed = [*runs(1), completed(UMAZE, "mage", 1, 1.0, commit="def")]
    assert of(*mixed)["Code"] == ("2 commits", True)
    parts = [{"from": 0, "commit": "abc"}, {"from": 7, "commit": "def"}]
    went_on = completed(UMAZE, "mage", 0, 1.0, commit="def", trained_with=parts)
    assert of(went_on)["Code"] == ("2 commits", True)
    assert of(*runs(1, commit="abcdef01-dirty"))["Code"] == (
        *("one commit (abcdef0, changed since)",),
        True,
    )
    assert of(*runs(1, commit=None))["Code"] == ("unknown commit", True)
    assert of(failed(UMAZE, "mage", 0))["Code"] == ("no run", False)
