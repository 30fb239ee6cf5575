"""Tiny networks on the tiny dataset."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from benchmark.interface import Dataset
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


def random_condition(count: int) -> Condition:
    """Conditions for observations of size 4."""
    return Condition.asking(torch.randn(count, 4), torch.randn(count, 1), torch.rand(count, 1))


def take_steps(training: StagedTraining, steps: int, progress: Callable[..., None]) -> None:
    """Those that are left."""
    while training.step < steps:
        metrics = training.train_step()
        progress(training.step, metrics)


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
