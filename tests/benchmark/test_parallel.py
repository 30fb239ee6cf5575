"""Runs side by side: every one ends in a record, whatever happens to its process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmark.parallel import describe, run_all
from benchmark.record import Record, RunSpec, read_records
from benchmark.trial import log_path


def specs(agent_file: Path, agents: Sequence[str]) -> list[RunSpec]:
    return [
        RunSpec("maze2d-umaze", a.lower(), 0, "smoke", 12, 1, source=f"{agent_file}:{a}")
        for a in agents
    ]


def test_failing_and_dying_runs_leave_records_and_the_others_go_on(
    agent_file: Path, small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Relative paths, as users write them.
    monkeypatch.setenv("MINARI_DATASETS_PATH", os.path.relpath(small_umaze))
    environment = dict(os.environ)
    runs = specs(agent_file, ["Dying", "Broken", "Pusher"])
    lines: list[str] = []
    out = tmp_path / "out"
    returned = run_all(runs, Path(os.path.relpath(out)), "cpu", workers=2, report=lines.append)
    found = {record.run.agent: record for record in read_records(out)}
    assert {name: record.status for name, record in found.items()} == {
        "dying": "failed",
        "broken": "failed",
        "pusher": "completed",
    }
    assert sorted(r.run.agent for r in returned) == ["broken", "dying", "pusher"]
    assert str(found["dying"].reason).startswith("the process of the run died: ")
    assert "about to die" in log_path(out, runs[0]).read_text()
    assert len(lines) == 3 and lines[-1].startswith("[3/3] maze2d-umaze ")
    assert any("broken seed 0: failed: RuntimeError: diverged on purpose" in line for line in lines)
    assert dict(os.environ) == environment


def test_a_run_is_described_in_one_line() -> None:
    run = RunSpec("maze2d-umaze", "bc", 2, "smoke", steps=1, episodes=1)
    done = Record(run, "completed", "maze2d", score=12.345, seconds={"total": 90.0})
    assert describe(done) == "maze2d-umaze bc seed 2: score 12.3 (1.5 min)"
    failed = Record(run, "failed", "maze2d", reason="ValueError: x", seconds={"total": 6.0})
    assert describe(failed) == "maze2d-umaze bc seed 2: failed: ValueError: x (0.1 min)"
