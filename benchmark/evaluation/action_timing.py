"""How long an agent takes to act.

All agents are timed in one run, in turns, so that whatever else the machine does hits all alike.
Weights are untrained: they do not change the time. The task is one of the paper's, a hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from benchmark.agents.registry import variant_settings
from benchmark.agents.settings import agent_settings
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info

TIMED_TASK = "adroit-door-expert"
_ROUNDS, _WARM_UP = 10, 3


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
    agents: Mapping[str, type[Any]],
    presets: Sequence[str],
    batches: Sequence[int],
    devices: Sequence[str],
    seconds: float,
) -> list[Timing]:
    """Times every agent at every size, in turns.

    Args:
        agents: name -> class.
        presets: whose settings the agents have.
        batches: environments at once.
        devices: names of torch devices.
        seconds: about how long each is timed, warm-up apart.
    """
    torch.set_num_threads(1)
    timings: list[Timing] = []
    for device in devices:
        for preset in presets:
            fitted = {name: fitted_agent(name, cls, preset, device) for name, cls in agents.items()}
            if {"mage", "dt"} <= set(agents):
                fitted |= _matched_variants(agents, preset, device)
            for batch in batches:
                timings += _in_turns(fitted, preset, batch, device, seconds)
    return timings


def fitted_agent(
    name: str, agent_cls: type[Any], preset: str, device: str, **changes: Any
) -> Agent:
    """An agent that was trained for two steps on noise: enough to act.

    Args:
        name: of the agent.
        agent_cls: its class.
        preset: whose settings it has.
        device: name of a torch device.
        changes: settings that differ.
    """
    info = task_info(TASKS[TIMED_TASK])
    of_task = {**TASKS[TIMED_TASK].settings_for(name, preset), **changes}
    agent: Agent = agent_cls(info, agent_settings(agent_cls, preset, of_task)[1], device)
    agent.fit(random_dataset(info), steps=2, seed=0, progress=lambda step, metrics: None)
    return agent


def _matched_variants(
    agents: Mapping[str, type[Any]], preset: str, device: str
) -> dict[str, Agent]:
    """MAGE with eight scales, also without its cache, and a DT of as many weights."""
    mage_cls, eight = agents["mage"], variant_settings("mage.k8")
    if preset == "paper":  # There it has eight anyway.
        eight = {}
    mage = fitted_agent("mage", mage_cls, preset, device, **eight)
    slow = fitted_agent("mage", mage_cls, preset, device, **eight, cache=False)
    target_parameters = _parameters(mage) or 0
    low, high = 8, 1024  # Widths, of which weights are an increasing function.
    while high - low > 4:
        width = (low + high) // 8 * 4
        dt = fitted_agent("dt", agents["dt"], preset, device, width=width)
        low, high = (width, high) if (_parameters(dt) or 0) < target_parameters else (low, width)
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
    agents: Mapping[str, Agent], preset: str, batch: int, device: str, seconds: float
) -> Iterator[Timing]:
    """Times each agent in as many short turns as all others."""
    info = task_info(TASKS[TIMED_TASK])
    observations = np.random.default_rng(1).standard_normal((batch, info.observation_size))
    calls = {}
    for name, agent in agents.items():
        act = _caller(agent, observations.astype(np.float32), info.max_steps)
        for _ in range(_WARM_UP):
            next(act)
        calls[name] = (Timing(name, preset, batch, device, _parameters(agent)), act)
    for _ in range(_ROUNDS):
        for timing, act in calls.values():
            end = time.perf_counter() + seconds / _ROUNDS
            timing.milliseconds.append(next(act))
            while time.perf_counter() < end:
                timing.milliseconds.append(next(act))
    return iter(timing for timing, _ in calls.values())


def _caller(agent: Agent, observations: Any, max_steps: int) -> Iterator[float]:
    """Acts for ever, in episodes as long as the task's; yields the milliseconds of each call."""
    rewards = np.zeros(len(observations), np.float32)
    while True:
        agent.reset(len(observations))
        for _ in range(max_steps):
            begin = time.perf_counter()
            agent.act(observations, rewards)
            yield 1000 * (time.perf_counter() - begin)


def _parameters(agent: Agent) -> int | None:
    return getattr(agent, "parameter_count", None)
