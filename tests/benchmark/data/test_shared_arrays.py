"""One copy of the arrays for all processes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from benchmark.data import LoadedDataset, open_shared, share, sharing
from benchmark.interface import Dataset


def test_what_was_shared_is_mapped_read_only(tiny_dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    share(LoadedDataset(tiny_dataset, {"id": "mine/data-v0", "steps": 120}), folder)
    back = open_shared(folder)
    assert back is not None
    assert back.metadata == {"id": "mine/data-v0", "steps": 120}
    for field in fields(Dataset):
        array = getattr(back.dataset, field.name)
        assert isinstance(array, np.memmap)
        assert np.array_equal(array, getattr(tiny_dataset, field.name))
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_half_written_arrays_are_not_there(tiny_dataset: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    assert open_shared(folder) is None
    share(LoadedDataset(tiny_dataset, {}), folder)
    (folder / "about.json").unlink()
    assert open_shared(folder) is None


def test_nothing_is_left_at_the_end_or_of_a_killed_command(
    tiny_dataset: Dataset, tmp_path: Path
) -> None:
    old = tmp_path / ".data" / "tiny"
    share(LoadedDataset(tiny_dataset, {}), old)
    with sharing(tmp_path) as folder:
        assert not old.exists()
        share(LoadedDataset(tiny_dataset, {}), folder / "tiny")
        assert open_shared(folder / "tiny") is not None
    assert list(tmp_path.iterdir()) == []
