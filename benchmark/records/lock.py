"""A lock on a folder, the same on every system; it ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

_LOCK = ".lock"


class LockedError(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def locked(folder: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Keeps other processes out of a folder, if they ask as well; its file goes at the end.

    Args:
        folder: it is made if it is not there.
        waiting: called before the end of another process is waited for; None waits for nobody.

    Raises:
        LockedError: if another process holds it, and `waiting` is None.
        OSError: if the folder cannot be written, or its disk knows no locks.
    """
    # A soft lock, the alternative, would outlive a process that is killed.
    lock = FileLock(folder / _LOCK, fallback_to_soft=False)
    try:
        _acquire(lock, folder, blocking=False)
    except Timeout as error:
        if waiting is None:
            raise LockedError(f"{folder} is held by another process") from error
        waiting()
        _acquire(lock, folder, blocking=True)
    try:
        yield
    finally:
        _release(lock, folder / _LOCK)


def _acquire(lock: BaseFileLock, folder: Path, *, blocking: bool) -> None:
    while not lock.is_locked:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # Who held it has removed the folder.
            lock.acquire(blocking=blocking)


def _release(lock: BaseFileLock, file: Path) -> None:
    if os.name == "posix":
        file.unlink(missing_ok=True)  # Whoever waits for a file that is gone makes a new one.
        lock.release()
    else:
        lock.release()
        with contextlib.suppress(OSError):  # No file goes that somebody has open.
            file.unlink(missing_ok=True)
