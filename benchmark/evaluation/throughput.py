"""How many gradient steps a second each agent takes.

All agents learn from the same random numbers, with the same batch, in turns, so that whatever else
the machine does hits all alike. MAGE is timed in its last and longest stage.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch

from benchmark.agents.agent_facts import parameter_count
from benchmark.agents.registry import AgentChoice
from benchmark.errors import UserError
from benchmark.evaluation.action_timing import TIMED_TASK, random_dataset, timed_agent
from benchmark.evaluation.device_clock import seconds_now
from benchmark.interface import Agent, Dataset
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info


class Throughput(NamedTuple):
    """How fast an agent learns.

    Attributes:
        agent: its name.
        parameters: number of its weights; None if it does not say.
        batch: windows or transitions of a gradient step.
        updates_per_second: by the median step.
        steps: how many were timed.
    """

    agent: str
    parameters: int | None
    batch: int
    updates_per_second: float
    steps: int


def count_updates(
    agents: Sequence[AgentChoice], preset: str, batch: int, device: str, steps: int, rounds: int
) -> list[Throughput]:
    """Times all agents in turns.

    Args:
        agents: as the user asked for them.
        preset: whose settings they have, but for the batch.
        batch: what all of them learn from at a time.
        device: name of a torch device.
        steps: gradient steps of a turn, of which the last half is timed.
        rounds: turns.

    Raises:
        UserError: for an agent whose settings know no `batch_size`.
    """
    torch.set_num_threads(1)
    data = random_dataset(task_info(TASKS[TIMED_TASK]))
    seconds: dict[str, list[float]] = {choice.name: [] for choice in agents}
    weights = {}
    for _ in range(rounds):
        for choice in agents:
            agent = _make(choice, preset, batch, device)
            seconds[choice.name] += _times(agent, data, steps, device)
            weights[choice.name] = parameter_count(agent)
    return [
        Throughput(name, weights[name], batch, 1 / statistics.median(times), len(times))
        for name, times in seconds.items()
    ]


def _make(choice: AgentChoice, preset: str, batch: int, device: str) -> Agent:
    try:
        return timed_agent(choice, preset, device, {"batch_size": batch})
    except UserError as error:  # Nobody has set the batch, so that only the cause is of use.
        reason = error.__cause__ or error
        raise UserError(f"agent {choice.name!r} cannot be made: {reason}; leave it out") from error


def _times(agent: Agent, data: Dataset, steps: int, device: str) -> list[float]:
    """Seconds of each of the last half of the gradient steps."""
    ends: list[float] = []
    agent.fit(data, steps=steps, seed=0, progress=lambda *_: ends.append(seconds_now(device)))
    half = ends[len(ends) // 2 :]
    return [end - begin for begin, end in pairwise(half)]
