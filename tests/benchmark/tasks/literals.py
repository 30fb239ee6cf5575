"""What several tests of rows of the table of tasks share, written out once more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmark.tasks import Task

# MAGE looks 64 steps ahead: 16 pairs, 4 steps apart, with 4 scales; 32, 2 apart, with 8.
MAGE_PLANS = {
    "mage/quick": {"pairs": 16, "stride": 4, "scales": (1, 2, 4, 8)},
    "mage/paper": {"pairs": 32, "stride": 2, "scales": (1, 2, 3, 4, 6, 8, 12, 16)},
}
# Trajectory Transformer where a step takes 40 to 70 tokens (its authors' horizon for the ant).
TT_LONG_STEPS = {
    "tt/quick": {"horizon": 1, "replan_every": 1, "batch_size": 32},
    "tt/paper": {"horizon": 5},
}


def rebrac(actor: float, critic: float, **changes: float) -> dict[str, float]:
    """ReBRAC's penalties, with what its authors have everywhere but in locomotion (CORL)."""
    return {
        "batch_size": 256,
        "actor_learning_rate": 0.0003,
        "critic_learning_rate": 0.0003,
        "actor_penalty": actor,
        "critic_penalty": critic,
        **changes,
    }


# A row that says nothing but what it must.
PLAIN: dict[str, Any] = {
    "env_kwargs": {},
    "published_as": None,
    "recipe": None,
    "relabel": "plain",
    "observation_keys": (),
    "goal_cell": None,
    "success_return": None,
    "discount": 0.99,
    "return_scale": 1.0,
    "target_return": 1.0,
    "position_columns": (),
    "goal_columns": (),
    "camera": {},
}


def columns(task: Task) -> dict[str, Any]:
    """All columns of a row but its settings."""
    return {name: value for name, value in asdict(task).items() if name != "settings"}


def settings(task: Task) -> dict[str, dict[str, Any]]:
    """What each agent, or an agent in one preset, does differently on a task."""
    return {agent: dict(values) for agent, values in task.settings.items()}
