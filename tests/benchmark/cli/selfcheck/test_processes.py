"""The real command and the agent alone, as they are timed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.cli.selfcheck import processes
from benchmark.errors import UserError
from benchmark.interface import TaskSettings
from benchmark.records.files import write_record
from benchmark.records.record import Record, RunSpec

RUN = RunSpec("maze2d-umaze", "noting", 1, "quick", 900, 50)


class Process:
    """Notes how it was started; takes 20 s to its end, 8 s of them to its first gradient step."""

    started: Any
    clock: Any
    returncode = 0

    def __init__(self, words: list[str], **options: Any) -> None:
        Process.started = words

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def communicate(self) -> tuple[str, None]:
        folder = Path(self.started[self.started.index("--out") + 1]).parent
        (folder / "first-step").write_text(str(self.clock.now + 8))
        self.clock.now += 20
        write_record(folder / "out", Record(RUN, "completed", "maze2d"))
        return "its last words", None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = SimpleNamespace(now=1000.0)
    Process.clock, Process.returncode = made, 0
    monkeypatch.setattr(processes, "time", SimpleNamespace(time=lambda: made.now))
    monkeypatch.setattr(processes.subprocess, "Popen", Process)
    return made


def test_a_command_is_timed_from_its_start(clock: Any, tmp_path: Path) -> None:
    tmp_path.joinpath("first-step").write_text("1")  # Of an earlier one.
    found = processes.command(tmp_path, 900, 4, 2, "--resume")
    assert (found.seconds, found.first_step) == (20, 8)
    assert [record.run for record in found.records] == [RUN]
    words = Process.started
    assert words[:3] == [sys.executable, "-m", "benchmark.run"] and words[-1] == "--resume"
    options = dict(zip(words[3:-1:2], words[4:-1:2], strict=True))
    assert options == {
        **{"--tasks": "maze2d-umaze", "--agents": f"{tmp_path}/noting_mage.py:Noting"},
        **{"--seeds": "4", "--steps": "900", "--episodes": "50", "--workers": "2"},
        **{"--preset": "quick", "--data": "local", "--device": "cpu"},
        **{"--out": f"{tmp_path}/out"},
    }


def test_a_command_that_fails_is_no_measurement(clock: Any, tmp_path: Path) -> None:
    Process.returncode = 1
    with pytest.raises(UserError, match="the command ended with 1: its last words"):
        processes.command(tmp_path, 900, 1, 1)


def test_the_agent_alone_does_what_its_run_does(
    monkeypatch: pytest.MonkeyPatch, tiny_task: Any
) -> None:
    seen: list[Any] = []
    now = SimpleNamespace(seconds=5.0)

    class Agent:
        presets = {"quick": {"steps": 1, "width": 3}}  # noqa: RUF012
        task_settings = (TaskSettings("maze2d-umaze", {"pairs": 16}, "test", "quick"),)

        def __init__(self, task: Any, settings: dict[str, Any], device: str) -> None:
            seen.append((settings["width"], settings["pairs"], device))
            now.seconds += 100

        def fit(self, dataset: Any, *, steps: int, seed: int, progress: Any) -> None:
            seen.append((dataset, steps, seed))
            now.seconds += 30

    @contextmanager
    def pool(task: Any) -> Iterator[str]:
        yield task.name

    def evaluate(agent: Any, pool: str, seeds: list[int]) -> None:
        seen.append((pool, len(seeds), seeds[0]))
        now.seconds += 9

    monkeypatch.setattr(processes, "time", SimpleNamespace(perf_counter=lambda: now.seconds))
    monkeypatch.setattr("torch.set_num_threads", seen.append)
    monkeypatch.setattr(processes, "load", lambda task, info, data: SimpleNamespace(dataset=data))
    monkeypatch.setattr(processes, "task_info", lambda task: tiny_task)
    for module in ("agents.settings", "cli.selfcheck.processes"):
        monkeypatch.setattr(f"benchmark.{module}.agent_class", {"mage": Agent}.get)
    monkeypatch.setattr(processes, "EnvironmentPool", pool)
    monkeypatch.setattr(processes, "evaluate", evaluate)
    assert processes.bare_run(900) == 39
    # With the settings of the task in `quick`, one of which is 16 pairs.
    assert seen == [1, (3, 16, "cpu"), ("local", 900, 0), ("maze2d-umaze", 50, 1_000_000)]
