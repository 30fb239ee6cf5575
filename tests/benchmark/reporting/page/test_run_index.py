from __future__ import annotations

import json
import math
from typing import Any

from benchmark.records.record import Record
from benchmark.reporting.page.run_index import run_index
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"


def unpacked(*records: Record) -> list[dict[str, Any]]:
    """What the page's program makes of it."""
    frames = collate(records)
    packed = json.loads(json.dumps(run_index(frames), allow_nan=False))
    return [
        {
            column: packed["pool"][value] if column in packed["pooled"] else value
            for column, value in zip(packed["columns"], row, strict=True)
        }
        for row in packed["rows"]
    ]


def test_variants_are_named_as_they_have_a_table_of_their_own() -> None:
    records = [completed(UMAZE, agent, 0, 1.0) for agent in ("mage", "mage.k1", "bc")]
    assert run_index(collate(records))["variants"] == ["mage.k1"]


def test_every_run_is_told_with_all_that_it_was_made_from() -> None:
    told = {"versions": {"python": "3.11"}, "config": {"layers": [2, 2]}, "commit": "abc"}
    told |= {"machine": {"processor": "Chip"}, "started": "2026", "peak_memory_mb": 12.0}
    spec = {"settings": {"a": 1}, "steps": 200, "episodes": 4}
    (run,) = unpacked(
        completed(
            *(UMAZE, "mage", 3, 50.12345),
            successes=[True, False, False, False],
            steps_taken=150,
            **spec,
            **told,
        )
    )
    assert (run["success_rate"], run["goal"], run["preset"]) == (25.0, "hidden", "quick")
    assert (run["budget"], run["steps_taken"], run["episodes"]) == (200, 150, 4)
    for name, value in told.items():
        assert run[name] == value
    assert (run["task"], run["agent"], run["seed"], run["status"]) == (
        *(UMAZE, "mage", 3),
        "completed",
    )
    assert run["score"] == 50.123
    assert run["dataset"]["hash"] == "aaaa"
    assert "--config settings.json" in run["command"]
    assert "settings.json" in run["settings_line"]
    assert run["reason"] is None and run["remedy"] is None


def test_a_run_has_its_curve_and_its_episodes() -> None:
    points = [{"step": 50, "loss": 1.0}, {"step": 100, "score": 4.25}, {"step": 200, "score": 5.0}]
    episodes = {"scores": [1.26, -3.0], "successes": [True, False]}
    first, second = unpacked(
        completed(UMAZE, "mage", 0, -0.87, steps=200, curve=points, **episodes),
        failed(UMAZE, "mage", 1),
    )
    assert first["curve"] == [[50.0, 4.2], [100.0, 5.0]]
    assert (first["episode_scores"], first["episode_successes"]) == ([1.3, -3.0], [100.0, 0.0])
    assert (second["curve"], second["episode_scores"]) == ([], [])


def test_runs_that_were_not_completed_are_told_with_reason_and_traceback() -> None:
    broken, diverged = unpacked(
        failed(UMAZE, "mage", 0, traceback="</script>"),
        failed(UMAZE, "bc", 0, status="diverged", reason="a loss was nan"),
    )
    assert (broken["status"], broken["reason"]) == ("failed", "RuntimeError: diverged")
    assert (broken["remedy"], broken["traceback"]) == ("see its log", "</script>")
    assert broken["score"] is None
    assert (diverged["status"], diverged["reason"]) == ("diverged", "a loss was nan")


def test_numbers_that_are_none_are_no_obstacle() -> None:
    (run,) = unpacked(
        completed(UMAZE, "mage", 0, 1.0, config={"a": math.inf}, seconds={"fit": math.nan})
    )
    assert run["config"] == {"a": "Infinity"}
    assert run["seconds"] == {"fit": None}


def test_what_runs_share_is_there_once() -> None:
    versions = {"python": "3.11", "library": "a-version-of-some-length"}
    frames = collate(completed(UMAZE, "mage", seed, 1.0, versions=versions) for seed in range(50))
    text = json.dumps(run_index(frames))
    assert text.count("a-version-of-some-length") == 1
    assert len(text) < 50 * 400


def test_agents_are_called_as_in_tables() -> None:
    frames = collate([completed(UMAZE, agent, 0, 1.0) for agent in ("bc10", "my-own")])
    names = run_index(frames)["names"]
    assert names == {
        "bc10": "BC 10 %",
        "my-own": "my-own",
    }
