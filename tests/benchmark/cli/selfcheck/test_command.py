"""The figures as people read them."""

from __future__ import annotations

from benchmark.cli.selfcheck.command import resume_rows, speed_rows
from benchmark.cli.selfcheck.resuming import Resumed
from benchmark.cli.selfcheck.speed import Speed


def test_speed_is_given_in_ratios() -> None:
    rows = speed_rows(
        Speed(one_worker=100, two_workers=55, first_step=12.34, bare=60, run=63, scores=2)
    )
    measured = [row[1] for row in rows]
    assert measured == ["100 s", "55 s", "1.82", "12.3 s", "60 s", "5.0%", "1.7%"]


def test_weights_that_differ_stand_out() -> None:
    assert resume_rows(Resumed(lost=5.1, at=1234, same=True))[2][1] == "yes"
    rows = resume_rows(Resumed(lost=5.1, at=1234, same=False))
    assert [row[1] for row in rows] == ["5 s", "1,234", "NO"]
