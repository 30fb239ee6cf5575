from __future__ import annotations

from benchmark.records.text import counted, listed


def test_one_is_singular() -> None:
    assert [counted(n, "run") for n in (0, 1, 2, 10_000)] == [
        "0 runs",
        "1 run",
        "2 runs",
        "10,000 runs",
    ]


def test_a_list_names_everything_once() -> None:
    assert listed([2, 1, 2]) == "2, 1"
