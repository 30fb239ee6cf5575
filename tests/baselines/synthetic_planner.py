"""A planner by diffusion with a network of one weight, for the tests of what such agents share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from baselines.diffusion.diffusion_config import UNetConfig
from baselines.diffusion.plan_executor import PlanExecutor
from tests.baselines.synthetic_tasks import no_progress, numbered_steps, task_for

TINY = {
    "horizon": 4,
    "channels": (32, 64),
    "batch_size": 5,
    "learning_rate": 0.1,
    "ema_decay": 0.75,
    "ema_every": 2,
}

BOUNDS = {
    "action_low": np.array([-0.5, -1], np.float32),
    "action_high": np.array([0.25, 2], np.float32),
}


@dataclass(frozen=True)
class Config(UNetConfig):
    @property
    def window_steps(self) -> int:
        return self.horizon + 2


class OneWeight:
    """A network of one weight, from 1 on, and a loss that falls by a slope as the weight falls."""

    def __init__(self) -> None:
        self.batches: list[tuple[torch.Tensor, torch.Tensor, float]] = []
        self.varied = False

    def build_networks(self):
        weights = {"one": nn.Linear(1, 1, bias=False), "two": nn.Linear(2, 1)}
        for weight in weights.values():
            nn.init.ones_(weight.weight)
        return nn.ModuleDict(weights)

    def losses(self, networks, windows, values, noise):
        drawn = torch.rand((), generator=noise)
        self.batches.append((windows, values, drawn.item()))
        slope = drawn + windows.mean() ** 2 if self.varied else 3.0
        two = networks["two"].weight.sum() + networks["two"].bias.sum()
        return {"fall": slope * networks["one"].weight.sum(), "other": 0.1 * two}


class Agent(PlanExecutor):
    """Its plans are given, or hold its own weight as every action."""

    config_class = Config
    plan = None

    def _new_diffusion(self):
        return OneWeight()

    def _plan(self, observations):
        if self.plan is not None:
            return self.plan
        weight = self._networks["one"].weight.item()
        return np.full((len(observations), 4, 3), weight, np.float32)


class Plain(Agent):
    def _values(self, returns):
        return returns


def new_agent(kind=Plain, settings: dict | None = None, **task) -> Agent:
    return kind(task_for(numbered_steps(), **task), {**TINY, **(settings or {})}, "cpu")


def fitted(steps: int, settings: dict | None = None, kind=Plain, seed=0, progress=no_progress):
    agent = new_agent(kind, settings, discount=0.5)
    agent.fit(numbered_steps(), steps=steps, seed=seed, progress=progress)
    return agent


def act(agent: Agent, observations) -> list:
    observed = np.array(observations, np.float32)
    return agent.act(observed, np.zeros(len(observed), np.float32)).tolist()


def executing(plan, settings: dict, **task) -> Agent:
    agent = new_agent(Plain, settings, **task)
    agent.plan = np.array(plan, np.float32)
    agent.planned = []
    make = agent._plan
    agent._plan = lambda observations: agent.planned.append(len(observations)) or make(observations)
    agent._reset(1)
    return agent
