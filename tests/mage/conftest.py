"""Tiny networks on the tiny dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, TaskInfo
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.stages import StagedTraining
from mage.windows import Windows

TINY = {
    "pairs": 8,
    "stride": 2,
    "scales": (1, 2, 4),
    "codes": 16,
    "code_size": 6,
    "autoencoder_width": 16,
    "width": 16,
    "layers": 2,
    "heads": 2,
    "inverse_width": 16,
    "batch_size": 16,
    "learning_rate": 1e-2,
    "shares": (0.3, 0.2, 0.1),
}


def untrained_agent(task: TaskInfo, **settings: object) -> MAGEAgent:
    """Untrained: says the same of every state; normalised is (number - mean) / deviation."""
    agent = MAGEAgent(task, {**TINY, **settings}, "cpu")
    planner = agent._planner
    with torch.no_grad():
        planner.returns.network[-1].weight.zero_()
        planner.returns.network[-1].bias.copy_(torch.tensor([1.0, 3.0]))
    planner.observation_normaliser.mean.fill_(10)
    planner.observation_normaliser.deviation.fill_(4)
    planner.return_normaliser.mean.fill_(1)
    planner.return_normaliser.deviation.fill_(2)
    return agent


def random_condition(count: int) -> Condition:
    """Conditions for observations of size 4."""
    return Condition.asking(torch.randn(count, 4), torch.randn(count, 1), torch.rand(count, 1))


def take_steps(training: StagedTraining, steps: int, progress: Callable[..., None]) -> None:
    """Those that are left."""
    while training.step < steps:
        metrics = training.train_step()
        progress(training.step, metrics)


@pytest.fixture
def task(tiny_task: TaskInfo) -> TaskInfo:
    """With unequal bounds, and half of what is to come left by discounting."""
    low, high = np.array([-1, -0.5], np.float32), np.array([3, 2], np.float32)
    return replace(tiny_task, action_low=low, action_high=high, discount=0.5)


@pytest.fixture
def config() -> MAGEConfig:
    return MAGEConfig(**TINY)


@pytest.fixture
def planner(config: MAGEConfig) -> Planner:
    """An untrained planner for observations of size 4 and actions of size 2."""
    torch.manual_seed(0)
    return Planner(config, 4, 2)


@pytest.fixture
def windows(tiny_dataset: Dataset, config: MAGEConfig, planner: Planner) -> Windows:
    """The windows of `tiny_dataset`, normalised for `planner`."""
    windows = Windows(tiny_dataset, config, 0.9, torch.device("cpu"))
    windows.normalise(planner)
    return windows
