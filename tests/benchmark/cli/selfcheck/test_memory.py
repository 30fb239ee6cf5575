"""The measurement of memory measures what it says."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.cli.selfcheck import memory
from benchmark.cli.selfcheck.command import memory_rows
from benchmark.cli.selfcheck.memory import MemoryUse, measure_memory

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
    rows = memory_rows(MemoryUse(2_000, 2**22, 2**22, 3, 5 * 2**20))
    assert rows == [
        ("arrays of 2,000 steps", "4 MiB", ""),
        ("peak while loading / arrays", "1.00", "at most 2.5"),
        ("memory of 3 workers / arrays", "1.25", "about 1"),
    ]


def test_what_linux_tells_of_a_process_is_in_kibibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"status": "VmPeak:\t 9 kB\nVmHWM:\t 3 kB\n", "smaps_rollup": "Pss: 5 kB\n"}
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: told[path.name])
    assert (memory.peak_memory(), memory._share_of_memory()) == (3 * 1024, 5 * 1024)


@pytest.mark.parametrize(("platform", "peak"), [("linux", 7 * 1024), ("darwin", 7)])
def test_elsewhere_memory_is_what_the_system_counts(
    monkeypatch: pytest.MonkeyPatch, platform: str, peak: int
) -> None:
    def gone(path: Path, encoding: str) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", gone)
    monkeypatch.setattr(memory.sys, "platform", platform)
    usage = SimpleNamespace(ru_maxrss=7)
    monkeypatch.setattr(memory.resource, "getrusage", lambda who: usage)
    assert memory.peak_memory() == peak
    assert memory._share_of_memory() is None
