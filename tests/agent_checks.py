"""Helpers and numbers of the tests of what every agent owes the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.interface import Agent, FloatArray, TaskInfo

ACTING_STEPS = 5  # More than the smoke presets look back or plan ahead.
# Losses that are smaller in the last quarter of a short training than in the first.
LOSSES = {
    "mage": {"reconstruction", "cross_entropy", "inverse"},
    "dt": {"loss"},
    "diffuser": {"denoising_loss", "value_loss"},
    "iql": {"q_loss", "v_loss"},
    "cql": {"critic_loss", "conservative_loss", "actor_loss"},
    "bc": {"loss"},
    "bc10": {"loss"},
    "rvs": {"return_loss", "action_loss"},
    "bc-filtered": {"return_loss", "action_loss"},
    "td3bc": {"critic_loss", "actor_loss", "bc_loss"},
    "awac": {"critic_loss", "actor_loss"},
    "rebrac": {"critic_loss", "actor_loss"},
    "dd": {"denoising_loss", "inverse_loss"},
    "hd": {"high_denoising_loss", "high_value_loss", "low_denoising_loss"},
    "dv": {"denoising_loss", "value_loss", "inverse_loss"},
    "tt": {"cross_entropy"},
    "carp": {"quantisation", "cross_entropy"},
}


def no_progress(step: int, metrics: Mapping[str, Any]) -> None:
    """Ignores what `fit` reports."""


def torch_defaults() -> tuple[object, ...]:
    """What one agent could change for the next one in the same process."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_float32_matmul_precision(),
    )


class StoppedError(Exception):
    """Ends a training early."""


def saved(agent: Agent, folder: Path) -> dict[str, bytes]:
    """The content of the files that an agent writes."""
    folder.mkdir()
    agent.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def play(agent: Agent, task: TaskInfo, n_envs: int = 3, size: float = 1) -> FloatArray:
    """(steps, n, A) actions in a made-up environment that does not react."""
    rng = np.random.default_rng(1)
    agent.reset(n_envs)
    actions, rewards = [], np.zeros(n_envs, np.float32)
    for _ in range(ACTING_STEPS):
        observations = size * rng.standard_normal((n_envs, task.observation_size))
        actions.append(agent.act(observations.astype(np.float32), rewards))
        rewards = rng.random(n_envs).astype(np.float32)
    return np.stack(actions)
