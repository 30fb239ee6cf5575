"""Minari's folder, and how a dataset gets into it whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import DatasetError, UserError, one_line
from benchmark.records.lock import LockedError, locked

_PARTIAL = ".partial-"


def minari_root() -> Path:
    """Minari's folder: `MINARI_DATASETS_PATH`, else (also where it is empty) below the home folder.

    A `~` at its start is the home folder, which Minari itself does not know.

    Raises:
        UserError: if a home folder is needed and there is none.
    """
    named = os.environ.get("MINARI_DATASETS_PATH")
    try:
        return Path(named).expanduser() if named else Path.home() / ".minari" / "datasets"
    except RuntimeError as error:
        raise UserError(
            f"Minari's folder {named or '~/.minari/datasets'} cannot be found ({one_line(error)}); "
            "set MINARI_DATASETS_PATH to a folder, as a full path"
        ) from error


def folder_of(dataset_id: str) -> Path:
    """Where a dataset lies, or would."""
    return minari_root() / dataset_id


def is_there(dataset_id: str) -> bool:
    """Whether Minari's folder has a dataset.

    Raises:
        UserError: if the folder cannot be looked into.
    """
    try:
        folder_of(dataset_id).stat()  # `exists` also says no of links that lead in a circle.
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _not_readable(error) from error
    return True


def _not_readable(error: OSError) -> UserError:
    return UserError(
        f"Minari's folder {minari_root()} cannot be looked into ({error.strerror}); set "
        "MINARI_DATASETS_PATH to one that can be"
    )


def installed() -> list[str]:
    """The ids of all datasets in Minari's folder, in order; links to other disks are followed.

    Raises:
        UserError: if the folder cannot be looked into.
    """
    root, ids = minari_root(), []
    try:
        next(os.scandir(root), None)  # What `os.walk` cannot look into is empty to it.
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _not_readable(error) from error
    for place, names, _ in os.walk(root, followlinks=True):
        if (Path(place) / "data" / "metadata.json").is_file():
            ids.append(Path(place).relative_to(root).as_posix())
            names.clear()
        elif _leads_back(Path(place), root):
            names.clear()
        names[:] = [name for name in names if not name.startswith(".")]
    return sorted(ids)


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
    What an earlier process left behind when it was killed is removed. Where another process was
    faster, its dataset stays.

    Raises:
        DatasetError: if the folder cannot be written to.
    """
    target, before = minari_root(), os.environ.get("MINARI_DATASETS_PATH")
    try:
        target.mkdir(parents=True, exist_ok=True)
        # A namespace can be a link to another disk, to which nothing can be moved in one step.
        nearest = _nearest_folder((target / dataset_id).parent)
        for folder in {target, nearest}:
            _remove_leftovers(folder)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=nearest))
    except OSError as error:
        raise not_writable(dataset_id, error) from error
    os.environ["MINARI_DATASETS_PATH"] = str(partial)
    try:
        with locked(partial):  # Tells other processes that somebody is at it.
            yield
            (target / dataset_id).parent.mkdir(parents=True, exist_ok=True)
            _copy_namespaces(partial, target)
            # Of a combined dataset its sources come too, before what needs them.
            for name in [*_datasets_below(partial, but=dataset_id), dataset_id]:
                _move(partial / name, target / name)
    finally:
        if before is None:
            del os.environ["MINARI_DATASETS_PATH"]
        else:
            os.environ["MINARI_DATASETS_PATH"] = before
        shutil.rmtree(partial, ignore_errors=True)


def _datasets_below(folder: Path, but: str) -> list[str]:
    """Ids of the datasets in a folder, without one."""
    places = (file.parents[1] for file in sorted(folder.glob("**/data/metadata.json")))
    ids = (place.relative_to(folder).as_posix() for place in places)
    return [name for name in ids if name != but]


def _move(source: Path, target: Path) -> None:
    """Moves a dataset, unless another process was faster."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _leads_back(place: Path, root: Path) -> bool:
    """Whether a folder is one that it was reached through; two ways to one are no circle."""
    way = [above for above in place.parents if above.is_relative_to(root)]
    return os.path.realpath(place) in map(os.path.realpath, way)


def _nearest_folder(path: Path) -> Path:
    """The path, or the closest of its parents that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


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
