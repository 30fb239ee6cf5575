"""Rows of Kitchen, against what they are taken from."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmark.tasks.kitchen import KITCHEN
from tests.benchmark.tasks.literals import PLAIN

TASKS = {task.name: task for task in KITCHEN}

# The four sub-tasks of D4RL (section 5 and its environments).
GOALS = {
    "complete": ["microwave", "kettle", "light switch", "slide cabinet"],
    "partial": ["microwave", "kettle", "light switch", "slide cabinet"],
    "mixed": ["microwave", "kettle", "bottom burner", "light switch"],
}


@pytest.mark.parametrize("quality", GOALS)
def test_a_row_holds_what_its_sources_say(quality: str) -> None:
    task = TASKS[f"kitchen-{quality}"]
    # 25 points for each of the four sub-tasks.
    assert asdict(task) == {
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
        "observation_parts": {"observation": 59},
        "tells_success": False,
        "success_return": 4,
        "target_return": 4,
    }


def test_three_datasets() -> None:
    assert list(TASKS) == ["kitchen-complete", "kitchen-partial", "kitchen-mixed"]
