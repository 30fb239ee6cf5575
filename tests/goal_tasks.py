"""A task on which any agent can be made."""

from __future__ import annotations

from dataclasses import replace

from benchmark.agents.builtin import GOAL_AGENTS
from benchmark.interface import TaskInfo
from benchmark.running.synthetic_task import SHOWN_GOAL


def suited_to(name: str, task: TaskInfo) -> TaskInfo:
    """The task, which shows a goal if the agent needs one."""
    return replace(task, hindsight=SHOWN_GOAL) if name in GOAL_AGENTS else task
