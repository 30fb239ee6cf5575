"""Training that is asked to stop, and what goes on from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.interface import Dataset
from benchmark.records.files import RunFiles, RunPlace
from benchmark.running.monitor import StoppedError
from tests.benchmark.counting import (
    RUN,
    SHORT,
    Clock,
    Counter,
    Slow,
    clock,
    make,
    stopping_at,
)

__all__ = ["clock"]  # A fixture.


def test_a_request_to_stop_is_looked_for_once_a_second(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    stopped = make(place, Counter(stopping_at(place, 2, lambda step: clock.wait(0.25))))
    with pytest.raises(StoppedError):
        stopped.fit(tiny_dataset)
    assert stopped.step == 5  # Looked at after the first step, at 0.25 s, and again at 1.25 s.


def test_settings_with_tuples_go_on_and_other_options_start_again(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    run = replace(RUN, settings={"scales": (1, 2)})
    with pytest.raises(StoppedError):
        make(place, Counter(stopping_at(place, 1, lambda step: clock.wait(1))), run).fit(
            tiny_dataset
        )
    place.stop.unlink()
    assert make(place, Counter(), run).step == 1
    other = make(place, Counter(), replace(run, settings={"scales": (1, 3)}))
    assert (other.step, other.resumed_at, other.points) == (0, [], [])
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()


class Plain:
    """A counter that cannot go on after an interruption."""

    fit, metrics, __init__ = Counter.fit, Counter.metrics, Counter.__init__


def test_an_agent_that_cannot_go_on_starts_again(place: RunPlace, tiny_dataset: Dataset) -> None:
    with pytest.raises(StoppedError):
        make(place, Plain(lambda step: place.stop.touch())).fit(tiny_dataset)
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()
    with pytest.raises(StoppedError):
        make(place, Counter()).fit(tiny_dataset)
    assert RunFiles(place.out, RUN.name).checkpoint.exists()
    assert make(place, Plain()).step == 0
    assert not RunFiles(place.out, RUN.name).checkpoint.exists(), "it is another agent's"


def test_time_before_an_interruption_is_spent_too(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    run = replace(SHORT, max_minutes=0.2)
    agent = Slow(clock, stopping_at(place, 4, lambda step: clock.wait(2)))
    with pytest.raises(StoppedError):
        make(place, agent, run).fit(tiny_dataset)
    place.stop.unlink()
    capped = make(place, Slow(clock), run)
    assert capped.fit(tiny_dataset) == "capped"
    assert capped.step == 7
