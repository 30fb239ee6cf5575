"""Work beside other work: it goes on until that ends, and not after it."""

from __future__ import annotations

import threading

import pytest

from benchmark.records.repeat import repeated
from tests.commands import HANG


def test_work_is_repeated_until_the_block_ends_however_it_does() -> None:
    done: list[threading.Thread] = []
    often = threading.Event()

    def work() -> None:
        done.append(threading.current_thread())
        if len(done) >= 3:
            often.set()

    def end() -> None:
        with repeated(work, 0.001):
            assert often.wait(HANG)
            raise ValueError("the end")

    with pytest.raises(ValueError, match="the end"):
        end()
    (thread,) = set(done)
    assert thread is not threading.current_thread() and not thread.is_alive()


def test_work_begins_after_the_first_wait() -> None:
    done: list[int] = []
    with repeated(lambda: done.append(1), 60):
        pass
    assert not done
