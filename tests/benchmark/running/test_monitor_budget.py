"""Every gradient step of the budget is reported, or the run has failed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.interface import Dataset
from benchmark.records.files import RunPlace
from tests.benchmark.counting import SHORT, Counter, clock, make

__all__ = ["clock"]  # A fixture.


@pytest.mark.parametrize("step", [1, 1000, 1001])
def test_steps_must_go_forward_within_the_budget(
    place: RunPlace, tiny_dataset: Dataset, step: int
) -> None:
    trained = make(place, Counter())
    trained.fit(tiny_dataset)
    message = f"agent reported gradient step {step} after 1000 of 1000"
    with pytest.raises(RuntimeError, match=message):
        trained(step, {})


@pytest.mark.parametrize("step", [0, 2, 10, 1.5])
def test_no_step_is_left_out(place: RunPlace, step: float) -> None:
    message = f"agent reported gradient step {step} after 0 of 10; fit has to report each step once"
    with pytest.raises(RuntimeError, match=message):
        make(place, Counter(), SHORT)(step, {})  # type: ignore[arg-type]


def test_steps_of_numpy_are_recorded_as_numbers(place: RunPlace, tiny_dataset: Dataset) -> None:
    class Numpy(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            for step in np.arange(1, steps + 1):
                progress(step, {})

    trained = make(place, Numpy(), SHORT)
    trained.fit(tiny_dataset)
    assert trained.step == 10 and type(trained.step) is int


def test_steps_that_are_left_over_are_an_error(place: RunPlace, tiny_dataset: Dataset) -> None:
    class Lazy(Counter):
        def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
            super().fit(dataset, steps=steps - 1, seed=seed, progress=progress)

    with pytest.raises(RuntimeError, match="agent took 9 of 10 gradient steps"):
        make(place, Lazy(), SHORT).fit(tiny_dataset)


class Idle(Counter):
    def fit(self, dataset: object, *, steps: int, seed: int, progress: Any) -> None:
        pass


@pytest.mark.parametrize("no", [False, np.bool_(False)])
def test_an_agent_without_gradient_steps_is_done_at_once(
    place: RunPlace, tiny_dataset: Dataset, no: object
) -> None:
    class Declared(Idle):
        takes_gradient_steps = no

    done = make(place, Declared())
    assert done.fit(tiny_dataset) == "completed"
    assert (done.step, done.points) == (0, [])


@pytest.mark.parametrize("declared", [None, True, 0])
def test_an_agent_that_reports_nothing_is_told_what_to_do(
    place: RunPlace, tiny_dataset: Dataset, declared: object
) -> None:
    agent = Idle()
    if declared is not None:
        agent.takes_gradient_steps = declared  # type: ignore[attr-defined]
    message = (
        r"agent reported none of 10 gradient steps; its fit has to call progress\(step, losses\) "
        "after each, or its class has to say takes_gradient_steps = False"
    )
    with pytest.raises(RuntimeError, match=message):
        make(place, agent, SHORT).fit(tiny_dataset)


def test_steps_that_an_agent_says_it_does_not_take_are_an_error(
    place: RunPlace, tiny_dataset: Dataset
) -> None:
    class Torn(Counter):
        takes_gradient_steps = False

    agent = Torn()
    with pytest.raises(RuntimeError, match="but Torn says takes_gradient_steps = False; leave out"):
        make(place, agent, SHORT).fit(tiny_dataset)
    assert agent.count == 1, "at the first of them"
