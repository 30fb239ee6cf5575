"""What counts as training time, when it is spent, and what news say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.interface import Dataset
from benchmark.output import Place
from benchmark.training import Links, StoppedError
from tests.benchmark.test_training import SHORT, Clock, Counter, Losses, clock, make, stopping_at

__all__ = ["clock"]  # A fixture.


class Slow(Counter):
    """Takes 2 s a step, and 7 s to say how to go on."""

    def __init__(self, clock: Clock, during: Any = None) -> None:
        super().__init__(during or (lambda step: clock.wait(2)))
        self.clock = clock

    def training_state(self) -> dict[str, Any]:
        self.clock.wait(7)
        return super().training_state()


def scoring(clock: Clock) -> Any:
    """A score that takes 30 s."""
    return lambda: clock.wait(30) or 5.0  # type: ignore[func-returns-value]


def test_scores_and_checkpoints_are_no_training_time(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    agent = Slow(clock)
    links = Links(saved=lambda folder: clock.wait(4))
    done = make(place, agent, SHORT, links, scoring(clock))
    clock.wait(500)  # The data is loaded.
    done.fit(tiny_dataset)
    # Ten steps of 2 s and two scores of 30 s, after the second of which, at 80 s, there is a
    # checkpoint: 7 s for the agent and 4 s for who takes it away.
    assert agent.saved == [10]
    assert clock.now == 1000 + 500 + 20 + 60 + 7 + 4
    assert done.seconds == 20
    assert done.scoring == 60


def test_waiting_for_a_loss_is_training_time(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    agent = Losses(lambda step: {"loss": lambda: clock.wait(0.25) or 1.0})  # type: ignore[func-returns-value]
    done = make(place, agent, SHORT)
    done.fit(tiny_dataset)
    assert (done.seconds, done.scoring) == (2.5, 0)  # Ten points of a quarter of a second.


def test_time_before_interruptions_counts_but_not_that_in_between(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    for last, seconds in ((3, 6), (7, 14)):
        agent = Slow(clock, stopping_at(place, last, lambda step: clock.wait(2)))
        stopped = make(place, agent, SHORT, score=scoring(clock))
        clock.wait(500)
        with pytest.raises(StoppedError):
            stopped.fit(tiny_dataset)
        assert stopped.seconds == seconds
        place.stop.unlink()
        clock.wait(10_000)
    done = make(place, Slow(clock), SHORT, score=scoring(clock))
    assert done.fit(tiny_dataset) == "completed"
    assert done.resumed_at == [3, 7]
    assert done.seconds == 20
    assert done.scoring == 30, "the score at step 5 came before"
    assert [point["step"] for point in done.points] == list(range(1, 11))
    assert [point["step"] for point in done.points if "score" in point] == [5, 10]


@pytest.mark.parametrize(
    ("seconds", "minutes", "step"),
    [
        # 12 s are there; six steps take them, and the next is too much.
        (2.0, 0.2, 7),
        # The sixth step ends at 120.75 s.
        (20.125, 2.0, 6),
    ],
)
def test_training_ends_when_its_time_is_spent(
    place: Place, tiny_dataset: Dataset, clock: Clock, seconds: float, minutes: float, step: int
) -> None:
    agent = Slow(clock, lambda step: clock.wait(seconds))
    # The score at step 5 takes none of the time.
    capped = make(place, agent, replace(SHORT, max_minutes=minutes), score=scoring(clock))
    assert capped.fit(tiny_dataset) == "capped"
    assert (capped.step, capped.seconds) == (step, step * seconds)


def test_time_before_an_interruption_is_spent_too(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    run = replace(SHORT, max_minutes=0.2)
    agent = Slow(clock, stopping_at(place, 4, lambda step: clock.wait(2)))
    with pytest.raises(StoppedError):
        make(place, agent, run).fit(tiny_dataset)
    place.stop.unlink()
    capped = make(place, Slow(clock), run)
    assert capped.fit(tiny_dataset) == "capped"
    assert capped.step == 7


def test_news_come_every_five_seconds_with_the_speed_since_the_last(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    news: list[dict[str, Any]] = []
    # Five steps of a second, then steps of two and a half.
    agent = Losses(
        lambda step: {"q": 3.0, "loss": lambda: step / 4},
        during=lambda step: clock.wait(1 if step <= 5 else 2.5),
    )
    run = replace(SHORT, steps=12)
    scores = iter([7.0, 8.0])  # At steps 6 and 12.
    make(place, agent, run, Links(news=news.append), lambda: next(scores)).fit(tiny_dataset)
    assert news == [
        {"step": 5, "steps": 12, "loss": 1.25, "per_second": 1.0, "score": None},
        {"step": 7, "steps": 12, "loss": 1.75, "per_second": 0.4, "score": 7.0},
        {"step": 9, "steps": 12, "loss": 2.25, "per_second": 0.4, "score": 7.0},
        {"step": 11, "steps": 12, "loss": 2.75, "per_second": 0.4, "score": 7.0},
    ]


@pytest.mark.parametrize(("losses", "told"), [({"q": 3.0, "v": 4.0}, 3.0), ({}, None)])
def test_news_tell_the_first_loss_where_none_is_the_loss(
    place: Place, tiny_dataset: Dataset, clock: Clock, losses: dict[str, float], told: float | None
) -> None:
    news: list[dict[str, Any]] = []
    agent = Losses(lambda step: losses, during=lambda step: clock.wait(1))
    make(place, agent, SHORT, Links(news=news.append)).fit(tiny_dataset)
    assert [(each["step"], each["loss"], each["score"]) for each in news] == [
        (5, told, 5.0),
        (10, told, 5.0),
    ]
