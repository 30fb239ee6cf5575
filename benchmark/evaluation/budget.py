"""The budget of `quick`: made by measuring, and checked.

All agents that learn are timed together, in turns, in one process and on one thread, so that they
can be compared. Benchmarks can be timed apart, side by side: each has a file of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from benchmark.agents.builtin import MAIN_AGENT, TIMED_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.training_costs import (
    BUDGETED_PRESET,
    TARGET_SECONDS,
    AgentCost,
    Calibration,
    read_calibration,
    steps_for,
)
from benchmark.evaluation.training_time import (
    ROWS,
    shared_steps,
    time_environment,
    time_shares,
    time_training,
    workloads,
)
from benchmark.records.system import commit, machine, versions
from benchmark.tasks import TASKS

_LIBRARIES = ("python", "torch", "numpy", "d3rlpy", "diffusers")


@dataclass(frozen=True)
class TrainingLength:
    """How long an agent's training is at `quick`.

    Attributes:
        agent: its name.
        tasks: names of tasks.
        steps: gradient steps.
        seconds: that they take.
        of_median: these seconds, divided by those of the median training of the benchmark.
    """

    agent: str
    tasks: tuple[str, ...]
    steps: int
    seconds: float
    of_median: float


def has_all_agents(agents: Sequence[AgentChoice]) -> bool:
    """Whether all that are timed are among them, so that they can be written down together."""
    return set(TIMED_AGENTS) <= {agent.name for agent in agents}


def calibrate(
    agents: Sequence[AgentChoice],
    benchmark: str,
    preset: str,
    target: float | None,
    seconds: float,
    rounds: int,
) -> Calibration:
    """Times trainings on a benchmark; at `quick`, chooses the steps that fill the target.

    Args:
        agents: to be timed; unless all that are timed are among them, MAGE is timed beside them.
        benchmark: its name.
        preset: whose settings they have.
        target: seconds of training; None for `TARGET_SECONDS`, or, unless all are timed, for as
            long as MAGE takes with its steps on this machine.
        seconds: about how long a training takes that is timed.
        rounds: turns of each agent.

    Raises:
        UserError: for an agent that cannot be made.
    """
    is_whole = has_all_agents(agents)
    if not is_whole and MAIN_AGENT not in [agent.name for agent in agents]:
        agents = [*agents, AgentChoice(MAIN_AGENT)]
    costs = time_training(workloads(agents, benchmark, preset), ROWS[benchmark], seconds, rounds)
    measured = _circumstances() | {"rows": ROWS[benchmark], "seconds": seconds, "rounds": rounds}
    if preset == BUDGETED_PRESET:
        length = target or (TARGET_SECONDS if is_whole else _seconds_of_main_agent(costs))
        costs = [replace(cost, steps=steps_for(length, cost)) for cost in costs]
        measured["target_seconds"] = length
    task = next(task for task in TASKS.values() if task.benchmark == benchmark)
    return Calibration(preset, benchmark, measured, *time_environment(task), tuple(costs))


def training_lengths(
    agents: Sequence[AgentChoice], benchmark: str, share: float, rounds: int
) -> list[TrainingLength]:
    """Times trainings with the steps of `quick`.

    Args:
        agents: to be timed.
        benchmark: on whose tasks.
        share: of its steps that each takes, from which the whole is worked out; 1 for all.
        rounds: turns of each agent.

    Raises:
        UserError: for an agent that cannot be made.
    """
    loads = workloads(agents, benchmark, BUDGETED_PRESET)
    calibration = read_calibration(BUDGETED_PRESET, benchmark)
    seconds = []
    for load, taken in zip(loads, time_shares(loads, ROWS[benchmark], share, rounds), strict=True):
        cost = calibration.cost(load.agent.name, load.tasks[0]) if calibration else None
        fixed = cost.fixed_seconds if cost else 0.0
        steps = load.settings.steps
        seconds.append(fixed + (taken - fixed) * steps / shared_steps(steps, share))
    median = statistics.median(seconds)
    return [
        TrainingLength(load.agent.name, load.tasks, load.settings.steps, length, length / median)
        for load, length in zip(loads, seconds, strict=True)
    ]


def _seconds_of_main_agent(costs: Sequence[AgentCost]) -> float:
    return next(cost.training_seconds() for cost in costs if cost.agent == MAIN_AGENT)


def _circumstances() -> dict[str, Any]:
    """When, on which machine and with what was measured."""
    hardware, libraries = machine("cpu"), versions()
    return {
        "when": datetime.now(timezone.utc).isoformat(timespec="minutes"),
        **{part: hardware[part] for part in ("processor", "cores", "system")},
        "versions": {name: libraries[name] for name in _LIBRARIES if name in libraries},
        "commit": commit(),
        "clock": "processor time of one thread",
    }
