"""A sample of a search trains for as long as the present settings would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.evaluation import training_time
from benchmark.interface import Dataset, TaskInfo
from benchmark.records.record import RunSpec
from benchmark.running.sample_steps import sample_steps
from benchmark.running.search_space import Search

RUN = RunSpec("maze2d-umaze", "sized", 100, "quick", 1000, 50, settings={"more": 1})
SPACE = {
    "rate": ("uniform", 0, 1),
    "width": ("choice", (8, 16)),
    "count": ("int", 1, 3),
    "sizes": ("choice", ((8, 8),)),
}
PRESENT = {"rate": 0.5, "width": 8, "count": 1, "sizes": (8, 8)}
SEARCH = Search(RUN, SPACE, PRESENT, samples=3, episodes=4, device="cpu")


class Clock:
    now = 100.0


clock = Clock()


class Sized:
    """Takes a second to begin with, and for each step as long as its width says."""

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        assert settings["more"] == 1
        self._width = settings["width"]

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        clock.now += 1.0 + 0.25 * self._width / 8 * steps

    def act(self) -> None: ...

    reset = save = load = act


@pytest.fixture(autouse=True)
def sized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.agents.registry._registered", {"sized": Sized})
    monkeypatch.setattr(training_time, "seconds_now", lambda device: clock.now)


def steps(tiny_task: TaskInfo, tiny_dataset: Dataset, search: Search = SEARCH, **drawn: Any) -> int:
    return sample_steps(search, {"more": 1, **PRESENT, **drawn}, tiny_task, tiny_dataset)


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ({"width": 16}, 500),
        ({"width": 4}, 2000),
        ({"width": 7}, 1140),  # In three digits.
        ({"count": 3}, 1000),
    ],
)
def test_a_longer_step_is_taken_less_often(
    tiny_task: TaskInfo, tiny_dataset: Dataset, drawn: dict[str, Any], expected: int
) -> None:
    assert steps(tiny_task, tiny_dataset, **drawn) == expected


def test_costs_that_differ_by_a_tenth_are_one(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    wide, before = replace(SEARCH, present={**PRESENT, "width": 80}), clock.now
    for width, expected in ((87, 1000), (74, 1000), (89, 899)):
        found = sample_steps(wide, {"more": 1, **PRESENT, "width": width}, tiny_task, tiny_dataset)
        assert found == expected
    assert clock.now > before


def test_what_cannot_cost_more_is_not_timed(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    before = clock.now
    assert steps(tiny_task, tiny_dataset) == 1000
    assert steps(tiny_task, tiny_dataset, rate=0.1, sizes=[8, 8]) == 1000
    asked = replace(SEARCH, steps_option=1000)
    assert steps(tiny_task, tiny_dataset, asked, width=16) == 1000, "as the user has said"
    published = replace(SEARCH, run=replace(RUN, preset="paper"))
    assert steps(tiny_task, tiny_dataset, published, width=16) == 1000, "steps are the budget"
    assert clock.now == before


def test_rates_cost_nothing_unless_they_switch_something(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    before = clock.now
    rates = replace(SEARCH, space={"rate": ("choice", (0.0, 0.3))})
    assert steps(tiny_task, tiny_dataset, rates, rate=0.3) == 1000 and clock.now == before
    assert steps(tiny_task, tiny_dataset, rates, rate=0.0) == 1000 and clock.now > before


def test_who_takes_no_steps_is_not_timed(
    tiny_task: TaskInfo, tiny_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sized, "takes_gradient_steps", False, raising=False)
    before = clock.now
    assert steps(tiny_task, tiny_dataset, width=16) == 1000 and clock.now == before
