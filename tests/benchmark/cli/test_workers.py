"""How many runs go on at a time."""

from __future__ import annotations

import pytest

from benchmark.cli import workers
from benchmark.cli.workers import worker_count
from benchmark.errors import UserError


def test_it_is_what_the_user_says_or_one_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "usable_cores", lambda: 6)
    assert [worker_count(None), worker_count(3), worker_count(0)] == [6, 3, 0]
    assert worker_count(None, debugger=True) == 0, "a debugger needs the command's own process"


@pytest.mark.parametrize(
    ("number", "fewest", "message"),
    [
        (-1, 0, "--workers -1 is too few; valid: 0 to 1024; leave it out for one run on each core"),
        (10**6, 0, "--workers 1000000 is more than any machine runs at a time; valid: 0 to 1024"),
        (0, 1, "--workers 0 is too few, as this command goes on Ray alone; valid: 1 to 1024"),
    ],
)
def test_what_no_machine_can_follow_is_refused(number: int, fewest: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        worker_count(number, fewest=fewest)
