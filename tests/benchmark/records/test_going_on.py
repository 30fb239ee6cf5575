"""What a run had before it went on, and whether it failed then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.records.files import RunFiles, write_record
from benchmark.records.going_on import ended_before, failed_to_go_on, goes_on, record_to_keep
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "bc", 0, "smoke", steps=10, episodes=1, max_minutes=2.0)


@pytest.mark.parametrize(
    ("status", "changes", "more"),
    [
        ("completed", {"steps": 11}, True),
        ("completed", {"max_minutes": None}, False),
        ("capped", {"max_minutes": 3.0}, True),
        ("capped", {"max_minutes": None}, True),
        ("capped", {"max_minutes": 1.0}, False),
        ("failed", {"steps": 11}, False),
        ("diverged", {"max_minutes": None}, False),
    ],
)
def test_more_steps_after_the_end_and_more_time_after_a_limit(
    tmp_path: Path, status: str, changes: dict[str, float | None], more: bool
) -> None:
    before = Record(RUN, status, "maze2d", score=1.0, scores=[1.0])
    asked = replace(RUN, **changes)  # type: ignore[arg-type]
    assert goes_on(asked, before) == more
    path = RunFiles(tmp_path, RUN.name).record
    assert ended_before(path, asked) is None
    write_record(tmp_path, before)
    assert ended_before(path, asked) == (before if more else None)
    failed = Record(asked, "failed", "maze2d", reason="a fault")
    kept = record_to_keep(path, failed)
    assert failed_to_go_on(kept) == more and not failed_to_go_on(failed)
    assert kept.status == (status if more else "failed") and "a fault" in str(kept.reason)
