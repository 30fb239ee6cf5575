"""What comes before and after training; `tests/benchmark/cli/test_run_outcome.py` has the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.errors import UserError
from benchmark.running.comparison import check_reference, trained
from benchmark.running.compute import Compute
from benchmark.running.grid import Grid
from benchmark.tasks import TASKS
from tests.benchmark.synthetic_records import completed, written

GRID = Grid([TASKS["maze2d-umaze"]], [AgentChoice("random")], [0], "smoke", data="local")


def test_the_place_is_claimed_until_the_block_ends(small_umaze: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    out, compute = str(tmp_path / "out"), Compute("cpu", 0)
    with trained(GRID, out, False, compute, None, lines.append) as done:
        assert [run.name for run in done.runs] == ["maze2d-umaze/random/seed-0"]
        assert [record.status for record in done.outcome.records] == ["completed"]
        with (
            pytest.raises(UserError, match="is in use by another run"),
            trained(GRID, out, True, compute, None, lines.append),
        ):
            pass
    with trained(GRID, out, True, compute, None, lines.append) as again:
        assert len(again.runs) == 1 and not again.outcome.records
    assert lines[-1] == f"1 run, 1 done before; records go to {out}"


def test_a_reference_has_a_run_now_or_from_before(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", completed("maze2d-umaze", "iql", 0, 3.0))
    for name in (None, "random", "iql"):
        check_reference(name, GRID, folder)
    with pytest.raises(UserError, match="unknown agent in --reference 'bc'; valid: iql, random"):
        check_reference("bc", GRID, folder)
