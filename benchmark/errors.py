"""Errors that are answered with one message instead of a traceback."""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable

# A file or folder that is not there is damage; what else the system refuses is its own trouble.
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
_MOST_LISTED = 15  # Names in one message; of more, only the nearest help.

LISTING = "python -m benchmark.run --list"
"""The command that prints every task, suite, agent and preset."""


class UserError(Exception):
    """Something the user asked for cannot be done; the command line exits with 2.

    The message names the value, what would be valid, and the way out.
    """


class TooNewError(UserError):
    """What is to be read was written by a later version of this program."""


class UnsuitableTaskError(ValueError):
    """An agent cannot be made for a task, whatever its settings; its `__init__` raises this."""


class DatasetError(Exception):
    """A dataset cannot be had; its runs are recorded with this status.

    Attributes:
        status: of `Record`.
        reason: what is wrong, in one line.
        remedy: what the user can do, in one line.
    """

    status = "no-dataset"

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[DatasetError], tuple[str, str]]:
        return type(self), (self.reason, self.remedy)


class BadDatasetError(DatasetError):
    """A dataset is there, but damaged, altered, in use, or of another form than its task's."""

    status = "failed"


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, listing: str | None = None
) -> UserError:
    """The error for a name that is in no table: it says which one was meant, and which there are.

    Args:
        kind: what it should be the name of.
        name: as it was written.
        known: the names in the table.
        listing: the command that prints the table; it is named in place of many names.
    """
    valid = sorted(known)
    close = " or ".join(map(repr, nearest_names(name, valid)))
    hint = f"; did you mean {close}?" if close else ""
    if listing is None or len(valid) <= _MOST_LISTED:
        return UserError(f"unknown {kind} {name!r}; valid: {', '.join(valid)}{hint}")
    return UserError(f"unknown {kind} {name!r}{hint} ({listing} prints all {len(valid)})")


def nearest_names(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names that may have been meant, the nearest first.

    A name has to be written exactly. Here alone case and punctuation do not count: `IQL` leads to
    `iql`, `TD3+BC` to `td3bc`, and `maze2d` to the names that it is a part of.

    Args:
        name: as it was written; it may be a glob.
        known: the names in the table.
        most: so many at most.
    """
    plain = {_plain(one): one for one in known}
    asked = _plain(name)
    if not asked or asked in plain:
        return [plain[asked]] if asked else []
    around = [one for one in plain if asked in one]
    near = around or difflib.get_close_matches(asked, plain, n=most)
    return [plain[one] for one in near[:most]]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def too_new(what: str) -> TooNewError:
    """The error for a file that this version is too old to read."""
    return TooNewError(
        f"{what} was written by a later version of mage-bench than this one, which cannot read it; "
        "update mage-bench, or choose another --out"
    )


def is_of_machine(error: BaseException) -> bool:
    """Whether a file could not be read for the machine's sake: then nothing is wrong with the file.

    It may not be read, is in use, lies on a disk that is not there, or is too much for the memory.
    """
    if isinstance(error, OSError):
        return error.errno is not None and error.errno not in _MISSING
    # By its name: a command that answers at once does without torch.
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def one_line(error: BaseException) -> str:
    """The message of somebody else's error, on one line and not too long."""
    text = " ".join(printable(str(error)).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:157]}..."


def with_type(error: BaseException) -> str:
    """The same after the type, which is all there is where an error has no message."""
    name, line = type(error).__name__, one_line(error)
    return name if line == name else f"{name}: {line}"


def shown(value: object) -> str:
    """Somebody else's value, on one line and not too long."""
    try:
        text = " ".join(printable(repr(value)).split())
    except Exception:  # Python prints no integer of thousands of digits; others may do anything.
        return f"an object of type {type(value).__name__} that cannot be printed"
    return text if len(text) <= 160 else f"{text[:157]}..."


def printable(text: str) -> str:
    """Text from outside, such as a name of a file, with escapes for what cannot be shown.

    That is what is not UTF-8, and control characters, which may colour or clear a terminal.
    """
    escaped = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if escaped.isprintable():
        return escaped
    return "".join(
        character
        if character.isprintable() or character.isspace()
        else character.encode("unicode_escape").decode()
        for character in escaped
    )
