"""What MAGE does on each task, written out once more."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks import TASKS
from mage.agent import MAGEAgent
from mage.task_settings import TASK_SETTINGS
from tests.task_rows import rows_of

# MAGE looks 64 steps ahead: 16 pairs, 4 steps apart, with 4 scales or 3; 32, 2 apart, with 8.
PLANS: dict[str, dict[str, Any]] = {
    "mage/quick": {"pairs": 16, "stride": 4, "scales": (1, 2, 4, 8)},
    "mage/paper": {"pairs": 32, "stride": 2, "scales": (1, 2, 3, 4, 6, 8, 12, 16)},
}

HAND = {"temperature": 0.5, "inverse_dropout": 0.2, "inverse_noise": 0.1}
MIXED = {**HAND, "best_of": 8, "expectile": 0.99}
EXPERT = {**HAND, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.0}
KITCHEN = {
    **{"best_of": 1, "expectile": 0.9, "advantage_asked": 0.0},
    # It has few demonstrations, soon known by heart.
    **{"temperature": 0.5, "inverse_learning_rate": 0.0003},
}
ANT = {"log_returns": True, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.5}
MAZE = {
    **{"inverse_dropout": 0.2, "temperature": 1.0},
    **{"log_returns": True, "persistence": 0.97},
    **{"expectile": 0.995, "best_of": 16, "advantage_asked": 1.25},
}
GOALS = {
    **{"condition_width": 512, "condition_layers": 3, "start_noise": 0.15, "inverse_noise": 0.02},
    **{"replan_every": 16, "temperature": 0.5, "inverse_dropout": 0.2},
    **{"inverse_weight": 0.0, "condition_weight": 0.0, "gumbel": False},
    **{"log_returns": True, "bootstrap_steps": 64, "place_features": 64},
    **{"expectile": 0.9, "best_of": 8},
}
QUICK: dict[str, dict[str, Any]] = {
    "antmaze-": {"shares": (0.09, 0.06, 0.77)},
    "maze2d-": {"stride": 24, "scales": (1, 2, 4), "shares": (0.15, 0.05, 0.65)},
    "ogbench-pointmaze-": {"shares": (0.15, 0.05, 0.2)},
    "ogbench-antmaze-": {"shares": (0.15, 0.05, 0.2)},
    "ogbench-humanoidmaze-": {"shares": (0.15, 0.05, 0.2)},
    "multi2d-": {"stride": 24, "scales": (1, 2, 4), "shares": (0.15, 0.05, 0.65)},
}

ADROIT: dict[str, dict[str, Any]] = {
    f"adroit-{hand}-{quality}": values
    for hand in ("pen", "door", "hammer", "relocate")
    for quality, values in (("human", MIXED), ("cloned", MIXED), ("expert", EXPERT))
}
EXPECTED: dict[str, dict[str, Any]] = {
    **ADROIT,
    **dict.fromkeys((name for name in TASKS if name.startswith("kitchen-")), KITCHEN),
    **dict.fromkeys((name for name in TASKS if name.startswith("antmaze-")), ANT),
    **dict.fromkeys((name for name in TASKS if name.startswith("maze2d-")), MAZE),
    **dict.fromkeys((name for name in TASKS if name.startswith("multi2d-")), MAZE),
    **{name: GOALS for name, task in TASKS.items() if task.benchmark == "ogbench-maze"},
}


@pytest.mark.parametrize("task", TASKS)
def test_what_mage_does_on_a_task(task: str) -> None:
    expected = {**PLANS, **({"mage": EXPECTED[task]} if task in EXPECTED else {})}
    for benchmark, values in QUICK.items():
        if task.startswith(benchmark):
            expected["mage/quick"] = {**PLANS["mage/quick"], **values}
    if task.startswith(("maze2d-", "multi2d-")):
        expected["mage/paper"] = {**PLANS["mage/paper"], "stride": 12}
    assert rows_of(["mage"], task) == expected


def test_locomotion_and_the_arm_have_nothing_of_their_own() -> None:
    without = {TASKS[name].benchmark for name in TASKS if name not in EXPECTED}
    assert without == {"locomotion", "ogbench-arm"}


def test_the_agent_has_these_and_each_says_where_it_comes_from() -> None:
    assert MAGEAgent.task_settings is TASK_SETTINGS
    assert all(row.source for row in TASK_SETTINGS)
