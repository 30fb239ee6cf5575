"""Trained agents in an output folder, with their records: one that follows, and others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.agents.registry import agent_class
from benchmark.agents.saved import save_agent
from benchmark.records.files import RunFiles, read_records
from benchmark.records.record import Record
from tests.benchmark.synthetic_records import completed, write_all

AGENTS = '''
"""Agents that push with a force, and may be asked for another or given another plan."""

import numpy as np


class Silent:
    """Neither is asked nor plans."""

    def __init__(self, task, settings, device):
        self.task, self.level = task, None

    def reset(self, n_envs):
        self.asked = np.full(n_envs, 1.0 if self.level is None else self.level)

    def act(self, observations, last_rewards):
        return 0 * observations[:, :2] + self.asked[:, None] / 10

    def fit(self, dataset, *, steps, seed, progress): ...

    def save(self, folder):
        (folder / "weights.txt").write_text("all")

    def load(self, folder):
        assert (folder / "weights.txt").read_text() == "all"


class Asked(Silent):
    asking_levels, asking_unit, requested_discount = (0.0, 1.0), "force", 1.0

    def ask_for(self, level):
        self.level = level

    def requested_returns(self):
        return self.asked.astype(np.float32)


class Planner(Asked):
    exchange = None

    def exchange_plans(self, exchange):
        self.exchange = exchange

    def random_plans(self, n_envs, seed):
        return np.random.default_rng(seed).uniform(-1, 1, (n_envs, 2))

    def act(self, observations, last_rewards):
        plans = 0.1 * observations[:, :2]
        return plans if self.exchange is None else self.exchange(plans)


class Failing(Asked):
    def act(self, observations, last_rewards):
        raise RuntimeError("lost its way")
'''
TASK = "maze2d-umaze"


def train(out: Path, agents: Path, class_name: str, seed: int = 0, **changes: Any) -> Record:
    """Leaves a run behind as if one of `AGENTS` had been trained.

    Args:
        out: output folder.
        agents: where the agents' file is to be.
        class_name: of the agent, which is called so in small letters.
        seed: of the training.
        changes: of the record.
    """
    agents.write_text(AGENTS, encoding="utf-8")
    source = f"{agents}:{class_name}"
    record = completed(TASK, class_name.lower(), seed, 1.0, **changes)
    object.__setattr__(record.run, "source", source)
    write_all(out, [record])
    agent = agent_class(source)(None, {}, "cpu")  # type: ignore[arg-type]
    save_agent(agent, record.run, RunFiles(out, record.run.name).agent)
    return next(each for each in read_records(out) if each.run.name == record.run.name)
