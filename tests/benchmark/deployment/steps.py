"""A step function of a few numbers, and an agent that does the same with a memory of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.interface import FloatArray, TaskInfo
from benchmark.step_function import StepFunction


class CountingModule(torch.nn.Module):
    """Adds up what was observed, rewarded and drawn, and counts steps."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        self.gain = gain

    def forward(
        self, seen: torch.Tensor, reward: torch.Tensor, drawn: torch.Tensor, *state: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        total, steps = state
        total = total + seen[:, :1] + reward[:, None] + drawn.sum((1, 2))[:, None]
        return torch.tanh(self.gain * total * torch.ones(2)), total, steps + 1


class Counter:
    """The agent; `error` is what its actions are off from those of its function."""

    def __init__(self, error: float = 0.0) -> None:
        self.error = error
        self.reset(1)

    def reset(self, n_envs: int) -> None:
        self.total = torch.zeros(n_envs, 1)
        self.generator = torch.Generator().manual_seed(0)

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        drawn = torch.rand((len(observations), 2, 3), generator=self.generator)
        steps = torch.zeros(len(observations), dtype=torch.int64)
        inputs = (torch.tensor(observations), torch.tensor(last_rewards), drawn, self.total, steps)
        actions, self.total, _ = CountingModule()(*inputs)
        wanted: FloatArray = actions.numpy() + np.float32(self.error)
        return wanted

    def step_function(self) -> StepFunction:
        state: dict[str, Any] = {"total": np.zeros(1, np.float32), "steps": np.array(0)}
        return StepFunction(CountingModule().eval(), True, (2, 3), state)

    def fit(self, *given: Any, **more: Any) -> None: ...

    def save(self, folder: Path) -> None: ...

    load = save


class Opaque:
    """An agent that cannot be exported."""

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None: ...

    def reset(self, n_envs: int) -> None: ...

    act = fit = save = load = reset
