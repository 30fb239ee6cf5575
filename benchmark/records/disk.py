"""Disks: whether they can be written and have room, before work starts, and what to say if not."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from benchmark.errors import UserError
from benchmark.records.store import PROTOCOL

OUT_MIB, TEMP_MIB = 100, 200
"""Room that a command wants: weights, checkpoints and logs; what Ray and libraries put aside."""

# Unix sockets have names of up to 107 bytes. Ray's lie deep below its folder:
_DEEP = "/mage-ray-12345678/session_2026-01-01_00-00-00_123456_1234567/sockets/plasma_store"
_LONGEST = 107 - len(_DEEP)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR, errno.ENAMETOOLONG}
# Of libraries whose errors are not the system's.
_FULL_WORDS = ("No space left on device", "Disk quota exceeded", "os error 28")


def use_temp(folder: Path | None) -> None:
    """Makes a folder the temporary one, here and in the processes that are started; None: as it is.

    Raises:
        UserError: if it cannot be, or the one that `TMPDIR` names cannot, or has too little room.
    """
    if folder is not None:
        os.environ["TMPDIR"] = str(folder.absolute())
        tempfile.tempdir = None  # Found anew when it is next asked for.
    if named := os.environ.get("TMPDIR"):
        _check_written(Path(named), "temporary folder", "--temp DIR or TMPDIR")
    temp = _temporary()
    _check_room(temp, TEMP_MIB, "temporary folder", "--temp DIR or TMPDIR")
    _check_room(socket_temp(), TEMP_MIB, "temporary folder", "--temp DIR or TMPDIR")


def _temporary() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise UserError(
            f"no temporary folder can be written ({error.strerror}); choose one with --temp DIR or "
            "TMPDIR"
        ) from error


def socket_temp() -> Path:
    """A temporary folder whose name is short enough for sockets below it: the usual one, or /tmp.

    Raises:
        UserError: if there is none.
    """
    chosen = _temporary()
    for folder in (chosen, Path("/tmp"), Path("/var/tmp")):
        if len(os.fsencode(folder)) <= _LONGEST and _written(folder) is None:
            return folder
    raise UserError(
        f"temporary folder {chosen} has too long a name for the sockets of Ray, and /tmp cannot be "
        f"written; choose one of up to {_LONGEST} bytes with --temp DIR or TMPDIR"
    )


def check_writable(out: Path) -> None:
    """Tries whether the output folder can be written, and leaves nothing behind.

    Raises:
        UserError: if it cannot, is a URL, or its disk has too little room.
    """
    _refuse_url(out)
    nearest = _nearest(out)
    if error := _written(nearest):
        raise UserError(
            f"output folder {out} cannot be written ({error.strerror}: {nearest}); choose another "
            "with --out FOLDER"
        ) from error
    _check_room(out, OUT_MIB, "output folder", "--out FOLDER")


def check_writable_file(path: Path) -> None:
    """Tries whether a file can be written, of which the folder may be missing.

    Raises:
        UserError: if it cannot, or is a URL.
    """
    _refuse_url(path)
    if path.is_dir():
        raise UserError(f"--out {path} is a folder; valid: the name of a file, such as times.csv")
    check_writable(path.parent)


def _refuse_url(path: Path) -> None:
    """A URL would become a folder of that name; a path has lost one of its two slashes."""
    first, *rest = path.parts or ("",)
    if re.fullmatch(f"{PROTOCOL}:", first):
        raise UserError(
            f"--out {first}//{'/'.join(rest)} is a URL; valid here: a file or folder of this "
            "machine"
        )


def _nearest(folder: Path) -> Path:
    """The folder, or else the first above it that is there; a link that leads nowhere is there."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def why_not_written(folder: Path) -> OSError | None:
    """Why no file can be made in a folder, or the first above it that is there; None if one can."""
    return _written(_nearest(folder))


def _written(folder: Path) -> OSError | None:
    """Why no file can be made in a folder; None if one can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0")
    except OSError as error:
        return error
    return None


def _check_written(folder: Path, what: str, option: str) -> None:
    if error := _written(folder):
        raise UserError(
            f"{what} {folder} cannot be written ({error.strerror}); choose another with {option}"
        ) from error


def _check_room(folder: Path, needed: int, what: str, option: str) -> None:
    room = free_mib(folder)
    if room is not None and room < needed:
        raise UserError(
            f"{what} {folder} has {room:,} MiB left on its disk, {needed - room:,} MiB fewer than "
            f"the {needed} MiB that are needed; free some, or choose another with {option}"
        )


def free_mib(folder: Path) -> int | None:
    """MiB left on a folder's disk; None where no system tells."""
    try:
        return shutil.disk_usage(_nearest(folder)).free >> 20
    except OSError:
        return None


def disk_trouble(error: BaseException, *folders: Path) -> str | None:
    """The way out of an error that is a disk's, with the room there is; None for any other error.

    Args:
        error: whatever was raised.
        folders: where the file may lie, if the error does not say.
    """
    number = getattr(error, "errno", None)
    if number in _FULL or any(words in str(error) for words in _FULL_WORDS):
        named = getattr(error, "filename", None)
        places = [Path(os.fsdecode(named))] if isinstance(named, (str, bytes)) else list(folders)
        left = ", ".join(f"{place}: {free_mib(place)} MiB left" for place in places)
        return f"free some space, raise the quota, or use another disk ({left})"
    if number in _REFUSED:
        return "use a place that can be written"
    return None
