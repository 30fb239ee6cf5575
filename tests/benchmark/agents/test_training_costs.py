"""The budget of `quick`: one rule for all agents, and nothing else that changes their steps."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents import training_costs
from benchmark.agents.builtin import (
    BUILTIN,
    GOAL_AGENTS,
    LEARNING_AGENTS,
    TIMED_AGENTS,
    TIMED_VARIANTS,
)
from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import PRESETS, resolve_settings
from benchmark.agents.training_costs import (
    COSTS_FOLDER,
    TARGET_SECONDS,
    AgentCost,
    Calibration,
    budgeted_steps,
    calibration_text,
    costs_path,
    parse_calibration,
    read_calibration,
    steps_for,
    with_costs,
    write_calibration,
)
from benchmark.tasks import TASKS

TIMED = {"mage": 1000, "mage.mlp": 9000, "dt": 3000}
UMAZE = TASKS["maze2d-umaze"]

ROOT = Path(__file__).resolve().parents[3]
BENCHMARKS = sorted({task.benchmark for task in TASKS.values()})
COST = AgentCost("bc", ("maze2d-umaze", "maze2d-large"), 1000, 0.25, 2.0, 0.5)
MEASURED = {"processor": "an abacus", "versions": {"torch": "2.5"}}
CALIBRATION = Calibration("quick", "maze2d", MEASURED, 0.5, 0.125, (COST,))


def test_training_takes_its_fixed_time_and_that_of_its_steps() -> None:
    assert COST.training_seconds() == 2 + 0.25 * 1000
    assert COST.training_seconds(4) == 3


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [(302, 1200), (2.25, 1), (0.1, 1), (10_002, 40_000), (1002.2, 4000), (1004.6, 4010)],
)
def test_steps_fill_the_seconds_in_three_digits(seconds: float, steps: int) -> None:
    assert steps_for(seconds, COST) == steps


def test_costs_of_an_agent_are_added_in_proportion_to_the_one_that_was_timed_beside_it() -> None:
    where = ("maze2d-umaze", "maze2d-large")
    mage = AgentCost("mage", where, 1000, 0.25, 50.0, 0.5)  # 300 seconds.
    iql = replace(mage, agent="iql", steps=500)
    measured = {**MEASURED, "target_seconds": 300.0}
    kept = Calibration("quick", "maze2d", measured, 0.5, 0.125, (mage, iql, COST))
    # Everything takes twice as long on that day: 600 seconds.
    slow = replace(mage, step_seconds=0.5, fixed_seconds=100.0, steps=1000)
    again = AgentCost("iql", where, 7, 0.2, 20.0, 0.4)
    new = AgentCost("adt", where[:1], 7, 0.4, 0.0, 0.2)
    timed = Calibration("quick", "maze2d", {"when": "later", "target_seconds": 9.0}, 1, 1, (new,))
    timed = replace(timed, agents=(new, again, slow))
    both = with_costs(kept, timed, "mage")
    assert [(row.agent, row.steps, row.step_seconds) for row in both.agents] == [
        ("mage", 1000, 0.25),
        ("bc", 1000, 0.25),
        ("adt", 1500, 0.2),
        ("iql", 2900, 0.1),
    ]
    assert (both.cost("iql", where[1]), both.make_seconds) == (
        AgentCost("iql", where, 2900, 0.1, 10.0, 0.2),
        0.5,
    )
    added = {"when": "later", "agents": ["adt", "iql"], "beside": "mage", "factor": 0.5}
    assert both.measured == {**measured, "added": [added]}
    once_more = with_costs(both, replace(timed, agents=(slow, new)), "mage")
    assert [entry["agents"] for entry in once_more.measured["added"]] == [["adt", "iql"], ["adt"]]
    assert with_costs(once_more, timed, "mage").measured["added"] == [added]


def test_where_steps_are_not_chosen_they_stay() -> None:
    smoke = replace(CALIBRATION, preset="smoke", agents=(replace(COST, agent="mage"),))
    timed = replace(smoke, agents=(replace(COST, agent="mage"), replace(COST, steps=20)))
    assert with_costs(smoke, timed, "mage").agents[1] == replace(COST, steps=20)


def test_a_file_holds_what_was_measured_with_an_agent_in_each_line(tmp_path: Path) -> None:
    path = write_calibration(CALIBRATION, tmp_path)
    assert path == costs_path("quick", "maze2d", tmp_path) == tmp_path / "quick-maze2d.json"
    text = path.read_text(encoding="utf-8")
    assert text == calibration_text(CALIBRATION)
    assert parse_calibration(text) == CALIBRATION
    assert sum('"agent": "bc"' in line for line in text.splitlines()) == 1


def test_the_cost_is_that_of_the_agent_on_the_task() -> None:
    other = AgentCost("bc", ("maze2d-medium",), 1, 1.0, 1.0, 1.0)
    both = Calibration("quick", "maze2d", {}, 0, 0, (COST, other))
    assert both.cost("bc", "maze2d-large") is COST
    assert both.cost("bc", "maze2d-medium") is other
    assert both.cost("dt", "maze2d-large") is None


def test_only_agents_that_are_built_in_and_learn_have_a_budget_and_only_at_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training_costs, "read_calibration", lambda preset, benchmark: CALIBRATION)
    assert budgeted_steps("bc", UMAZE, "quick") == 1000
    assert budgeted_steps("bc", TASKS["maze2d-medium"], "quick") is None
    for agent, preset in (("bc", "smoke"), ("bc", "paper"), ("mean", "quick"), ("own", "quick")):
        assert budgeted_steps(agent, UMAZE, preset) is None
    monkeypatch.setattr(training_costs, "read_calibration", lambda preset, benchmark: None)
    assert budgeted_steps("bc", UMAZE, "quick") is None


def test_an_hour_for_everyone_follows_from_the_costs_of_quick(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(training_costs, "costs_path", lambda *of: tmp_path / f"{'-'.join(of)}.json")
    read_calibration.cache_clear()
    assert read_calibration("standard", "maze2d") is None
    (tmp_path / "quick-maze2d.json").write_text(calibration_text(CALIBRATION), encoding="utf-8")
    read_calibration.cache_clear()
    longer = read_calibration("standard", "maze2d")
    assert longer is not None and longer.preset == "standard"
    (cost,) = longer.agents
    assert cost.training_seconds() == pytest.approx(3600, rel=0.01) and cost.agent == "bc"
    assert cost == replace(COST, steps=cost.steps)
    assert budgeted_steps("bc", UMAZE, "standard") == cost.steps
    read_calibration.cache_clear()


def test_a_yardstick_that_was_timed_has_steps_of_its_own_and_an_ablation_those_of_its_agent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(training_costs, "costs_path", lambda *of: tmp_path / "costs.json")
    costs = [replace(COST, agent=name, steps=steps) for name, steps in TIMED.items()]
    text = calibration_text(replace(CALIBRATION, agents=tuple(costs)))
    (tmp_path / "costs.json").write_text(text, encoding="utf-8")
    read_calibration.cache_clear()
    expected = {**TIMED, "mage.k1": 1000, "dt.state": 3000}
    found = {n: resolve_settings(AgentChoice(n), UMAZE, "quick").steps for n in expected}
    read_calibration.cache_clear()
    assert found == expected


def test_every_agent_was_timed_on_every_task() -> None:
    missing = {
        benchmark: {
            f"{agent} on {task.name}"
            for agent in TIMED_AGENTS
            for task in TASKS.values()
            if task.benchmark == benchmark and (agent not in GOAL_AGENTS or task.hindsight)
        }
        - {f"{cost.agent} on {task}" for cost in calibrated(benchmark) for task in cost.tasks}
        for benchmark in BENCHMARKS
    }
    assert not any(missing.values()), f"mage-bench updates --calibrate --suite ...: {missing}"


def calibrated(benchmark: str) -> tuple[AgentCost, ...]:
    measured = read_calibration("quick", benchmark)
    assert measured is not None
    return measured.agents


def test_training_is_as_long_for_every_agent_on_every_task() -> None:
    for benchmark in BENCHMARKS:
        measured = read_calibration("quick", benchmark)
        assert measured is not None and measured.measured["target_seconds"] == TARGET_SECONDS
        assert measured.measured["processor"] and measured.measured["versions"]["torch"]
        tasks = [task.name for task in TASKS.values() if task.benchmark == benchmark]
        for agent in TIMED_AGENTS:
            for task in tasks:
                if agent in GOAL_AGENTS and TASKS[task].hindsight is None:
                    continue
                costs = [c for c in measured.agents if c.agent == agent and task in c.tasks]
                assert len(costs) == 1, (agent, task)
                # Nothing but the rounding of steps is left; one takes up to 9 s.
                seconds, step = costs[0].training_seconds(), costs[0].step_seconds
                assert seconds == pytest.approx(TARGET_SECONDS, rel=0.01, abs=step)
                assert costs[0].steps < 1_000_000, "more than any agent here can take"
                settings = resolve_settings(AgentChoice(agent), TASKS[task], "quick")
                assert settings.steps == costs[0].steps
                assert settings.sources["steps"] == "calibration of quick"


@pytest.mark.parametrize("agent", LEARNING_AGENTS)
def test_nothing_else_changes_the_steps_of_quick(agent: str) -> None:
    kind: Any = agent_class(agent)
    assert "steps" not in kind.presets.get("quick", {})
    rows = vars(kind).get("task_settings", ())
    assert not [row for row in rows if "steps" in row.values and row.preset != "paper"]
    assert not [name for name, own in getattr(kind, "variants", {}).items() if "steps" in own]
    of_variants = {
        resolve_settings(AgentChoice(f"{agent}.{name}"), TASKS["maze2d-umaze"], "quick").steps
        for name in getattr(kind, "variants", {})
        if f"{agent}.{name}" not in TIMED_VARIANTS
    }
    own = resolve_settings(AgentChoice(agent), TASKS["maze2d-umaze"], "quick").steps
    assert of_variants <= {own}, "ablations are at equal steps, as in the paper"


@pytest.mark.parametrize("path", sorted(COSTS_FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_file_is_of_the_presets_that_there_are(path: Path) -> None:
    measured = parse_calibration(path.read_text(encoding="utf-8"))
    assert path == costs_path(measured.preset, measured.benchmark)
    assert measured.preset in PRESETS and measured.benchmark in BENCHMARKS
    for cost in measured.agents:
        assert cost.agent in (*BUILTIN, *TIMED_VARIANTS)
        for task in cost.tasks:
            choice = AgentChoice(cost.agent)
            assert resolve_settings(choice, TASKS[task], measured.preset).steps == cost.steps


def test_the_files_are_installed_with_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    package_data = project.split("[tool.setuptools.package-data]")[1].split("\n[")[0]
    patterns = re.findall(r'"([^"]+)"', package_data)
    files = [str(path.relative_to(ROOT / "benchmark")) for path in COSTS_FOLDER.iterdir()]
    assert files
    for file in files:
        assert any(fnmatch.fnmatch(file, pattern) for pattern in patterns), file
