"""How long an agent takes to act.

All agents are timed in one run, in turns, so that whatever else the machine does hits all alike.
Weights are untrained: they do not change the time. The task is one of the paper's, a hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from benchmark.agents.agent_facts import parameter_count
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UnsuitableTaskError, UserError
from benchmark.interface import Agent, Dataset, HindsightGoals, TaskInfo
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info

TIMED_TASK = "adroit-door-expert"
_ROUNDS, _WARM_UP = 10, 3
# Two of its observed numbers, for an agent that needs to be shown a goal.
_SHOWN_GOAL = HindsightGoals((2, 3), (0, 1), radius=0.5)


@dataclass
class Timing:
    """One agent at one size, with one batch on one device.

    Attributes:
        agent: its name.
        preset: whose settings it has.
        batch: environments that act together.
        device: name of a torch device.
        parameters: number of its weights; None if it does not tell.
        milliseconds: of each call.
    """

    agent: str
    preset: str
    batch: int
    device: str
    parameters: int | None = None
    milliseconds: list[float] = field(default_factory=list)


def time_agents(
    agents: Sequence[AgentChoice],
    presets: Sequence[str],
    batches: Sequence[int],
    devices: Sequence[str],
    seconds: float,
    threads: Mapping[str, int],
) -> list[Timing]:
    """Times every agent at every size, in turns.

    Args:
        agents: as the user asked for them.
        presets: whose settings the agents have.
        batches: environments at once.
        devices: names of torch devices.
        seconds: about how long each is timed, warm-up apart.
        threads: of torch, by the agents' names, as in their runs; one for all others.
    """
    torch.set_num_threads(1)
    timings: list[Timing] = []
    for device in devices:
        for preset in presets:
            fitted = {choice.name: fitted_agent(choice, preset, device) for choice in agents}
            if {"mage", "dt"} <= set(fitted):
                fitted |= _matched_variants(preset, device)
            for batch in batches:
                timings += _in_turns(fitted, preset, batch, device, seconds, threads)
    return timings


def fitted_agent(choice: AgentChoice, preset: str, device: str, **changes: Any) -> Agent:
    """An agent that was trained for two steps on noise: enough to act.

    Args:
        choice: which agent, or variant of one.
        preset: whose settings it has, beside those of the task.
        device: name of a torch device.
        changes: settings that differ.
    """
    agent = timed_agent(choice, preset, device, changes)
    data = random_dataset(task_info(TASKS[TIMED_TASK]))
    agent.fit(data, steps=2, seed=0, progress=lambda step, metrics: None)
    return agent


def timed_agent(choice: AgentChoice, preset: str, device: str, changes: Mapping[str, Any]) -> Agent:
    """An agent for the task that all are timed on.

    Args:
        choice: which agent, or variant of one.
        preset: whose settings it has, beside those of the task.
        device: name of a torch device.
        changes: settings that differ.

    Raises:
        UserError: if it cannot be made.
    """
    info = task_info(TASKS[TIMED_TASK])
    settings = resolve_settings(choice, TASKS[TIMED_TASK], preset, changes=changes)
    try:
        return make_agent(choice, info, settings, device)
    except UserError as error:
        if not isinstance(error.__cause__, UnsuitableTaskError):
            raise
    return make_agent(choice, replace(info, hindsight=_SHOWN_GOAL), settings, device)


def _matched_variants(preset: str, device: str) -> dict[str, Agent]:
    """MAGE with eight scales, also without its cache, and a DT of as many weights."""
    # In `paper` it has eight anyway.
    eight_scales = AgentChoice("mage" if preset == "paper" else "mage.k8")
    mage = fitted_agent(eight_scales, preset, device)
    slow = fitted_agent(eight_scales, preset, device, cache=False)
    target_parameters = parameter_count(mage) or 0
    low, high = 8, 1024  # Widths, of which weights are an increasing function.
    while high - low > 4:
        width = (low + high) // 8 * 4
        dt = fitted_agent(AgentChoice("dt"), preset, device, width=width)
        low, high = (
            (width, high) if (parameter_count(dt) or 0) < target_parameters else (low, width)
        )
    return {"mage (K = 8)": mage, "mage (no cache)": slow, "dt (as many weights)": dt}


def random_dataset(info: TaskInfo, steps: int = 2_000) -> Dataset:
    """A dataset of random numbers with a task's sizes."""
    rng = np.random.default_rng(0)
    ends = np.arange(1, steps + 1) % info.max_steps == 0
    ends[-1] = True
    return Dataset(
        observations=rng.standard_normal((steps, info.observation_size)).astype(np.float32),
        actions=rng.uniform(info.action_low, info.action_high, (steps, info.action_size)).astype(
            np.float32
        ),
        rewards=rng.standard_normal(steps).astype(np.float32),
        terminals=np.zeros(steps, bool),
        timeouts=ends,
    )


def _in_turns(
    agents: Mapping[str, Agent],
    preset: str,
    batch: int,
    device: str,
    seconds: float,
    threads: Mapping[str, int],
) -> Iterator[Timing]:
    """Times each agent in as many short turns as all others."""
    info = task_info(TASKS[TIMED_TASK])
    calls = {}
    for name, agent in agents.items():
        torch.set_num_threads(threads.get(name, 1))
        act = _warmed_up(agent, info, batch)
        calls[name] = (Timing(name, preset, batch, device, parameter_count(agent)), act)
    for _ in range(_ROUNDS):
        for timing, act in calls.values():
            torch.set_num_threads(threads.get(timing.agent, 1))
            end = time.perf_counter() + seconds / _ROUNDS
            timing.milliseconds.append(next(act))
            while time.perf_counter() < end:
                timing.milliseconds.append(next(act))
    return iter(timing for timing, _ in calls.values())


def act_milliseconds(agent: Agent, info: TaskInfo, batch: int, seconds: float) -> list[float]:
    """Milliseconds of each call of one agent, the first few apart.

    Args:
        agent: trained for a few steps at least.
        info: of the task that it was made for.
        batch: environments at once.
        seconds: about how long it is timed; one call is, whatever it takes.
    """
    act = _warmed_up(agent, info, batch)
    end = time.perf_counter() + seconds
    milliseconds = [next(act)]
    while time.perf_counter() < end:
        milliseconds.append(next(act))
    return milliseconds


def _warmed_up(agent: Agent, info: TaskInfo, batch: int) -> Iterator[float]:
    """`_caller` on random observations, after its first calls."""
    observations = np.random.default_rng(1).standard_normal((batch, info.observation_size))
    act = _caller(agent, observations.astype(np.float32), info.max_steps)
    for _ in range(_WARM_UP):
        next(act)
    return act


def _caller(agent: Agent, observations: Any, max_steps: int) -> Iterator[float]:
    """Acts for ever, in episodes as long as the task's; yields the milliseconds of each call."""
    rewards = np.zeros(len(observations), np.float32)
    while True:
        agent.reset(len(observations))
        for _ in range(max_steps):
            begin = time.perf_counter()
            agent.act(observations, rewards)
            yield 1000 * (time.perf_counter() - begin)
