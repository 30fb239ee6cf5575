"""Requests to end: Ctrl-C, SIGTERM of a batch system or `kill`, SIGHUP of a terminal that closes.

All are answered alike. What ends is asked first, so that runs save where they are; only a second
Ctrl-C ends all at once, as the other signals often come several times. A signal that the user had
ignored from the start, as `nohup` does, stays ignored.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# SIGHUP is not there on Windows.
_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_HANGUP = {number for number in _ENDS if number != signal.SIGTERM}


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, a request to end raises KeyboardInterrupt, as Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        _ignore_ends()  # What tidies up now is not to be interrupted again.
        raise KeyboardInterrupt

    with _handlers(dict.fromkeys(_ENDS, interrupt)):
        yield


@contextlib.contextmanager
def stops_politely(request: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Within the block, the first request to end makes a file; a second Ctrl-C interrupts.

    Args:
        request: the file; runs that see it save where they are and end.
        say: gets a line for people.
    """

    def ask(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not request.exists():
            request.touch()
            say("\nstopping: running trials save where they are (Ctrl-C again: stop at once)")

    with _handlers(dict.fromkeys((signal.SIGINT, *_ENDS), ask)):
        yield
    if request.exists():
        _ignore_ends()  # The report is still to be made.


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """For starting Ray: its processes outlive a terminal, and no handler of ours is replaced.

    Ray ends its processes itself; those that end with the terminal could not save any more.
    """
    if not _in_main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _HANGUP) if _HANGUP else set()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
        if _HANGUP:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _ignore_ends() -> None:
    """From now to the end of the outermost block: more signals of this kind change nothing."""
    for number in _ENDS:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def _handlers(wanted: Mapping[Any, Callable[[int, object], None]]) -> Iterator[None]:
    """Sets handlers of signals, and puts back those before; signals reach the main thread only."""
    before = {number: signal.getsignal(number) for number in wanted} if _in_main_thread() else {}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, wanted[number])
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: of a compiled library.


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
