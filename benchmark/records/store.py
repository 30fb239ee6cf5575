"""Where results are kept: a local folder, or any place that fsspec can reach, such as a bucket.

Work is always done in a local folder. For a place elsewhere that is a temporary one, from which
whatever is finished is copied: by the process that finished it, on whatever machine that runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.errors import UserError, one_line
from benchmark.records.lock import LockedError, locked
from benchmark.records.repeat import repeated

PROTOCOL = "[A-Za-z][A-Za-z0-9+.-]+"
"""What stands before the colon of a URL: longer than the letter of a disk."""

_CLAIM = "in-use.json"
# Of a folder that is to take another's place, and of a file that is there while it does, and is
# whole. To replace a folder takes many steps at a remote place, and all may end between two.
_NEW, _WHOLE = ".new", ".new-is-whole"
_BEAT, _DEAD = 10.0, 60.0  # Seconds: how often a claim is renewed, after how long it is void.
_HALF_WRITTEN = 1.0  # After so many seconds a claim that is being renewed is whole again.


class Store:
    """A place for results; use it in a `with` block.

    Args:
        location: a path, or a URL such as `s3://bucket/folder` or `file:///folder`.

    Attributes:
        folder: the local folder.
        is_remote: whether it is only a copy.

    Raises:
        UserError: for a URL whose protocol fsspec does not support.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self.is_remote = "://" in location
        self.folder = Path(location)
        if self.is_remote:
            self._files, self._root = _connect(location)
            self.folder = Path(tempfile.mkdtemp(prefix="mage-out-"))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.is_remote:
            shutil.rmtree(self.folder, ignore_errors=True)

    def pull(self, pattern: str) -> None:
        """Copies what a glob matches from the remote place, files and whole folders."""
        if not self.is_remote:
            return
        wanted = {str(source): source for source in self._files.glob(f"{self._root}/{pattern}")}
        # Who pushed a folder may have died while it took the place of the one before.
        marks = self._files.glob(f"{self._root}/{pattern}{_WHOLE}")
        places = [str(mark).removesuffix(_WHOLE) for mark in marks]
        wanted |= {place: place + _NEW for place in places}
        for name, source in wanted.items():
            target = self.folder / name[len(self._root) :].lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            is_folder = self._files.isdir(source)
            if is_folder:  # It would be put into one that is there.
                shutil.rmtree(target, ignore_errors=True)
            self._files.get(source, str(target), recursive=is_folder)

    def push(self, *paths: Path) -> None:
        """Copies files and whole folders, as far as they are there, to the remote place.

        What was there before is replaced, a folder when the new one is there as a whole; what is
        not there any more is removed.
        """
        if not self.is_remote:
            return
        for path in paths:
            target = f"{self._root}/{path.relative_to(self.folder).as_posix()}"
            if path.is_dir():
                self._push_folder(path, target)
            elif path.exists():
                self._put(path, target)
            else:
                for place in (target, target + _WHOLE, target + _NEW):
                    self._remove(place)

    def _push_folder(self, folder: Path, target: str) -> None:
        """Puts a folder beside the one of before, and then into its place."""
        if self._files.exists(target + _WHOLE):
            self._replace(target)
        self._remove(target + _NEW)
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        for file in files:
            self._put(file, f"{target}{_NEW}/{file.relative_to(folder).as_posix()}")
        if not files:
            self._remove(target)
            return
        self._files.pipe_file(target + _WHOLE, b"")
        self._replace(target)

    def _replace(self, target: str) -> None:
        """Gives a folder that is whole the place of the one before."""
        self._remove(target)
        self._files.cp(target + _NEW, target, recursive=True)
        self._remove(target + _WHOLE)
        self._remove(target + _NEW)

    def _remove(self, target: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._files.rm(target, recursive=True)

    def _put(self, file: Path, target: str) -> None:
        self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
        try:
            self._files.put_file(str(file), target)
        except BaseException:  # Half of a file is worse than none.
            with contextlib.suppress(Exception):
                self._files.rm_file(target)
            raise

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Keeps a second command from writing to the same place at the same time.

        The claim on a local folder ends with the process, however it ends. One on a remote place
        that is not renewed, because its process was killed, is void after a minute.

        Raises:
            UserError: if another command holds the place, or a remote one cannot be written.
        """
        with self._claimed_remotely() if self.is_remote else self._claimed_here():
            yield

    @contextlib.contextmanager
    def _claimed_here(self) -> Iterator[None]:
        try:
            with locked(self.folder):
                yield
        except LockedError as error:
            raise UserError(
                f"output folder {self.location} is in use by another run of the benchmark; wait "
                "for its end or choose another --out"
            ) from error
        finally:
            with contextlib.suppress(OSError):
                self.folder.rmdir()  # Goes only if nothing was written.

    @contextlib.contextmanager
    def _claimed_remotely(self) -> Iterator[None]:
        claim = f"{self._root}/{_CLAIM}"

        def renew() -> None:
            holder = {"machine": platform.node(), "process": os.getpid(), "time": time.time()}
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(claim, json.dumps(holder).encode())

        def try_to_renew() -> None:
            with contextlib.suppress(OSError):
                renew()

        try:
            self._check_free(claim)
            renew()
        except OSError as error:
            raise UserError(
                f"output folder {self.location} cannot be written ({one_line(error)}); choose "
                "another with --out FOLDER"
            ) from error
        try:
            with repeated(try_to_renew, _BEAT):
                yield
        finally:
            with contextlib.suppress(OSError):  # It is void after a minute, and hides no error.
                self._files.rm_file(claim)

    def _holder(self, claim: str) -> dict[str, Any] | None:
        """Who holds a claim; None for one that tells nothing, or that is gone."""
        try:
            holder = json.loads(self._files.cat_file(claim))
            who = {key: holder[key] for key in ("machine", "process")}
            return {**who, "time": float(holder["time"])}
        except (ValueError, KeyError, TypeError, FileNotFoundError):
            return None

    def _check_free(self, claim: str) -> None:
        if not self._files.exists(claim):
            return
        holder = self._holder(claim)
        if holder is None:  # It may be half written by who renews it.
            time.sleep(_HALF_WRITTEN)
            holder = self._holder(claim)
        if holder is not None and time.time() - holder["time"] < _DEAD:
            raise UserError(
                f"output folder {self.location} is in use by process {holder['process']} on "
                f"{holder['machine']}; wait for its end or choose another --out"
            )


def _connect(location: str) -> tuple[Any, str]:
    import fsspec  # Not needed for a local folder.

    try:
        files, root = fsspec.core.url_to_fs(location)
    except (ValueError, ImportError) as error:
        raise UserError(
            f"{location} cannot be reached ({one_line(error)}); valid: a folder, or a URL "
            "whose protocol fsspec knows and has its package for"
        ) from error
    return files, str(root).rstrip("/")
