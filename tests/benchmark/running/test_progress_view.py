"""The view of a command's runs."""

from __future__ import annotations

import io
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.records.record import Record, RunSpec
from benchmark.running import progress_view
from benchmark.running.progress_view import ProgressView, displayed, record_line
from tests.commands import HANG

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=100, episodes=1) for seed in range(4)]
REPORT = {"step": 50, "steps": 100, "loss": 0.12345, "per_second": 12.34, "score": 7.0}


def _record(run: RunSpec, status: str = "completed", **values: Any) -> Record:
    return Record(run, status, "maze2d", seconds={"total": 90.0}, **values)


class Watched(io.StringIO):
    """Tells when a text has been written."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.is_there = text, threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.text in self.getvalue():
            self.is_there.set()
        return written


@pytest.fixture
def half_way(monkeypatch: pytest.MonkeyPatch) -> ProgressView:
    # However long a test takes, it is too early to say how much time is left.
    monkeypatch.setattr(progress_view, "time", SimpleNamespace(monotonic=lambda: 0.0))
    view = ProgressView(RUNS)
    for run in RUNS[:3]:
        view.start(run)
    view.end(_record(RUNS[0], score=1.0))
    view.update(RUNS[1], REPORT)
    return view


def test_the_summary_counts(half_way: ProgressView) -> None:
    assert half_way.summary() == "1 of 4 runs done, 2 running"
    half_way.end(_record(RUNS[1], "diverged", reason="loss was nan"))
    assert half_way.summary() == "2 of 4 runs done, 1 of them without a score, 1 running"


def test_the_time_left_goes_by_what_is_done(
    half_way: ProgressView, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One run of four and half of another took 300 s, so the other five eighths take 500 s.
    monkeypatch.setattr(progress_view.time, "monotonic", lambda: half_way._began + 300)
    assert half_way.summary().endswith("2 running, about 8 min left")


def test_a_capped_run_has_a_score(half_way: ProgressView) -> None:
    half_way.end(_record(RUNS[1], "capped", score=2.0))
    half_way.end(_record(RUNS[2], "failed"))
    assert half_way.summary() == "3 of 4 runs done, 1 of them without a score, 0 running"


@pytest.mark.parametrize(
    ("seconds", "left"),
    # Three eighths of the work are done, so 5/3 of the time is left.
    [
        (14.9, None),
        (15.6, "26 s"),
        (53.0, "88 s"),
        (60.0, "2 min"),
        (600.0, "17 min"),
        (3000.0, "83 min"),
        (5400.0, "2.5 h"),
    ],
)
def test_the_time_left_is_told_as_soon_as_there_is_something_to_go_by(
    half_way: ProgressView, monkeypatch: pytest.MonkeyPatch, seconds: float, left: str | None
) -> None:
    monkeypatch.setattr(progress_view.time, "monotonic", lambda: half_way._began + seconds)
    remaining = f", about {left} left" if left else ""
    assert half_way.summary() == f"1 of 4 runs done, 2 running{remaining}"


def test_nothing_is_told_of_the_time_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = ProgressView(RUNS)
    monkeypatch.setattr(progress_view.time, "monotonic", lambda: view._began + 300)
    assert view.summary() == "0 of 4 runs done, 0 running"


def test_a_loss_and_a_score_of_nothing_are_told_as_such(half_way: ProgressView) -> None:
    half_way.update(RUNS[2], {**REPORT, "step": 1, "steps": 3, "loss": 0.0, "score": 0.0})
    half_way.update(RUNS[1], {**REPORT, "loss": None, "score": None})
    assert half_way.rows() == [
        ("maze2d-umaze/bc/seed-1", "50%", "12.3", "-", "-"),
        ("maze2d-umaze/bc/seed-2", "33%", "12.3", "0", "0.0"),
    ]


def test_running_runs_tell_how_far_they_are(half_way: ProgressView) -> None:
    assert half_way.rows() == [
        ("maze2d-umaze/bc/seed-1", "50%", "12.3", "0.123", "7.0"),
        ("maze2d-umaze/bc/seed-2", "starting", "-", "-", "-"),
    ]


def test_a_run_that_stopped_is_not_done(half_way: ProgressView) -> None:
    half_way.leave(RUNS[1])
    assert half_way.summary() == "1 of 4 runs done, 1 running"


@pytest.mark.parametrize(
    ("status", "values", "text"),
    [
        ("completed", {"score": 12.345}, "score 12.3 (1.5 min)"),
        ("capped", {"score": 2.0, "reason": "no time"}, "score 2.0 (capped): no time (1.5 min)"),
        ("failed", {"reason": "ValueError: x"}, "failed: ValueError: x (1.5 min)"),
    ],
)
def test_an_end_is_one_line(status: str, values: dict[str, Any], text: str) -> None:
    assert record_line(_record(RUNS[2], status, **values)) == f"maze2d-umaze bc seed 2: {text}"


def test_where_nobody_looks_lines_are_plain(
    half_way: ProgressView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_view, "PLAIN_EVERY", 0.0)
    terminal = Watched("  maze2d-umaze/bc/seed-2: ")
    with displayed(half_way, terminal):
        assert terminal.is_there.wait(HANG)
        half_way.end(_record(RUNS[1], score=3.0))
    lines = terminal.getvalue().splitlines()
    assert lines[0] == "[1/4] maze2d-umaze bc seed 0: score 1.0 (1.5 min)"
    assert lines[1].startswith("1 of 4 runs done, 2 running")
    assert "  maze2d-umaze/bc/seed-1: 50%, 12.3 updates/s, loss 0.123, last score 7.0" in lines
    assert lines[-1] == "[2/4] maze2d-umaze bc seed 1: score 3.0 (1.5 min)"


def test_on_a_terminal_the_view_is_live(half_way: ProgressView) -> None:
    class Terminal(Watched):
        def isatty(self) -> bool:
            return True

    terminal = Terminal("75%")
    with displayed(half_way, terminal):
        half_way.update(RUNS[1], {**REPORT, "step": 75})
        assert terminal.is_there.wait(HANG)
    text = terminal.getvalue()
    assert "1 of 4 runs done, 2 running" in text and "maze2d-umaze/bc/seed-1" in text
