"""What goes on around gradient steps."""

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

RUN = RunSpec("t", "a", 0, "smoke", steps=1000, episodes=1)


class Counter:
    """An agent whose training is to count; `during` is called at every step."""

    def __init__(self, during: Callable[[int], None] = lambda step: None) -> None:
        self.count, self.during = 0, during

    def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
        for step in range(self.count + 1, steps + 1):
            self.count = step
            self.during(step)
            progress(step, {"loss": lambda: 1.0})

    def training_state(self) -> dict[str, Any]:
        return {"count": self.count}

    def resume(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


def make(place: Place, agent: Any, run: RunSpec = RUN, links: Links | None = None) -> Training:
    return Training(run, agent, place, lambda: 5.0, links or Links())


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_LOOK_EVERY", 0.0)


@pytest.mark.parametrize(
    ("total", "points", "steps"),
    [(100, 4, {25, 50, 75, 100}), (10, 3, {4, 7, 10}), (2, 5, {1, 2}), (1, 50, {1})],
)
def test_points_are_spread_to_the_end(total: int, points: int, steps: set[int]) -> None:
    assert spread(total, points) == steps


def test_the_curve_has_losses_and_scores_and_is_written(
    place: Place, tiny_dataset: Dataset
) -> None:
    done = make(place, Counter())
    assert done.fit(tiny_dataset) == "completed"
    assert len(done.points) == 50
    assert [point["step"] for point in done.points if point.get("score") == 5.0] == [500, 1000]
    lines = RunFiles(place.out, RUN.name).curve.read_text().splitlines()
    assert lines[0] == "step,loss,score"
    assert lines[25] == "500,1.0,5.0" and lines[26] == "520,1.0,"
    assert len(lines) == 51
    assert list(RunFiles(place.out, RUN.name).tensorboard.glob("events*"))


def test_a_loss_is_asked_for_only_where_it_is_kept(place: Place, tiny_dataset: Dataset) -> None:
    asked = []

    class Asking(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            for step in range(1, steps + 1):
                progress(step, {"loss": lambda: asked.append(1) or 1.0})  # type: ignore[func-returns-value]

    make(place, Asking()).fit(tiny_dataset)
    assert len(asked) == 50


def test_steps_must_go_forward(place: Place, tiny_dataset: Dataset) -> None:
    def again(step: int) -> None:
        agent.count = 1

    agent = Counter()
    trained = make(place, agent)
    trained.fit(tiny_dataset)
    with pytest.raises(RuntimeError, match="agent reported gradient step 1 after 1000 of 1000"):
        trained(1, {})


def test_a_loss_that_is_no_number_ends_training(place: Place, tiny_dataset: Dataset) -> None:
    class Diverging(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            for step in range(1, steps + 1):
                progress(step, {"q": float("inf") if step > 30 else 0.0})

    with pytest.raises(DivergedError, match="q was inf at gradient step 40"):
        make(place, Diverging()).fit(tiny_dataset)


def test_a_request_to_stop_saves_first(place: Place, tiny_dataset: Dataset) -> None:
    saved = []

    def ask(step: int) -> None:
        if step == 123:
            place.stop.touch()

    links = Links(saved=saved.append)
    with pytest.raises(StoppedError):
        make(place, Counter(ask), links=links).fit(tiny_dataset)
    assert saved == [RunFiles(place.out, RUN.name).checkpoint]
    place.stop.unlink()
    steps: list[int] = []
    resumed = make(place, Counter(steps.append))
    assert (resumed.step, resumed.resumed_at) == (123, [123])
    assert resumed.fit(tiny_dataset) == "completed"
    assert steps == list(range(124, 1001))
    assert [point["step"] for point in resumed.points] == list(range(20, 1001, 20))


def test_a_checkpoint_of_other_options_is_left_aside(place: Place, tiny_dataset: Dataset) -> None:
    place.stop.touch()
    with pytest.raises(StoppedError):
        make(place, Counter()).fit(tiny_dataset)
    place.stop.unlink()
    other = make(place, Counter(), replace(RUN, settings={"width": 3}))
    assert (other.step, other.resumed_at) == (0, [])
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()


def test_an_agent_that_cannot_go_on_starts_again(place: Place, tiny_dataset: Dataset) -> None:
    class Forgetful(Counter):
        training_state = None  # type: ignore[assignment]

    del Forgetful.training_state

    class Plain:
        fit = Counter.fit
        count = 0

        def during(self, step: int) -> None:
            place.stop.touch()

    with pytest.raises(StoppedError):
        make(place, Plain()).fit(tiny_dataset)
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()


def test_time_that_is_spent_ends_training(place: Place, tiny_dataset: Dataset) -> None:
    capped = make(place, Counter(), replace(RUN, max_minutes=1e-9))
    assert capped.fit(tiny_dataset) == "capped"
    assert capped.step == 1


def test_news_tell_how_it_goes(
    place: Place, tiny_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "NEWS_EVERY", 0.0)
    news: list[dict[str, Any]] = []
    make(place, Counter(), links=Links(news=news.append)).fit(tiny_dataset)
    assert len(news) == 1000
    assert (news[-1]["step"], news[-1]["steps"]) == (1000, 1000)
    assert (news[-1]["loss"], news[-1]["score"], news[3]["score"]) == (1.0, 5.0, None)
    assert news[-1]["per_second"] > 0
