"""One run: what its record holds, whether it goes well or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.evaluate import evaluation_seeds, tuning_seeds
from benchmark.interface import TaskInfo
from benchmark.record import Record, RunSpec
from benchmark.trial import (
    LearningCurve,
    agent_folder,
    goal_knowledge,
    load_agent,
    log_path,
    run_trial,
    spread,
)


def spec(agent_file: Path, agent: str = "Pusher", **changes: Any) -> RunSpec:
    values = {"settings": {"gain": 2.0}, "source": f"{agent_file}:{agent}", **changes}
    return RunSpec("maze2d-umaze", agent.lower(), 0, "smoke", steps=12, episodes=2, **values)


@pytest.fixture
def done(agent_file: Path, small_umaze: Path, tmp_path: Path) -> Record:
    return run_trial(spec(agent_file), tmp_path / "out", "cpu")


def test_a_completed_run_is_recorded_in_full(done: Record) -> None:
    assert (done.status, done.reason, done.traceback) == ("completed", None, None)
    assert (done.benchmark, done.goal) == ("maze2d", "hidden")
    assert done.episode_seeds == evaluation_seeds(2)
    assert len(done.returns) == len(done.successes) == len(done.lengths) == 2
    assert done.score == pytest.approx(np.mean(done.scores))
    assert done.latency_ms and min(done.latency_ms) > 0
    assert done.dataset["id"] == "mage/maze2d/umaze-v0" and done.dataset["steps"] == 5_000
    assert set(done.seconds) == {"data", "fit", "evaluate", "total"}
    assert done.seconds["total"] >= sum(done.seconds[name] for name in ("data", "fit", "evaluate"))
    assert done.versions["python"] and done.versions["torch"]
    assert done.machine["cores"] and done.machine["device"] == "cpu"
    assert done.peak_memory_mb is not None and 50 < done.peak_memory_mb < 100_000
    assert done.config == {"gain": 2.0}
    assert Record.from_json(done.to_json()) == done


def test_the_curve_holds_losses_and_scores_on_tuning_seeds(done: Record) -> None:
    assert [point["step"] for point in done.curve] == list(range(1, 13))
    assert done.curve[3]["loss"] == 0.25 and done.curve[3]["slow"] == 2.0
    assert [point["step"] for point in done.curve if "score" in point] == [6, 12]
    assert not set(evaluation_seeds(1000)) & set(tuning_seeds(1000))


def test_a_trained_agent_can_be_brought_back(done: Record, tmp_path: Path) -> None:
    folder = agent_folder(tmp_path / "out", done.run)
    assert json.loads((folder / "agent.json").read_text())["settings"] == {"gain": 2.0}
    agent = load_agent(folder)
    agent.reset(1)
    actions = agent.act(np.zeros((1, 4), np.float32), np.zeros(1, np.float32))
    assert actions.shape == (1, 2) and np.abs(actions).max() > 0


def test_a_run_that_raises_is_a_failed_record(
    agent_file: Path, small_umaze: Path, tmp_path: Path
) -> None:
    failed = run_trial(spec(agent_file, "Broken"), tmp_path, "cpu")
    assert (failed.status, failed.score) == ("failed", None)
    assert failed.reason == "RuntimeError: diverged on purpose"
    assert failed.remedy is not None and str(log_path(tmp_path, failed.run)) in failed.remedy
    assert failed.traceback is not None and "my_agents.py" in failed.traceback
    assert failed.curve == [{"loss": 3.0, "step": 1}] and failed.dataset["steps"] == 5_000
    assert not (agent_folder(tmp_path, failed.run) / "agent.json").exists()


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Lazy", "agent took 11 of 12 gradient steps"),
        ("Greedy", "agent reported gradient step 13 after 12 of 12"),
    ],
)
def test_the_budget_is_kept_exactly(
    agent_file: Path, small_umaze: Path, tmp_path: Path, agent: str, reason: str
) -> None:
    failed = run_trial(spec(agent_file, agent), tmp_path, "cpu")
    assert (failed.status, failed.reason) == ("failed", f"RuntimeError: {reason}")


def test_a_missing_dataset_is_no_failure(agent_file: Path, tmp_path: Path) -> None:
    record = run_trial(spec(agent_file), tmp_path, "cpu")
    assert record.status == "no-dataset"
    assert record.reason and record.remedy


@pytest.mark.parametrize(
    ("position", "goal", "inpaints", "known"),
    [
        ((), (), True, "none"),
        ((0, 1), (), True, "hidden"),
        ((0, 1), (4, 5), False, "shown"),
        ((0, 1), (4, 5), True, "in-painted"),
    ],
)
def test_what_is_known_of_the_goal(
    position: tuple[int, ...], goal: tuple[int, ...], inpaints: bool, known: str
) -> None:
    bounds = np.ones(2, np.float32)
    info = TaskInfo("t", 6, -bounds, bounds, 10, position_columns=position, goal_columns=goal)
    agent = type("Agent", (), {"inpaints_goal": True} if inpaints else {})
    assert goal_knowledge(info, agent) == known


@pytest.mark.parametrize(
    ("total", "points", "steps"),
    [(100, 4, {25, 50, 75, 100}), (10, 3, {4, 7, 10}), (2, 5, {1, 2}), (1, 50, {1})],
)
def test_points_are_spread_to_the_end(total: int, points: int, steps: set[int]) -> None:
    assert spread(total, points) == steps


def test_a_loss_is_asked_for_only_where_it_is_kept() -> None:
    asked = []
    curve = LearningCurve(RunSpec("t", "a", 0, "smoke", steps=1000, episodes=1), lambda: 5.0)
    for step in range(1, 1001):
        curve(step, {"loss": lambda: asked.append(1) or 1.0})  # type: ignore[func-returns-value]
    assert len(asked) == len(curve.points) == 50
    assert [point["step"] for point in curve.points if point.get("score") == 5.0] == [500, 1000]


def test_steps_must_go_forward() -> None:
    curve = LearningCurve(RunSpec("t", "a", 0, "smoke", steps=10, episodes=1), lambda: 0.0)
    curve(2, {})
    with pytest.raises(RuntimeError, match="agent reported gradient step 2 after 2 of 10"):
        curve(2, {})
