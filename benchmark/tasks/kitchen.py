"""Franka Kitchen: a robot arm has to do four sub-tasks; the score is 25 for each that is done.

The environment is the library's default: it rewards a sub-task once, when it is done, and ends
after the fourth. The published data was recorded with another rule (see `data.relabel.kitchen`).
"""

from __future__ import annotations

from benchmark.tasks.task import Task

_GOALS = {
    "complete": ["microwave", "kettle", "light switch", "slide cabinet"],
    "partial": ["microwave", "kettle", "light switch", "slide cabinet"],
    "mixed": ["microwave", "kettle", "bottom burner", "light switch"],
}

KITCHEN = [
    Task(
        name=f"kitchen-{quality}",
        benchmark="kitchen",
        dataset=f"D4RL/kitchen/{quality}-v2",
        published_as=f"kitchen-{quality}",
        recipe=f"mage/kitchen/{quality}-v0",
        env_id="FrankaKitchen-v1",
        env_kwargs={"tasks_to_complete": goals},
        max_steps=280,
        min_score=0.0,
        max_score=4.0,
        relabel="kitchen",
        observation_parts={"observation": 59},
        tells_success=False,
        success_return=4.0,
        target_return=4.0,
    )
    for quality, goals in _GOALS.items()
]
