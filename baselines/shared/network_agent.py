"""What agents share that train networks of their own: the training loop, and how it is kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import fields
from math import cos, pi
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import safetensors.torch
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from benchmark.interface import Dataset, FloatArray, Progress, Settings, TaskInfo, build_config
from benchmark.trainer import isolated_random_numbers, random_states, set_random_states

_FILE = "networks.safetensors"
_LAST_RATE = 0.1  # Share of the learning rate that is left at the end of training.


class NetworkAgent(ABC):
    """Networks trained by gradient descent, behind `benchmark.interface.Agent`.

    A subclass says what is measured in a dataset, which networks there are and what they learn. The
    learning rate falls along half a cosine to a tenth.

    Attributes:
        config: the resolved settings; `clip_norm` is the largest norm of the gradient.
        config_class: the dataclass of these settings.
        statistics_class: a dataclass of tensors, what is measured in a dataset.
    """

    config_class: ClassVar[type[Any]]
    statistics_class: ClassVar[type[Any]]

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        self.config = build_config(self.config_class, settings)
        self._task = task
        self._device = device
        self._networks: Any = None
        self._statistics: Any = None
        self._resumed: dict[str, Any] | None = None
        self._step = 0
        self.reset(0)

    @abstractmethod
    def _measure(self, dataset: Dataset) -> Any:
        """The statistics that networks need to read and to write a dataset's numbers."""

    @abstractmethod
    def _build(self) -> nn.Module:
        """New networks, with weights from torch's global generator."""

    @abstractmethod
    def _optimiser(self) -> torch.optim.Optimizer:
        """Of the networks, with the learning rate of the first step."""

    @abstractmethod
    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        """A function that draws a random mini-batch."""

    @abstractmethod
    def _losses(self, batch: Any, done: float) -> dict[str, torch.Tensor]:
        """What is to become small, by name, after a share `done` of the training, below 1."""

    @abstractmethod
    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""

    @property
    def parameter_count(self) -> int:
        """Number of trained weights of all networks."""
        return sum(weight.numel() for weight in self._networks.parameters())

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        """See `benchmark.interface.Agent`."""
        dataset.check_fits(self._task)
        self._statistics = self._measure(dataset)
        draw_batch = self._batches(dataset)
        with isolated_random_numbers(seed, self._device):
            self._start_training(steps, seed)
            if self._resumed is not None:
                state, self._resumed = self._resumed, None
                self._load_training_state(state)
            for step in range(self._step + 1, steps + 1):
                losses = self._losses(draw_batch(self._rng), (step - 1) / steps)
                self._descend(torch.stack(list(losses.values())).sum())
                self._step = step
                progress(step, {name: loss.detach().item for name, loss in losses.items()})

    def _start_training(self, steps: int, seed: int) -> None:
        self._networks = self._build().to(self._device)
        self._descent = self._optimiser()
        self._schedule = LambdaLR(
            self._descent,
            lambda step: _LAST_RATE + (1 - _LAST_RATE) * (1 + cos(pi * step / steps)) / 2,
        )
        self._rng = np.random.default_rng(seed)
        self._step = 0

    def _descend(self, loss: torch.Tensor) -> None:
        self._descent.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._networks.parameters(), self.config.clip_norm)
        self._descent.step()
        self._schedule.step()

    def training_state(self) -> dict[str, Any]:
        """See `benchmark.interface.Resumable`."""
        return {
            "step": self._step,
            "networks": self._networks.state_dict(),
            "optimiser": self._descent.state_dict(),
            "schedule": self._schedule.state_dict(),
            "batches": self._rng.bit_generator.state,
            "random": random_states(self._device),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.interface.Resumable`."""
        self._resumed = deepcopy(dict(state))  # Optimisers would write into what they are given.

    def _load_training_state(self, state: Mapping[str, Any]) -> None:
        self._step = state["step"]
        self._networks.load_state_dict(state["networks"])
        self._descent.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._rng.bit_generator.state = state["batches"]
        set_random_states(state["random"], self._device)

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        names = [field.name for field in fields(self.statistics_class)]
        statistics = {name: getattr(self._statistics, name) for name in names}
        weights = {f"networks.{name}": each for name, each in self._networks.state_dict().items()}
        safetensors.torch.save_file({**statistics, **weights}, folder / _FILE)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        saved = safetensors.torch.load_file(folder / _FILE, device=self._device)
        names = [field.name for field in fields(self.statistics_class)]
        self._statistics = self.statistics_class(**{name: saved.pop(name) for name in names})
        with isolated_random_numbers(0, self._device):
            self._networks = self._build().to(self._device)
        weights = {name.removeprefix("networks."): each for name, each in saved.items()}
        self._networks.load_state_dict(weights)

    def _inside_bounds(self, actions: torch.Tensor) -> FloatArray:
        """Takes away what lies outside the task's bounds by rounding or by extrapolation."""
        return np.clip(actions.cpu().numpy(), self._task.action_low, self._task.action_high)
