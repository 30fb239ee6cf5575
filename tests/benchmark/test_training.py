"""What goes on around gradient steps: budget, learning curve, checkpoints, news and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmark import training
from benchmark.interface import Dataset
from benchmark.output import Place, RunFiles
from benchmark.record import RunSpec
from benchmark.training import DivergedError, Links, StoppedError, Training, spread

RUN = RunSpec("t", "a", 4, "smoke", steps=1000, episodes=1)
SHORT = replace(RUN, steps=10)  # Every step is a point of the curve; 5 and 10 have a score.


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of training."""
    made = Clock()
    monkeypatch.setattr(training, "time", made)
    return made


class Counter:
    """An agent whose training is to count; `during` is called at every step."""

    def __init__(self, during: Callable[[int], object] = lambda step: None) -> None:
        self.count, self.during = 0, during
        self.asked: list[tuple[int, int]] = []
        self.saved: list[int] = []

    def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
        self.asked.append((steps, seed))
        for step in range(self.count + 1, steps + 1):
            self.count = step
            self.during(step)
            progress(step, self.metrics(step))

    def metrics(self, step: int) -> dict[str, Any]:
        return {"loss": lambda: 1.0}

    def training_state(self) -> dict[str, Any]:
        self.saved.append(self.count)
        return {"count": self.count}

    def resume(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


class Losses(Counter):
    """A counter with the losses that a function tells."""

    def __init__(self, metrics: Callable[[int], dict[str, Any]], **options: Any) -> None:
        super().__init__(**options)
        self.metrics = metrics  # type: ignore[assignment]


def make(
    place: Place,
    agent: Any,
    run: RunSpec = RUN,
    links: Links | None = None,
    score: Callable[[], float] = lambda: 5.0,
) -> Training:
    return Training(run, agent, place, score, links or Links())


def stopping_at(place: Place, last: int, during: Callable[[int], object]) -> Any:
    """What a counter is to do, with a request to stop at a step."""

    def work(step: int) -> None:
        during(step)
        if step == last:
            place.stop.touch()

    return work


@pytest.mark.parametrize(
    ("total", "points", "steps"),
    [(100, 4, {25, 50, 75, 100}), (10, 3, {4, 7, 10}), (2, 5, {1, 2}), (1, 50, {1})],
)
def test_points_are_spread_to_the_end(total: int, points: int, steps: set[int]) -> None:
    assert spread(total, points) == steps


def test_the_curve_has_losses_and_scores_and_is_written(
    place: Place, tiny_dataset: Dataset
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
    assert list(RunFiles(place.out, RUN.name).tensorboard.glob("events*"))


@pytest.mark.parametrize(
    ("preset", "scored"),
    [("quick", [250, 500, 750, 1000]), ("paper", [200, 400, 600, 800, 1000])],
)
def test_the_preset_says_how_many_scores_a_curve_has(
    place: Place, tiny_dataset: Dataset, preset: str, scored: list[int]
) -> None:
    scores = iter(range(9))
    done = make(place, Counter(), replace(RUN, preset=preset), score=lambda: next(scores))
    done.fit(tiny_dataset)
    found = {point["step"]: point["score"] for point in done.points if "score" in point}
    assert found == {step: place for place, step in enumerate(scored)}
    losses = set(range(20, 1001, 20))
    assert [point["step"] for point in done.points] == sorted(losses | set(scored))


def test_a_loss_is_asked_for_only_where_it_is_kept(place: Place, tiny_dataset: Dataset) -> None:
    asked = []
    make(place, Losses(lambda step: {"loss": lambda: asked.append(step) or 1.0})).fit(tiny_dataset)  # type: ignore[func-returns-value]
    assert asked == list(range(20, 1001, 20))


@pytest.mark.parametrize("step", [1, 1000, 1001])
def test_steps_must_go_forward_within_the_budget(
    place: Place, tiny_dataset: Dataset, step: int
) -> None:
    trained = make(place, Counter())
    trained.fit(tiny_dataset)
    message = f"agent reported gradient step {step} after 1000 of 1000"
    with pytest.raises(RuntimeError, match=message):
        trained(step, {})


def test_the_curve_is_closed_however_training_ends(
    place: Place, tiny_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    monkeypatch.setattr(training.CurveFiles, "close", lambda files: closed.append(1))
    make(place, Counter(), SHORT).fit(tiny_dataset)
    with pytest.raises(DivergedError):
        make(place, Losses(lambda step: {"loss": float("nan")}), SHORT).fit(tiny_dataset)
    assert len(closed) == 2


def test_steps_that_are_left_over_are_an_error(place: Place, tiny_dataset: Dataset) -> None:
    class Lazy(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            super().fit(dataset, steps=steps - 1, seed=seed, progress=progress)

    with pytest.raises(RuntimeError, match="agent took 9 of 10 gradient steps"):
        make(place, Lazy(), SHORT).fit(tiny_dataset)


def test_an_agent_without_gradient_steps_is_done_at_once(
    place: Place, tiny_dataset: Dataset
) -> None:
    class Idle(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            pass

    done = make(place, Idle())
    assert done.fit(tiny_dataset) == "completed"
    assert (done.step, done.points) == (0, [])


@pytest.mark.parametrize(
    # Points are at 20, 40 and so on; news are asked for every 5 seconds.
    ("seconds", "noticed"),
    [(0.0, 40), (1.0, 35)],
)
@pytest.mark.parametrize("bad", [float("inf"), float("-inf"), float("nan")])
def test_a_loss_that_is_no_number_ends_training(
    place: Place, tiny_dataset: Dataset, clock: Clock, seconds: float, noticed: int, bad: float
) -> None:
    agent = Losses(
        lambda step: {"v": 1.0, "q": lambda: bad if step > 30 else 0.0},
        during=lambda step: clock.wait(seconds),
    )
    with pytest.raises(DivergedError, match=f"q was {bad} at gradient step {noticed}"):
        make(place, agent).fit(tiny_dataset)


def test_a_request_to_stop_saves_first(place: Place, tiny_dataset: Dataset, clock: Clock) -> None:
    saved: list[Any] = []
    agent = Counter(stopping_at(place, 123, lambda step: clock.wait(1)))
    with pytest.raises(StoppedError):
        make(place, agent, links=Links(saved=saved.append)).fit(tiny_dataset)
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


def test_a_request_to_stop_is_looked_for_once_a_second(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    stopped = make(place, Counter(stopping_at(place, 2, lambda step: clock.wait(0.25))))
    with pytest.raises(StoppedError):
        stopped.fit(tiny_dataset)
    assert stopped.step == 5  # Looked at after the first step, at 0.25 s, and again at 1.25 s.


def test_checkpoints_are_a_minute_of_training_apart(
    place: Place, tiny_dataset: Dataset, clock: Clock
) -> None:
    # Steps of 10 s; a checkpoint takes 25 s, and a minute more goes by before the next.
    agent = Counter(lambda step: clock.wait(10))
    links = Links(saved=lambda folder: clock.wait(25))
    make(place, agent, replace(RUN, steps=20), links=links).fit(tiny_dataset)
    assert agent.saved == [6, 12, 18]


def test_settings_with_tuples_go_on_and_other_options_start_again(
    place: Place, tiny_dataset: Dataset, clock: Clock
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


def test_an_agent_that_cannot_go_on_starts_again(place: Place, tiny_dataset: Dataset) -> None:
    with pytest.raises(StoppedError):
        make(place, Plain(lambda step: place.stop.touch())).fit(tiny_dataset)
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()
    with pytest.raises(StoppedError):
        make(place, Counter()).fit(tiny_dataset)
    assert RunFiles(place.out, RUN.name).checkpoint.exists()
    assert make(place, Plain()).step == 0
    assert not RunFiles(place.out, RUN.name).checkpoint.exists(), "it is another agent's"
