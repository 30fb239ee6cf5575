"""Which tasks of OGBench have far goals."""

from __future__ import annotations

from baselines.shared.far_goals import FAR_GOALS
from benchmark.agents.declared import rows_of_task
from benchmark.tasks import TASKS


def test_they_are_those_whose_own_discount_is_as_high() -> None:
    tasks = [task for task in TASKS.values() if task.benchmark == "ogbench-maze"]
    far = {
        task.name for task in tasks if rows_of_task(FAR_GOALS, task.name, task.benchmark, "quick")
    }
    assert far == {task.name for task in tasks if task.discount == 0.995} != set()
    assert all(row.values == {"gamma": 0.995} for row in FAR_GOALS)
