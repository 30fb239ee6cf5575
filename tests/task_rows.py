"""What agents say of a task, as tests compare it with what it is taken from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmark.agents.registry import agent_class
from benchmark.agents.settings import PRESETS, task_rows
from benchmark.tasks import TASKS


def rows_of(agents: Iterable[str], task: str) -> dict[str, dict[str, Any]]:
    """`agent`, or `agent/preset`, -> what its `task_settings` say of a task, if anything."""
    merged: dict[str, dict[str, Any]] = {}
    for agent in agents:
        for preset in PRESETS:
            for row in task_rows(agent_class(agent), TASKS[task], preset):
                name = f"{agent}/{row.preset}" if row.preset else agent
                merged.setdefault(name, {}).update(row.values)
    return merged
