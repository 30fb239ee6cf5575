"""The measurement of memory measures what it says."""

from __future__ import annotations

import os
import sys

from benchmark.selfcheck.__main__ import memory_rows
from benchmark.selfcheck.memory import MemoryUse, measure_memory

FLOATS_OF_A_STEP = 39 + 28 + 1


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
