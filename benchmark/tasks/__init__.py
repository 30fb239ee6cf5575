"""What is to be learned, and how it is scored. No agent is named here."""

from __future__ import annotations

from benchmark.tasks.table import TASKS
from benchmark.tasks.task import Task
from benchmark.tasks.task_registry import find_task, known_tasks, register_task

__all__ = ["TASKS", "Task", "find_task", "known_tasks", "register_task"]
