"""What a command says of runs that were to go on with more gradient steps, or more time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmark.cli import run
from benchmark.cli.run import run_comparison
from benchmark.records.files import read_records, write_record
from benchmark.running.compute import Compute
from tests.benchmark.cli.test_run_outcome import GRID, NAMES, World, ended, world

__all__ = ["world"]  # A fixture.


@pytest.mark.parametrize(
    ("status", "before", "now", "told"),
    [
        ("completed", {"steps": 1}, {"steps": 2}, "it ended well; when it went on to 2 gradient"),
        ("capped", {"max_minutes": 1}, {}, "it had no more time; when it went on to"),
    ],
)
def test_a_run_that_failed_when_it_went_on_is_a_failure_and_keeps_its_record(
    world: Callable[..., World],
    capsys: pytest.CaptureFixture[str],
    status: str,
    before: dict[str, Any],
    now: dict[str, Any],
    told: str,
) -> None:
    made = world("completed", "failed", "completed")
    for spec in run.plan_runs(GRID):
        write_record(made.out, ended(replace(spec, **before), status))
    assert run_comparison(replace(GRID, **now), str(made.out), True, Compute("cpu", 2)) == 1
    output = capsys.readouterr().out
    assert "3 runs, 0 done before, 3 to go on; records" in output
    assert f"failed: {NAMES[1]}: {told}" in output
    records = {record.run.name: record for record in read_records(made.out)}
    assert [records[name].status for name in NAMES] == ["completed", status, "completed"]
    kept = records[NAMES[1]].run
    assert {name: getattr(kept, name) for name in before} == before
