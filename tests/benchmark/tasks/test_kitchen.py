"""Rows of Kitchen, against what they are taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks.kitchen import KITCHEN
from tests.benchmark.tasks.literals import (
    MAGE_PLANS,
    PLAIN,
    TT_LONG_STEPS,
    columns,
    rebrac,
    settings,
)

TASKS = {task.name: task for task in KITCHEN}

# The four sub-tasks of D4RL (section 5 and its environments).
GOALS = {
    "complete": ["microwave", "kettle", "light switch", "slide cabinet"],
    "partial": ["microwave", "kettle", "light switch", "slide cabinet"],
    "mixed": ["microwave", "kettle", "bottom burner", "light switch"],
}

MAGE: dict[str, Any] = {
    "best_of": 1,
    "expectile": 0.9,
    "advantage_asked": 0.0,
    "temperature": 0.5,
}
# IQL: its authors' configs/kitchen_config.py. CQL: as on Adroit. ReBRAC: as for a human's doors.
BASELINES: dict[str, dict[str, Any]] = {
    "iql": {"expectile": 0.7, "weight_temp": 0.5, "dropout": 0.1},
    "cql": {"conservative_weight": 1.0, "lagrange_threshold": 5.0},
    "rebrac": rebrac(0.1, 0.1),
}


@pytest.mark.parametrize("quality", GOALS)
def test_a_row_holds_what_its_sources_say(quality: str) -> None:
    task = TASKS[f"kitchen-{quality}"]
    # 25 points for each of the four sub-tasks.
    assert columns(task) == {
        **PLAIN,
        "name": f"kitchen-{quality}",
        "benchmark": "kitchen",
        "dataset": f"D4RL/kitchen/{quality}-v2",
        "published_as": f"kitchen-{quality}",
        "recipe": f"mage/kitchen/{quality}-v0",
        "env_id": "FrankaKitchen-v1",
        "env_kwargs": {"tasks_to_complete": GOALS[quality]},
        "max_steps": 280,
        "min_score": 0,
        "max_score": 4,
        "relabel": "kitchen",
        "observation_keys": ("observation",),
        "success_return": 4,
        "target_return": 4,
    }
    expected = {**MAGE_PLANS, **TT_LONG_STEPS, **BASELINES, "mage": MAGE}
    if quality == "complete":  # It has few demonstrations, soon known by heart.
        expected["mage"] = {**MAGE, "inverse_learning_rate": 0.0003}
        expected["bc"] = {"learning_rate": 0.0001}
    assert settings(task) == expected


def test_three_datasets() -> None:
    assert list(TASKS) == ["kitchen-complete", "kitchen-partial", "kitchen-mixed"]
