"""What goes on around gradient steps: learning curve, checkpoints, time and reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.interface import Dataset
from benchmark.records.files import RunFiles, RunPlace
from benchmark.running.monitor import Callbacks, DivergedError, StoppedError, evenly_spaced_steps
from tests.benchmark.counting import (
    RUN,
    SHORT,
    Clock,
    Counter,
    Losses,
    Slow,
    clock,
    make,
    scoring,
    stopping_at,
)

__all__ = ["clock"]  # A fixture.


@pytest.mark.parametrize(
    ("total", "points", "steps"),
    [(100, 4, {25, 50, 75, 100}), (10, 3, {4, 7, 10}), (2, 5, {1, 2}), (1, 50, {1})],
)
def test_points_are_spread_to_the_end(total: int, points: int, steps: set[int]) -> None:
    assert evenly_spaced_steps(total, points) == steps


def test_the_curve_has_losses_and_scores_and_is_written(
    place: RunPlace, tiny_dataset: Dataset
) -> None:
    agent = Counter()
    done = make(place, agent)
    assert done.fit(tiny_dataset) == "completed"
    assert agent.asked == [(1000, 4)], "steps and seed of the run"
    assert len(done.points) == 50
    assert [point["step"] for point in done.points if point.get("score") == 5.0] == [500, 1000]
    lines = RunFiles(place.out, RUN.name).curve.read_text().splitlines()
    assert lines[0] == "step,loss,score"
    assert lines[25] == "500,1.0,5.0" and lines[26] == "520,1.0,"
    assert len(lines) == 51


@pytest.mark.parametrize(
    ("preset", "scored"),
    [("quick", [250, 500, 750, 1000]), ("paper", [200, 400, 600, 800, 1000])],
)
def test_the_preset_says_how_many_scores_a_curve_has(
    place: RunPlace, tiny_dataset: Dataset, preset: str, scored: list[int]
) -> None:
    scores = iter(range(9))
    done = make(place, Counter(), replace(RUN, preset=preset), score=lambda: next(scores))
    done.fit(tiny_dataset)
    scores_by_step = {point["step"]: point["score"] for point in done.points if "score" in point}
    assert scores_by_step == {step: place for place, step in enumerate(scored)}
    losses = set(range(20, 1001, 20))
    assert [point["step"] for point in done.points] == sorted(losses | set(scored))


def test_a_loss_is_asked_for_only_where_it_is_kept(place: RunPlace, tiny_dataset: Dataset) -> None:
    asked = []
    make(place, Losses(lambda step: {"loss": lambda: asked.append(step) or 1.0})).fit(tiny_dataset)  # type: ignore[func-returns-value]
    assert asked == list(range(20, 1001, 20))


@pytest.mark.parametrize(
    # Points are at 20, 40 and so on; reports are due every 5 seconds.
    ("seconds", "noticed"),
    [(0.0, 40), (1.0, 35)],
)
@pytest.mark.parametrize("bad", [float("inf"), float("-inf"), float("nan")])
def test_a_loss_that_is_no_number_ends_training(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock, seconds: float, noticed: int, bad: float
) -> None:
    agent = Losses(
        lambda step: {"v": 1.0, "q": lambda: bad if step > 30 else 0.0},
        during=lambda step: clock.wait(seconds),
    )
    with pytest.raises(DivergedError, match=f"q was {bad} at gradient step {noticed}"):
        make(place, agent).fit(tiny_dataset)


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ({3: 4.0}, "progress was given a loss called 3; valid: a text"),
        ({"q": "high"}, "progress was given q = 'high'; valid: a number"),
        ({"q": lambda: None}, "progress was given q = None; valid: a number"),
    ],
)
def test_what_is_no_loss_is_named(
    place: RunPlace, tiny_dataset: Dataset, losses: dict, message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        make(place, Losses(lambda step: losses)).fit(tiny_dataset)


def test_scores_and_checkpoints_are_no_training_time(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    agent = Slow(clock)
    callbacks = Callbacks(saved=lambda folder: clock.wait(4))
    done = make(place, agent, SHORT, callbacks, scoring(clock))
    clock.wait(500)  # The data is loaded.
    done.fit(tiny_dataset)
    # Ten steps of 2 s and two scores of 30 s, after the second of which, at 80 s, there is a
    # checkpoint: 7 s for the agent and 4 s for who takes it away.
    assert agent.saved == [10]
    assert clock.now == 1000 + 500 + 20 + 60 + 7 + 4
    assert done.seconds == 20
    assert done.scoring == 60


def test_waiting_for_a_loss_is_training_time(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    agent = Losses(lambda step: {"loss": lambda: clock.wait(0.25) or 1.0})  # type: ignore[func-returns-value]
    done = make(place, agent, SHORT)
    done.fit(tiny_dataset)
    assert (done.seconds, done.scoring) == (2.5, 0)  # Ten points of a quarter of a second.


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
    place: RunPlace, tiny_dataset: Dataset, clock: Clock, seconds: float, minutes: float, step: int
) -> None:
    agent = Slow(clock, lambda step: clock.wait(seconds))
    # The score at step 5 takes none of the time.
    capped = make(place, agent, replace(SHORT, max_minutes=minutes), score=scoring(clock))
    assert capped.fit(tiny_dataset) == "capped"
    assert (capped.step, capped.seconds) == (step, step * seconds)


def test_time_that_is_spent_with_the_last_step_caps_nothing(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    agent = Slow(clock, lambda step: clock.wait(2.0))
    run = replace(SHORT, max_minutes=(2 * SHORT.steps - 1) / 60)
    assert make(place, agent, run).fit(tiny_dataset) == "completed"


def test_reports_come_every_five_seconds_with_the_speed_since_the_last(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    reports: list[dict[str, Any]] = []
    # Five steps of a second, then steps of two and a half.
    agent = Losses(
        lambda step: {"q": 3.0, "loss": lambda: step / 4},
        during=lambda step: clock.wait(1 if step <= 5 else 2.5),
    )
    run = replace(SHORT, steps=12)
    scores = iter([7.0, 8.0])  # At steps 6 and 12.
    callbacks = Callbacks(report=reports.append)
    make(place, agent, run, callbacks, lambda: next(scores)).fit(tiny_dataset)
    assert reports == [
        {"step": 5, "steps": 12, "loss": 1.25, "per_second": 1.0, "score": None},
        {"step": 7, "steps": 12, "loss": 1.75, "per_second": 0.4, "score": 7.0},
        {"step": 9, "steps": 12, "loss": 2.25, "per_second": 0.4, "score": 7.0},
        {"step": 11, "steps": 12, "loss": 2.75, "per_second": 0.4, "score": 7.0},
    ]


@pytest.mark.parametrize(("losses", "reported"), [({"q": 3.0, "v": 4.0}, 3.0), ({}, None)])
def test_reports_give_the_first_loss_where_none_is_the_loss(
    place: RunPlace,
    tiny_dataset: Dataset,
    clock: Clock,
    losses: dict[str, float],
    reported: float | None,
) -> None:
    reports: list[dict[str, Any]] = []
    agent = Losses(lambda step: losses, during=lambda step: clock.wait(1))
    scores = iter([7.0, 8.0])
    callbacks = Callbacks(report=reports.append)
    make(place, agent, SHORT, callbacks, lambda: next(scores)).fit(tiny_dataset)
    assert [(report["step"], report["loss"], report["score"]) for report in reports] == [
        (5, reported, 7.0),
        (10, reported, 8.0),
    ]


def test_losses_that_an_agent_calls_as_the_harness_does_are_kept_apart(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    reports: list[dict[str, Any]] = []
    losses = {"score": 1000.0, "step": 7.0, "agent/score": 2.0}
    agent = Losses(lambda step: losses, during=lambda step: clock.wait(1))
    done = make(place, agent, SHORT, Callbacks(report=reports.append), score=lambda: 5.0)
    done.fit(tiny_dataset)
    kept = {"agent/score": 1000.0, "agent/step": 7.0, "agent/agent/score": 2.0}
    assert done.points == [
        {**kept, "step": step, **({"score": 5.0} if step in (5, 10) else {})}
        for step in range(1, 11)
    ]
    lines = RunFiles(place.out, RUN.name).curve.read_text().splitlines()
    assert lines[0] == "step,agent/score,agent/step,agent/agent/score,score"
    assert [report["score"] for report in reports] == [5.0, 5.0]


def test_a_request_to_stop_saves_first(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    saved: list[Any] = []
    agent = Counter(stopping_at(place, 123, lambda step: clock.wait(1)))
    with pytest.raises(StoppedError):
        make(place, agent, callbacks=Callbacks(saved=saved.append)).fit(tiny_dataset)
    # After one minute, after two, and at the request.
    assert agent.saved == [60, 120, 123]
    assert saved == [RunFiles(place.out, RUN.name).checkpoint] * 3
    place.stop.unlink()
    steps: list[int] = []
    resumed = make(place, Counter(steps.append))
    assert (resumed.step, resumed.resumed_at) == (123, [123])
    assert resumed.fit(tiny_dataset) == "completed"
    assert steps == list(range(124, 1001))
    assert [point["step"] for point in resumed.points] == list(range(20, 1001, 20))


def test_checkpoints_are_a_minute_of_training_apart(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    # Steps of 10 s; a checkpoint takes 25 s, and a minute more goes by before the next.
    agent = Counter(lambda step: clock.wait(10))
    callbacks = Callbacks(saved=lambda folder: clock.wait(25))
    make(place, agent, replace(RUN, steps=20), callbacks=callbacks).fit(tiny_dataset)
    assert agent.saved == [6, 12, 18, 20], "at the end too, for more steps"


def test_time_before_interruptions_counts_but_not_that_in_between(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
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
