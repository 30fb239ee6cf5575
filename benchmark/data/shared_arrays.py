"""One copy of a task's arrays on disk, which all processes of a machine map into memory.

The operating system keeps pages of a mapped file once, however many processes look at them.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmark.data.loading import LoadedDataset
from benchmark.interface import Dataset
from benchmark.records.files import write_atomically

_METADATA = "about.json"


def share(loaded: LoadedDataset, folder: Path) -> None:
    """Writes a task's arrays for other processes to map."""
    folder.mkdir(parents=True)
    for field in fields(Dataset):
        np.save(folder / f"{field.name}.npy", getattr(loaded.dataset, field.name))
    # Comes last: a folder that has it is whole.
    write_atomically(folder / _METADATA, json.dumps(loaded.metadata))


def open_shared(folder: Path) -> LoadedDataset | None:
    """Maps what `share` wrote; None if it is not there."""
    try:
        metadata = json.loads((folder / _METADATA).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    arrays = {
        field.name: np.load(folder / f"{field.name}.npy", mmap_mode="r")
        for field in fields(Dataset)
    }
    return LoadedDataset(Dataset(**arrays), metadata)


@contextlib.contextmanager
def sharing(out: Path) -> Iterator[Path]:
    """A folder below the output folder in which a command shares the arrays of each task.

    It is removed at the end and, should an earlier command have died, before.
    """
    folder = out.resolve() / ".data"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
