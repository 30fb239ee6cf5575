from __future__ import annotations

import pytest

from benchmark.reporting.hardware import footnote, short_names

XEON, EPYC = "Intel(R) Xeon(R) Processor, cpu", "AMD EPYC, cpu"


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        (XEON, "Xeon"),
        (EPYC, "EPYC"),
        ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz, cpu", "Core i7-8700K"),
        ("AMD Ryzen 9 5950X 16-Core Processor, NVIDIA GeForce RTX 4090", "Ryzen 9 5950X, RTX 4090"),
        ("AMD Ryzen 7 with Radeon Graphics, cpu", "Ryzen 7"),
        ("Apple M2, mps", "Apple M2, mps"),
        ("unknown", "unknown"),
        ("cpu", "cpu"),
    ],
)
def test_a_name_is_its_model(whole: str, short: str) -> None:
    assert short_names([whole]) == {whole: short}


def test_machines_that_would_be_called_alike_are_numbered() -> None:
    slow, fast = "Intel(R) Xeon(R) CPU @ 2.00GHz, cpu", "Intel(R) Xeon(R) CPU @ 3.00GHz, cpu"
    assert short_names([fast, slow, fast]) == {slow: "Xeon (1)", fast: "Xeon (2)"}


def test_the_footnote_says_what_is_meant() -> None:
    assert footnote(short_names([XEON, EPYC])) == f" Hardware: EPYC is {EPYC}; Xeon is {XEON}."
    assert footnote(short_names(["Apple M2, mps"])) == ""
