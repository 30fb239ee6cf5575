"""What a command says of runs that were to go on with more gradient steps, or more time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmark.cli import run
from benchmark.cli.run import run_comparison
from benchmark.records.files import read_records, write_record
from benchmark.running.compute import Compute
from tests.benchmark.cli.test_run_outcome import GRID, NAMES, World, ended, world

__all__ = ["world"]  # A fixture.


def test_a_run_that_failed_when_it_went_on_is_a_failure_and_keeps_its_record(
    world: Callable[..., World], capsys: pytest.CaptureFixture[str]
) -> None:
    made = world("completed", "failed", "completed")
    for spec in run.plan_runs(GRID):
        write_record(made.out, ended(replace(spec, steps=1), "completed"))
    with_more = replace(GRID, steps=2)
    assert run_comparison(with_more, str(made.out), True, Compute("cpu", 2)) == 1
    told = capsys.readouterr().out
    assert "3 runs, 0 done before, 3 to go on; records" in told
    assert f"failed: {NAMES[1]}: it ended well; when it went on to 2 gradient steps, it" in told
    assert {record.run.steps for record in read_records(made.out)} == {1, 2}


def test_so_is_one_that_had_no_more_time(
    world: Callable[..., World], capsys: pytest.CaptureFixture[str]
) -> None:
    made = world("completed", "failed", "completed")
    for spec in run.plan_runs(GRID):
        write_record(made.out, ended(replace(spec, max_minutes=1), "capped"))
    assert run_comparison(GRID, str(made.out), True, Compute("cpu", 2)) == 1
    told = capsys.readouterr().out
    assert "3 runs, 0 done before, 3 to go on; records" in told
    assert f"failed: {NAMES[1]}: it had no more time; when it went on to" in told
    statuses = {record.run.name: record.status for record in read_records(made.out)}
    assert statuses == dict(zip(NAMES, ("completed", "capped", "completed"), strict=True))
