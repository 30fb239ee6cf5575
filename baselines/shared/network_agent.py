"""What agents share that train networks of their own: how they descend, and what is saved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields
from math import cos, inf, pi
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import safetensors.torch
import torch
from torch import nn

from baselines.shared.trained_agent import TrainedAgent
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Metrics, Settings, TaskInfo
from benchmark.trainer import Learner, isolated_random_numbers

_FILE = "networks.safetensors"
_LAST_RATE = 0.1  # Share of the learning rate that is left at the end of training.


def _nothing() -> None:
    """Is done after a gradient step, unless there is something to do."""


class NetworkLearner:
    """Descends the sum of some losses, at a rate that falls along half a cosine.

    Attributes:
        step: gradient steps taken.
    """

    def __init__(
        self,
        networks: nn.Module,
        optimiser: torch.optim.Optimizer,
        losses: Callable[[np.random.Generator, float], dict[str, torch.Tensor]],
        *,
        steps: int,
        seed: int,
        clip_norm: float = inf,
        last_rate: float = _LAST_RATE,
        warmup_steps: int = 1,
        after_step: Callable[[], None] = _nothing,
    ) -> None:
        """Gets ready for the first step.

        Args:
            networks: to be trained in place.
            optimiser: of their weights, with the learning rate of the first step.
            losses: of a mini-batch that the generator draws, after a share of the training.
            steps: of the whole training.
            seed: of the generator.
            clip_norm: largest norm of the gradient.
            last_rate: share of the learning rate that is left at the end; 1 keeps all of it.
            warmup_steps: over which the learning rate rises to its value.
            after_step: called after each gradient step.
        """
        self.step = 0
        self._networks, self._optimiser, self._losses = networks, optimiser, losses
        self._steps, self._clip_norm, self._after_step = steps, clip_norm, after_step
        self._rng = np.random.default_rng(seed)
        self._warmup_steps, self._last_rate = warmup_steps, last_rate
        self._peak_rates = [group["lr"] for group in optimiser.param_groups]

    def _set_rates(self) -> None:
        """Those of the next step: they rise, and fall along a cosine."""
        risen = min(1.0, (self.step + 1) / self._warmup_steps)
        left = self._last_rate + (1 - self._last_rate) * (1 + cos(pi * self.step / self._steps)) / 2
        for group, peak in zip(self._optimiser.param_groups, self._peak_rates, strict=True):
            group["lr"] = peak * (risen * left)

    def train_step(self) -> Metrics:
        """See `benchmark.trainer.Learner`."""
        losses = self._losses(self._rng, self.step / self._steps)
        self._optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        if self._clip_norm < inf:
            nn.utils.clip_grad_norm_(self._networks.parameters(), self._clip_norm)
        self._set_rates()
        self._optimiser.step()
        self._after_step()
        self.step += 1
        return {name: loss.detach().item for name, loss in losses.items()}

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {
            "step": self.step,
            "networks": self._networks.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "batches": self._rng.bit_generator.state,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self.step = state["step"]
        self._networks.load_state_dict(state["networks"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._rng.bit_generator.state = state["batches"]


class NetworkAgent(TrainedAgent):
    """Networks trained by gradient descent, behind `benchmark.interface.Agent`.

    A subclass says what is measured in a dataset, which networks there are and what they learn.

    Attributes:
        config: the resolved settings; `clip_norm` is the largest norm of the gradient.
        statistics_class: a dataclass of tensors, what is measured in a dataset.
    """

    statistics_class: ClassVar[type[Any]]

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        self._networks: Any = None
        self._statistics: Any = None
        self._reset(0)

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

    @property
    def parameter_count(self) -> int:
        """Number of trained weights of all networks."""
        return sum(weight.numel() for weight in self._networks.parameters())

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        self._statistics = self._measure(dataset)
        draw_batch = self._batches(dataset)
        self._networks = self._build().to(self._device)
        return NetworkLearner(
            self._networks,
            self._optimiser(),
            lambda rng, done: self._losses(draw_batch(rng), done),
            steps=steps,
            seed=seed,
            **self._learning(),
        )

    def _learning(self) -> dict[str, Any]:
        """How it is descended: arguments of `NetworkLearner`."""
        return {"clip_norm": self.config.clip_norm}

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        names = [field.name for field in fields(self.statistics_class)]
        statistics = {name: getattr(self._statistics, name) for name in names}
        state = self._networks.state_dict()
        weights = {f"networks.{name}": weight for name, weight in state.items()}
        safetensors.torch.save_file({**statistics, **weights}, folder / _FILE)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        saved = safetensors.torch.load_file(folder / _FILE, device=self._device)
        names = [field.name for field in fields(self.statistics_class)]
        self._statistics = self.statistics_class(**{name: saved.pop(name) for name in names})
        with isolated_random_numbers(0, self._device):
            self._networks = self._build().to(self._device)
        weights = {name.removeprefix("networks."): weight for name, weight in saved.items()}
        self._networks.load_state_dict(weights)

    def _inside_bounds(self, actions: torch.Tensor) -> FloatArray:
        """Takes away what lies outside the task's bounds by rounding or by extrapolation."""
        low, high = self._task.action_low, self._task.action_high
        clipped: FloatArray = np.clip(actions.cpu().numpy(), low, high)
        return clipped
