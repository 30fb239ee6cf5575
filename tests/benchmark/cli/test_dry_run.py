"""What there is and what would be done, as it is printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.cli import dry_run
from benchmark.data import DatasetState
from benchmark.errors import BadDatasetError, UserError
from benchmark.records.record import RunSpec
from benchmark.running.estimate import CostEstimate
from benchmark.running.grid import Grid
from benchmark.running.search_space import Search
from benchmark.tasks import TASKS, Task


def states(monkeypatch: pytest.MonkeyPatch, found: dict[str, tuple[str, str]]) -> list[str]:
    """Puts these datasets in the place of the real ones; returns the values of --data."""
    asked = []

    def state(task: object, data: str) -> DatasetState:
        asked.append(data)
        identifier, known = found[task.name]  # type: ignore[attr-defined]
        return DatasetState(identifier, known, f"detail of {identifier}")

    monkeypatch.setattr(dry_run, "dataset_state", state)
    monkeypatch.setattr(dry_run, "check_described", lambda *given: None)
    return asked


def test_a_plan_counts_runs_data_and_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("maze2d-umaze", "maze2d-medium", "maze2d-large")
    kinds = dict(
        zip(names, (("a-v0", "cached"), ("b-v0", "missing"), ("c-v0", "cached")), strict=True)
    )
    asked = states(monkeypatch, kinds)
    costs: list[Any] = []
    monkeypatch.setattr(
        dry_run, "estimate", lambda *given: costs.append(given) or CostEstimate(80_000.0, 119.4)
    )
    agents = [AgentChoice("mage"), AgentChoice("dt.big"), AgentChoice("mine", "a.py:Mine")]
    grid = Grid([TASKS[name] for name in names], agents, [4, 7], "quick", data="local")
    pending = [("maze2d-umaze", "mage"), ("maze2d-umaze", "dt.big"), ("maze2d-large", "mine")]
    head, datasets, data, cost = dry_run.dry_run_text(grid, pending, workers=3).split("\n\n")
    assert asked == ["local"] * 3
    # 3 x 3 x 2 = 18.
    assert head == (
        "18 runs: 3 tasks x 3 agents (mage, dt.big, mine) x 2 seeds (4, 7), preset quick; "
        "done: 15, to do: 3"
    )
    assert [line.split()[:4] for line in datasets.splitlines()[3:]] == [
        ["maze2d-umaze", "2", "a-v0", "cached"],
        ["maze2d-medium", "0", "b-v0", "missing"],
        ["maze2d-large", "1", "c-v0", "cached"],
    ]
    assert data == "Data: 2 cached, 1 missing"
    assert costs == [(grid, pending, 3)]
    assert cost.startswith(
        "Estimated cost: 22 hours of one core without a GPU, about 119 seconds with 3 workers;"
    )
    serial = dry_run.dry_run_text(grid, pending, workers=0)
    assert "about 119 seconds one after another in this process; collecting" in serial


def test_a_plan_of_searches_counts_their_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[Any] = []
    monkeypatch.setattr(
        dry_run, "estimate", lambda *given: costs.append(given) or CostEstimate(7200.0, 4000.0)
    )
    grid = Grid([TASKS["maze2d-umaze"]], [AgentChoice("mage"), AgentChoice("bc")], [100], "quick")
    runs = [RunSpec("maze2d-umaze", agent, 100, "quick", 30, 50) for agent in ("mage", "bc")]
    left = [Search(run, {}, {}, 4, 20, "cpu", trainings=3) for run in runs]
    head, table, cost = dry_run.search_plan_text(grid, 3, left, 5).split("\n\n")
    assert head == "Searches: 3, done: 1, to do: 2"
    assert [line.split()[:5] for line in table.splitlines()[3:]] == [
        ["maze2d-umaze", "mage", "4", "3", "30"],
        ["maze2d-umaze", "bc", "4", "3", "30"],
    ]
    assert costs == [(grid, [("maze2d-umaze", agent)] * 12, 5) for agent in ("mage", "bc")]
    assert cost.startswith(
        "Estimated cost: at most 4.0 hours of one core without a GPU, 2.2 hours with 5 workers;"
    )


def test_a_plan_says_which_data_a_run_would_find_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("maze2d-umaze", "maze2d-medium", "maze2d-large")
    states(monkeypatch, {name: (f"{name}-v0", "cached") for name in names})

    def check(task: Task, dataset_id: str, data: str) -> None:
        assert dataset_id == f"{task.name}-v0" and data == "minari"
        if task.name != "maze2d-large":
            raise BadDatasetError(f"{dataset_id} is altered", "put it back")

    monkeypatch.setattr(dry_run, "check_described", check)
    grid = Grid([TASKS[name] for name in names], [AgentChoice("bc")], [0], "smoke", data="minari")
    pending = [(name, "bc") for name in names]
    text = dry_run.dry_run_text(grid, pending, 1)
    assert "Data: 2 bad, 1 cached" in text
    assert "maze2d-umaze-v0 is altered; put it back" in text
    # As the run itself, which goes on where there is any data.
    with pytest.raises(UserError, match="umaze-v0 is altered; put it back; maze2d-medium-v0 is al"):
        dry_run.dry_run_text(grid, pending[:2], 1)
    assert "Data: 3 cached" in dry_run.dry_run_text(grid, pending[2:], 1)


def test_a_plan_shows_the_dataset_that_the_user_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("maze2d-umaze", "maze2d-medium")
    asked = states(monkeypatch, dict.fromkeys(names, ("a-v0", "cached")))
    grid = Grid([TASKS[name] for name in names], [AgentChoice("mage")], [0], "quick")
    dry_run.dry_run_text(replace(grid, datasets={"maze2d-medium": "my/maze-v0"}), [], 1)
    assert asked == ["auto", "my/maze-v0"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (119.6, "120 seconds"),
        (120, "2.0 minutes"),
        (599, "10.0 minutes"),
        (611, "10 minutes"),
        (7199, "120 minutes"),
        (7200, "2.0 hours"),
        (36_000_000, "10,000 hours"),
    ],
)
def test_times_are_said_in_the_unit_that_people_would_use(seconds: float, text: str) -> None:
    assert dry_run._duration(seconds) == text


def test_the_listing_has_a_row_for_each_thing() -> None:
    lines = [" ".join(line.split()) for line in dry_run.listing().splitlines()]
    for line in (
        "maze2d-umaze maze2d D4RL/pointmaze/umaze-v2 mage/maze2d/umaze-v0",
        "adroit-door-expert adroit D4RL/door/expert-v2 -",
        "kitchen: 3 tasks",
        "all: 81 tasks",
        "paper 100 the published sizes, to be set beside published scores; needs a GPU",
    ):
        assert line in lines
