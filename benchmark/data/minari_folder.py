"""Minari's folder, and how a dataset gets into it whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import DatasetError, one_line
from benchmark.records.lock import LockedError, locked

_PARTIAL = ".partial-"


def minari_root() -> Path:
    """Minari's folder: `MINARI_DATASETS_PATH`, else below the home folder."""
    default = Path.home() / ".minari" / "datasets"
    return Path(os.environ.get("MINARI_DATASETS_PATH", default))


def folder_of(dataset_id: str) -> Path:
    """Where a dataset lies, or would."""
    return minari_root() / dataset_id


def not_writable(dataset_id: str, error: OSError) -> DatasetError:
    """The error for a folder that takes no dataset: protected, or the disk is full."""
    return DatasetError(
        f"{dataset_id} cannot be written to {minari_root()} ({one_line(error)})",
        "set MINARI_DATASETS_PATH to a folder that can be written",
    )


@contextlib.contextmanager
def atomic_dataset(dataset_id: str) -> Iterator[None]:
    """Lets Minari write below a hidden folder and moves the finished dataset into place.

    Minari takes its folder from the environment, so that is where it is pointed for the while.
    What an earlier process left behind when it was killed is removed.

    Raises:
        DatasetError: if the folder cannot be written to.
    """
    target, before = minari_root(), os.environ.get("MINARI_DATASETS_PATH")
    try:
        target.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=target))
    except OSError as error:
        raise not_writable(dataset_id, error) from error
    os.environ["MINARI_DATASETS_PATH"] = str(partial)
    try:
        with locked(partial):  # Tells other processes that somebody is at it.
            yield
            (target / dataset_id).parent.mkdir(parents=True, exist_ok=True)
            _copy_namespaces(partial, target)
            (partial / dataset_id).replace(target / dataset_id)
    finally:
        if before is None:
            del os.environ["MINARI_DATASETS_PATH"]
        else:
            os.environ["MINARI_DATASETS_PATH"] = before
        shutil.rmtree(partial, ignore_errors=True)


def _remove_leftovers(target: Path) -> None:
    for partial in target.glob(f"{_PARTIAL}*"):
        with contextlib.suppress(LockedError):  # Its process is alive.
            with locked(partial):
                pass
            shutil.rmtree(partial, ignore_errors=True)


def _copy_namespaces(source: Path, target: Path) -> None:
    """Minari lists only datasets whose parent folders hold a namespace file."""
    for file in source.rglob("namespace_metadata.json"):
        copy = target / file.relative_to(source)
        if not copy.exists():
            shutil.copyfile(file, copy)
