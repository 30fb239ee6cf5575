"""What runs will cost: every option that changes it, with made-up costs whose sums are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings_file import SettingsFile
from benchmark.agents.training_costs import AgentCost, Calibration
from benchmark.running import estimate as module
from benchmark.running.estimate import COMMAND_SECONDS, RUN_SECONDS, CostEstimate, estimate
from benchmark.running.grid import Grid
from benchmark.tasks import TASKS

MAZE, LARGE = "maze2d-umaze", "maze2d-large"
COSTS = Calibration(
    preset="quick",
    benchmark="maze2d",
    measured={},
    make_seconds=0.5,
    env_seconds=0.0,
    agents=(
        AgentCost("mage", (MAZE,), 1000, 0.25, 50.0, 0.0),
        AgentCost("mage", (LARGE,), 500, 0.5, 50.0, 0.0),
        AgentCost("bc", (MAZE, LARGE), 3000, 0.0625, 12.5, 0.0),
    ),
)
MAKING = 10 * 0.5


@pytest.fixture(autouse=True)
def costs(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {("quick", "maze2d"): COSTS, ("paper", "adroit"): COSTS}
    monkeypatch.setattr(module, "read_calibration", lambda *key: known.get(key))
    monkeypatch.setattr(module, "usable_cores", lambda: 4)


def grid(*agents: str, seeds: int = 1, **options: Any) -> Grid:
    choices = [AgentChoice(*agent.split("=")) for agent in agents]
    options = {"preset": "quick", **options}
    return Grid([TASKS[MAZE], TASKS[LARGE]], choices, list(range(seeds)), **options)


def training(asked: Grid, name: str = "mage", task: str = MAZE) -> float:
    """Seconds of a run without its process and its environments."""
    return estimate(asked, [(task, name)], 1).core_seconds - RUN_SECONDS - MAKING


def test_training_takes_its_steps() -> None:
    assert training(grid("mage")) == 300
    assert training(grid("mage"), task=LARGE) == 300
    assert training(grid("bc"), "bc") == 200
    assert training(grid("mage.k1"), "mage.k1") == 300


def test_options_change_it() -> None:
    assert training(grid("mage", steps=10)) == 52.5
    assert training(grid("mage", steps=10), task=LARGE) == 55
    assert training(grid("mage", max_minutes=2)) == 120
    assert training(grid("mage", max_minutes=20)) == 300
    file = SettingsFile(agents={"mage": {"steps": 2000, "width": 9}, "bc": {"steps": 1}})
    assert training(grid("mage", settings_file=file)) == 550
    assert training(grid("mage", settings_file=file, steps=10)) == 52.5
    said = replace(file, command={"mage": {"steps": 4000}})
    assert training(grid("mage", settings_file=said)) == 1050, "--set has the last word"
    assert training(grid("mage.k1", settings_file=said), "mage.k1") == 1050


def test_an_agent_that_is_not_built_in_costs_as_much_as_any(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert training(grid("own=own.py:Own"), "own") == 300, "it need not even be imported"

    class Own:
        presets = {"quick": {"steps": 400}}  # noqa: RUF012

        def fit(self) -> None: ...

        reset = act = save = load = fit

    monkeypatch.setattr(registry, "_registered", {"own": Own})
    # Half of its steps take half as long as half of the others'.
    assert training(grid("own", steps=200), "own") == 50 + 0.25 * 500


def test_a_reference_row_learns_nothing() -> None:
    assert training(grid("mean"), "mean") == 0


def test_episodes_are_played_ten_at_a_time_for_the_curve_and_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acting = AgentCost("bc", (MAZE,), 1, 0.0, 0.0, 0.5)
    slow = Calibration("quick", "maze2d", {}, 1.0, 0.125, (acting,))
    monkeypatch.setattr(module, "read_calibration", lambda *key: slow)

    def playing(**options: Any) -> float:
        return estimate(grid("bc", **options), [(MAZE, "bc")], 1).core_seconds - RUN_SECONDS

    # 60 actions for the latency, 4 scores of 5 episodes of 300 steps, and the evaluation.
    before = 60 * 0.625 + 4 * 300 * (0.5 + 5 * 0.125)
    assert playing() == 10 + before + 5 * 300 * (0.5 + 10 * 0.125)
    assert playing(episodes=12) == 10 + before + 300 * (2 * 0.5 + 12 * 0.125)
    assert playing(episodes=2) == 5 + before + 300 * (0.5 + 2 * 0.125)


def test_a_preset_that_was_not_timed_on_a_benchmark_costs_what_it_does_on_another() -> None:
    paper = estimate(grid("bc", preset="paper"), [(MAZE, "bc")], 1).core_seconds
    assert paper == RUN_SECONDS + MAKING + 200


def test_workers_share_the_runs_but_not_one_run() -> None:
    one = RUN_SECONDS + MAKING + 300
    asked = grid("mage", seeds=3)

    def seconds(runs: int, workers: int) -> float:
        cost = estimate(asked, [(MAZE, "mage")] * runs, workers)
        assert cost.core_seconds == runs * one
        return cost.seconds - COMMAND_SECONDS

    assert [seconds(1, workers) for workers in (0, 1, 2, 8)] == [one] * 4
    assert [seconds(3, workers) for workers in (0, 1, 2, 3)] == [3 * one, 3 * one, 2 * one, one]
    # Of four cores, eight runs at a time have a half each.
    assert seconds(8, 8) == 2 * one
    assert estimate(asked, [], 2) == CostEstimate(0, 0)


def test_real_costs_are_there_for_every_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for preset in ("smoke", "quick", "standard", "paper"):
        for task in TASKS:
            asked = Grid([TASKS[task]], [AgentChoice("mage")], [0], preset)
            assert estimate(asked, [(task, "mage")], 1).core_seconds > RUN_SECONDS
