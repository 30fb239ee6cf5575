"""The measurement of memory measures what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmark.cli.selfcheck import memory
from benchmark.cli.selfcheck.command import memory_rows
from benchmark.cli.selfcheck.memory import MemoryUse, measure_memory

FLOATS_OF_A_STEP = 39 + 28 + 1


@pytest.mark.slow
def test_two_workers_share_one_copy() -> None:
    before = os.environ["MINARI_DATASETS_PATH"]
    use = measure_memory(steps=200_100)
    assert os.environ["MINARI_DATASETS_PATH"] == before
    assert (use.steps, use.workers) == (200_000, 2)
    assert use.arrays == 200_000 * (4 * FLOATS_OF_A_STEP + 2)
    assert use.load_peak > 0
    if sys.platform == "linux":  # Elsewhere the system does not tell.
        assert use.all_workers is not None
        assert use.all_workers < 1.5 * use.arrays, "two copies would be 2"


def test_the_table_gives_ratios() -> None:
    rows = memory_rows(MemoryUse(1000, 2**20, 3 * 2**19, 2, None))
    assert [row[1] for row in rows] == ["1 MiB", "1.50", "not told by this system"]
    rows = memory_rows(MemoryUse(2_000, 2**22, 2**22, 3, 5 * 2**20))
    assert rows == [
        ("arrays of 2,000 steps", "4 MiB", ""),
        ("peak while loading / arrays", "1.00", "at most 2.5"),
        ("memory of 3 workers / arrays", "1.25", "about 1"),
    ]


def test_the_share_of_a_page_is_counted_where_linux_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: "Rss: 9 kB\nPss: 5 kB\n")
    assert memory._share_of_memory() == 5 * 1024
