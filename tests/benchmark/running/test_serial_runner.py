"""Runs one after another in this process: every one ends in a record, and nothing is redirected."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from benchmark.records import system
from benchmark.records.files import RunFiles, read_records
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running import serial_runner
from benchmark.running.compute import Compute, Outcome
from benchmark.running.serial_runner import run_all

HERE = Compute("cpu", workers=0)

# Asks for the end of the command, as Ctrl-C does, at one gradient step.
INTERRUPTED = """
import signal

import benchmark.running.monitor


class Once(Slow):
    times = 1

    def __init__(self, task, settings, device):
        super().__init__(task, {"seconds": 0.0}, device)
        benchmark.running.monitor._CHECK_EVERY = 0.0

    def fit(self, dataset, *, steps, seed, progress):
        def interrupted(step, losses):
            if step == 4:
                for _ in range(self.times):
                    signal.raise_signal(signal.SIGINT)
            progress(step, losses)

        super().fit(dataset, steps=steps, seed=seed, progress=interrupted)


class Never(Once):
    times = 0


class Twice(Once):
    times = 2


class Talking(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        print("I am learning")
        super().fit(dataset, steps=steps, seed=seed, progress=progress)


class Debugged(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        import bdb

        raise bdb.BdbQuit
"""


@pytest.fixture
def agents(agent_file: Path, short_umaze: Path) -> Path:
    with agent_file.open("a", encoding="utf-8") as file:
        file.write(INTERRUPTED)
    return agent_file


def specs(file: Path, names: Sequence[str]) -> list[RunSpec]:
    return [
        RunSpec("maze2d-umaze", name.lower(), 0, "smoke", 12, 1, source=f"{file}:{name}")
        for name in names
    ]


def run(runs: Sequence[RunSpec], out: Path, compute: Compute = HERE) -> Outcome:
    return run_all(runs, Store(str(out)), out.parent / "shared", compute)


def by_agent(out: Path) -> dict[str, Record]:
    return {record.run.agent: record for record in read_records(out)}


def test_each_run_has_a_record_and_what_it_prints_goes_to_the_terminal(
    agents: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = tmp_path / "out"
    runs = specs(agents, ["Broken", "Talking"])
    torch.set_num_threads(2)
    outcome = run(runs, out)
    assert torch.get_num_threads() == 2, "as before"
    records = by_agent(out)
    assert [record.run for record in outcome.records] == runs and not outcome.stopped
    assert (records["broken"].status, records["talking"].status) == ("failed", "completed")
    printed = capfd.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith("[1/2] maze2d-umaze broken seed 0: failed: RuntimeError: diverged")
    assert lines[1] == "I am learning" and lines[2].startswith("[2/2] maze2d-umaze talking seed 0")
    assert "RuntimeError: diverged on purpose" in printed.err
    broken, talking = (RunFiles(out, one.name).log.read_text() for one in runs)
    first = "This run shares the process of its command (--workers 0): what it prints goes to the "
    assert broken.startswith(first) and talking.startswith(first)
    assert broken.rstrip().endswith("RuntimeError: diverged on purpose")
    assert talking.count("\n") == 1
    assert not RunFiles(out, runs[1].name).checkpoint.exists()
    assert not list(tmp_path.glob("mage-stop-*"))


def test_the_first_ctrl_c_saves_and_a_resumed_run_ends_as_one_that_was_not_interrupted(
    agents: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    once, never = specs(agents, ["Once", "Never"])
    before = signal.getsignal(signal.SIGINT)
    outcome = run([once, never], out)
    assert outcome.stopped and not outcome.records and not by_agent(out)
    assert "stopping: running trials save where they are" in capfd.readouterr().out
    assert signal.getsignal(signal.SIGINT) == before
    resumed, whole = run([once, never], out).records
    assert (resumed.status, resumed.resumed_at, whole.resumed_at) == ("completed", [4], [])
    assert (resumed.returns, resumed.curve) == (whole.returns, whole.curve)


def test_the_second_ctrl_c_ends_at_once(agents: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(specs(agents, ["Twice", "Pusher"]), tmp_path / "out")
    assert by_agent(tmp_path / "out") == {}


def test_who_quits_the_debugger_of_a_breakpoint_stops_before_the_next_run(
    agents: Path, tmp_path: Path
) -> None:
    outcome = run(specs(agents, ["Debugged", "Pusher"]), tmp_path / "out")
    assert outcome.stopped and by_agent(tmp_path / "out") == {}


@pytest.mark.parametrize("quits", [False, True])
def test_the_debugger_opens_at_an_error_and_at_a_loss_that_is_no_number(
    agents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quits: bool
) -> None:
    opened: list[str] = []

    def debug_error(run: RunSpec, error: BaseException) -> bool:
        opened.append(f"{run.agent}: {error}")
        return quits

    monkeypatch.setattr(serial_runner, "debug_error", debug_error)
    runs = specs(agents, ["Broken", "NaN", "Pusher"])
    outcome = run(runs, tmp_path / "out", Compute("cpu", 0, debugger=True))
    statuses = {name: record.status for name, record in by_agent(tmp_path / "out").items()}
    if quits:
        assert statuses == {"broken": "failed"} and outcome.stopped
        return
    assert statuses == {"broken": "failed", "nan": "diverged", "pusher": "completed"}
    assert opened == ["broken: diverged on purpose", "nan: loss was nan at gradient step 3"]


def test_peak_memory_is_that_of_the_run_or_is_not_given(
    agents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reset = system.reset_peak_memory
    if not reset():
        pytest.skip("this system resets it for no process")
    large = bytearray(400 * 2**20)
    large[:: 2**12] = b"x" * len(large[:: 2**12])
    before = system.peak_memory_mb()
    del large
    able = iter([True, False])
    monkeypatch.setattr(system, "reset_peak_memory", lambda: next(able) and reset())
    own, unknown = run(specs(agents, ["Pusher", "Talking"]), tmp_path / "out").records
    assert before is not None and own.peak_memory_mb is not None
    assert 50 < own.peak_memory_mb < before - 200, "not what the process took before"
    assert unknown.peak_memory_mb is None and unknown.status == "completed"


def test_a_place_that_cannot_be_reached_is_a_failed_run_and_the_others_go_on(
    agents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = specs(agents, ["Pusher", "Talking"])

    def gone(self: Store, pattern: str) -> None:
        if "pusher" in pattern:
            raise ConnectionError("no route")

    monkeypatch.setattr(Store, "pull", gone)
    run(runs, tmp_path / "out")
    records = by_agent(tmp_path / "out")
    assert records["pusher"].reason == "ConnectionError: no route"
    assert records["pusher"].machine and records["talking"].status == "completed"


def test_numpy_computes_in_one_thread_as_in_a_process_of_ray() -> None:
    def threads() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        assert threads() == {2}
        with serial_runner._threads_of_trials():
            assert threads() == {1}
        assert threads() == {2}
