"""The budget: which steps fill it, how long the others take, and whether it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from benchmark.agents.builtin import TIMED_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings
from benchmark.agents.training_costs import AgentCost, Calibration
from benchmark.evaluation import budget
from benchmark.evaluation.budget import TrainingLength, calibrate, training_lengths
from benchmark.evaluation.training_time import Workload
from benchmark.interface import TaskInfo

TASK = "maze2d-umaze"
EVERYONE = [AgentChoice(name) for name in TIMED_AGENTS]


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo) -> list[Any]:
    """Every agent takes 0.5 s and 0.1 s a step, MAGE 0.2 s a step; returns what is asked."""
    asked: list[Any] = []

    def loads(agents: Sequence[AgentChoice], benchmark: str, preset: str) -> list[Workload]:
        settings = AgentSettings(1000, {}, {})
        return [Workload(agent, (TASK,), tiny_task, settings) for agent in agents]

    def costs(loads: list[Workload], rows: int, seconds: float, rounds: int) -> list[AgentCost]:
        asked.append(([load.agent.name for load in loads], rows, seconds, rounds))
        step = {"mage": 0.2}
        return [
            AgentCost(load.agent.name, load.tasks, 1000, step.get(load.agent.name, 0.1), 0.5, 0.1)
            for load in loads
        ]

    monkeypatch.setattr(budget, "workloads", loads)
    monkeypatch.setattr(budget, "time_training", costs)
    monkeypatch.setattr(budget, "time_environment", lambda task: (0.25, 0.125))
    return asked


def steps_of(calibration: Calibration) -> dict[str, int]:
    return {cost.agent: cost.steps for cost in calibration.agents}


def test_all_agents_fill_the_target(timed: list[Any]) -> None:
    whole = calibrate(EVERYONE, "maze2d", "quick", None, 2.0, 3)
    assert steps_of(whole) == {**dict.fromkeys(TIMED_AGENTS, 3000), "mage": 1500}
    assert timed == [(list(TIMED_AGENTS), 400_000, 2.0, 3)]
    assert (whole.benchmark, whole.preset) == ("maze2d", "quick")
    assert (whole.make_seconds, whole.env_seconds) == (0.25, 0.125)
    measured = whole.measured
    assert (measured["target_seconds"], measured["rows"], measured["rounds"]) == (300, 400_000, 3)
    assert measured["processor"] and measured["versions"]["torch"] and measured["when"]
    assert "commit" in measured and "processor time" in measured["clock"]
    assert steps_of(calibrate(EVERYONE, "maze2d", "quick", 60.5, 2.0, 3))["mage"] == 300


def test_an_agent_of_ones_own_gets_as_long_as_mage_takes_here(timed: list[Any]) -> None:
    own = calibrate([AgentChoice("own", "own.py:Own")], "maze2d", "quick", None, 2.0, 3)
    assert timed[0][0] == ["own", "mage"]
    assert steps_of(own) == {"own": 2000, "mage": 1000}
    asked = calibrate([AgentChoice("bc"), AgentChoice("mage")], "maze2d", "quick", 20.5, 2.0, 3)
    assert steps_of(asked) == {"bc": 200, "mage": 100}


def test_other_presets_keep_their_steps(timed: list[Any]) -> None:
    smoke = calibrate(EVERYONE, "maze2d", "smoke", None, 2.0, 3)
    assert set(steps_of(smoke).values()) == {1000}
    assert "target_seconds" not in smoke.measured


def test_how_long_each_training_is_beside_the_median(
    timed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tuple(AgentCost(name, (TASK,), 1000, 0.1, 2.0, 0.1) for name in ("bc", "dt"))
    monkeypatch.setattr(
        budget, "read_calibration", lambda preset, name: Calibration(preset, name, {}, 0, 0, known)
    )
    # For 100 of the 1,000 steps; 2 s of bc and dt do not depend on the steps.
    monkeypatch.setattr(budget, "time_shares", lambda *arguments: [12.0, 13.0, 11.0])
    agents = [AgentChoice(name) for name in ("bc", "dt", "own")]
    assert training_lengths(agents, "maze2d", 0.1, 3) == [
        TrainingLength("bc", (TASK,), 1000, 102.0, 102 / 110),
        TrainingLength("dt", (TASK,), 1000, 112.0, 112 / 110),
        TrainingLength("own", (TASK,), 1000, 110.0, 1.0),
    ]
