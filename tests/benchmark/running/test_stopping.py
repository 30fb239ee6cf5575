"""Requests to end: each signal asks once, a second Ctrl-C interrupts, what is ignored stays so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.running.stopping import interruptible, shielded, stops_politely

ENDS = (signal.SIGTERM, signal.SIGHUP)
ALL = (signal.SIGINT, *ENDS)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[list[object]]:
    """Handlers as they are in a command; those of the tests are put back."""
    before = [signal.signal(number, signal.SIG_DFL) for number in ENDS]
    yield before
    for number, handler in zip(ENDS, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDS)
def test_a_signal_interrupts_as_ctrl_c_does_and_only_once(number: int) -> None:
    tidied: list[int] = []

    def work() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)
            tidied.append(number)

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()
    assert tidied == [number]
    assert [signal.getsignal(each) for each in ENDS] == [signal.SIG_DFL] * 2


def test_what_the_user_has_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


@pytest.mark.parametrize("number", ALL)
def test_the_first_signal_asks_and_only_ctrl_c_insists(tmp_path: Path, number: int) -> None:
    lines: list[str] = []
    stop = tmp_path / "stop"
    before = signal.getsignal(signal.SIGINT)

    def work() -> None:
        assert not stop.exists()
        signal.raise_signal(number)
        assert stop.exists()
        for each in (*ENDS, *ENDS):  # They often come several times.
            signal.raise_signal(each)
        lines.append("goes on:")
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), stops_politely(stop, lines.append):
        work()
    assert [line.strip().partition(":")[0] for line in lines] == ["stopping", "goes on"]
    assert signal.getsignal(signal.SIGINT) == before


def test_the_report_that_follows_is_not_interrupted(tmp_path: Path) -> None:
    with interruptible():
        with stops_politely(tmp_path / "stop", lambda line: None):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_without_a_request_the_next_one_interrupts(tmp_path: Path) -> None:
    def work() -> None:
        with stops_politely(tmp_path / "stop", lambda line: None):
            pass
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()


def test_handlers_of_ours_are_not_replaced_and_children_outlive_the_terminal() -> None:
    got: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, frame: got.append(number))
    with shielded():
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
        os.kill(os.getpid(), signal.SIGHUP)
        hang_up = "import os, signal; os.kill(os.getpid(), signal.SIGHUP); print('alive')"
        done = subprocess.run([sys.executable, "-c", hang_up], capture_output=True, text=True)
        assert done.stdout == "alive\n"
    assert got == [signal.SIGHUP], "it is not lost"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_outside_the_main_thread_nothing_is_set(tmp_path: Path) -> None:
    done: list[bool] = []

    def work() -> None:
        with interruptible(), shielded(), stops_politely(tmp_path / "stop", print):
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
