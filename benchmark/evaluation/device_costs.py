"""What an agent costs on a device: gradient steps a second, memory, milliseconds to act."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmark.agents.builtin import GOAL_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UserError
from benchmark.evaluation.action_timing import TIMED_TASK, act_milliseconds, random_dataset
from benchmark.evaluation.device_clock import forget_peak, peak_bytes
from benchmark.evaluation.training_time import Workload
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import task_info

GOAL_TASK = "multi2d-umaze"  # For agents that have to be shown a goal.
ROWS = 20_000
UPDATES = "updates/s"

Figures = Iterator[tuple[str, float]]
"""What was measured, by what it is called."""


def workload(choice: AgentChoice, preset: str, device: str, **changes: Any) -> Workload:
    """An agent on the task that all are timed on, or on one that shows a goal, if it needs one.

    Args:
        choice: the agent.
        preset: whose settings it has.
        device: name of a torch device.
        changes: settings that differ.
    """
    task = TASKS[GOAL_TASK if choice.name in GOAL_AGENTS else TIMED_TASK]
    settings = resolve_settings(choice, task, preset, changes=changes)
    return Workload(choice, (task.name,), task_info(task), settings, device)


def made_up_data(load: Workload) -> Dataset:
    """Random numbers with the sizes of its task."""
    return random_dataset(load.info, ROWS)


def figures_of(load: Workload, seconds: float, batches: Sequence[int]) -> Figures:
    """Times an agent: all stages of a training, then actions.

    Args:
        load: from `workload`.
        seconds: about how long the training takes; a tenth of that goes to each number of
            environments.
        batches: environments that act at once.

    Yields:
        Gradient steps a second over all stages; seconds that training takes beside them; MiB that
        tensors took at most, where the device tells; milliseconds of a call of `act` (median).
    """
    data = made_up_data(load)
    forget_peak(load.device)
    load.choose_lengths(data, seconds)
    agent = load.time_turn(data)
    cost = load.cost()
    yield UPDATES, 1 / cost.step_seconds
    yield "fixed s", cost.fixed_seconds
    if (peak := peak_bytes(load.device)) is not None:
        yield "MiB", peak / 2**20
    for batch in batches:
        times = act_milliseconds(agent, load.info, batch, seconds / 10)
        yield f"ms at {batch:,}", statistics.median(times)


def gradient_steps(choice: AgentChoice, preset: str, tasks: Sequence[Task]) -> int:
    """All that a preset takes on some tasks with one seed, where the agent can learn them."""
    total = 0
    for task in tasks:
        if choice.name not in GOAL_AGENTS or task_info(task).hindsight is not None:
            total += resolve_settings(choice, task, preset).steps
    if not total:
        raise UserError(f"agent {choice.name!r} learns none of {len(tasks)} tasks; leave it out")
    return total
