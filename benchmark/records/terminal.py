"""Output that cannot be told ends nothing: a closed pipe, a closed terminal, a full disk behind it.

Whoever starts `... | head` or closes a terminal has seen enough, but still wants the results.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TextIO

_STREAMS = {1: "stdout", 2: "stderr"}
_NOBODY_READS = (errno.EPIPE, errno.EIO)


class _ForgivingFile(io.FileIO):
    """A file whose writes always seem to succeed."""

    _warned = False

    def write(self, data: object) -> int:
        """See `io.RawIOBase`; says once on standard error if the reader is there and space not."""
        try:
            return super().write(data)  # type: ignore[arg-type]  # Whatever a buffer hands on.
        except OSError as error:
            if error.errno not in _NOBODY_READS and not self._warned:
                self._warned = True
                with contextlib.suppress(OSError):
                    os.write(2, f"output cannot be written: {error.strerror}\n".encode())
            return memoryview(data).nbytes  # type: ignore[arg-type]


def open_forgiving(descriptor: int, encoding: str = "utf-8") -> TextIO:
    """A stream of text to an open descriptor, which it leaves open; no write to it fails.

    What the encoding does not know is written with escapes.
    """
    buffer = io.BufferedWriter(_ForgivingFile(descriptor, "w", closefd=False))
    return io.TextIOWrapper(
        buffer, encoding, errors="backslashreplace", line_buffering=os.isatty(descriptor)
    )


def forgive_output() -> None:
    """Makes standard output and error of this process forgiving, also where they are closed."""
    for descriptor in (0, *_STREAMS):
        _open_if_closed(descriptor)
    for descriptor, name in _STREAMS.items():
        stream = getattr(sys, name)
        if stream is None or _descriptor(stream) == descriptor:
            with contextlib.suppress(AttributeError, OSError):
                stream.flush()
            encoding = getattr(stream, "encoding", "utf-8")
            setattr(sys, name, open_forgiving(descriptor, encoding))


def _open_if_closed(descriptor: int) -> None:
    """Else the next file that is opened would take its place, and get what is printed."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null == descriptor:
            os.set_inheritable(null, True)
        else:
            os.dup2(null, descriptor)
            os.close(null)


def _descriptor(stream: TextIO) -> int | None:
    """None for a stream that somebody has put in the place of a real one."""
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
