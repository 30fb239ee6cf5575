"""Runs side by side: every one ends in a record, whatever happens to its process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents import registry
from benchmark.errors import UserError
from benchmark.records.files import RunFiles, read_records
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.running.compute import Compute
from benchmark.running.ray_runner import run_all
from tests.agent_file import AGENT_FILE


def specs(agent_file: Path, agents: Sequence[str]) -> list[RunSpec]:
    return [
        RunSpec("maze2d-umaze", a.lower(), 0, "smoke", 12, 1, source=f"{agent_file}:{a}")
        for a in agents
    ]


@pytest.mark.slow
def test_failing_and_dying_runs_leave_records_and_the_others_go_on(
    agent_file: Path,
    small_umaze: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    # Relative paths, as users write them.
    monkeypatch.setenv("MINARI_DATASETS_PATH", os.path.relpath(small_umaze))
    environment = dict(os.environ)
    # An agent that a notebook has defined, which no other process can import.
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(AGENT_FILE, names)
    monkeypatch.setattr(registry, "_registered", {"typed": names["Pusher"]})
    runs = specs(agent_file, ["Dying", "Broken", "Pusher"])
    runs.append(replace(runs[0], agent="typed", source=None))
    out = tmp_path / "out"
    store = Store(os.path.relpath(out))
    outcome = run_all(runs, store, tmp_path / "shared", Compute("cpu", workers=2))
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("[")]
    records = {record.run.agent: record for record in read_records(out)}
    assert {name: record.status for name, record in records.items()} == {
        "dying": "failed",
        "broken": "failed",
        "pusher": "completed",
        "typed": "completed",
    }
    assert records["typed"].scores == records["pusher"].scores
    assert sorted(r.run.agent for r in outcome.records) == [
        *("broken", "dying", "pusher", "typed"),
    ]
    assert not outcome.stopped and not outcome.unwritten
    assert str(records["dying"].reason).startswith("its process died: ")
    assert "about to die" in RunFiles(out, runs[0].name).log.read_text()
    assert len(lines) == 4 and lines[-1].startswith("[4/4] maze2d-umaze ")
    assert any("broken seed 0: failed: RuntimeError: diverged on purpose" in line for line in lines)
    assert dict(os.environ) == environment


def test_a_cluster_that_is_not_there_is_a_usage_error(agent_file: Path, tmp_path: Path) -> None:
    runs = specs(agent_file, ["Pusher"])
    compute = Compute("cpu", workers=1, address="127.0.0.1:1")
    with pytest.raises(UserError, match="no Ray cluster at --address 127.0.0.1:1 .*ray start"):
        run_all(runs, Store(str(tmp_path / "out")), tmp_path / "shared", compute)
