"""What all agents built on d3rlpy share: from the benchmark's arrays and verbs to d3rlpy's.

Deviations of all of them from their papers:
- Observations are standardised with d3rlpy's StandardObservationScaler; a column that never
  changes is only centred. Most papers do not standardise.
- Actions are brought from the task's bounds to [-1, 1] and back.
- Batches come from `baselines.d3rlpy_agents.batches`, not from d3rlpy's replay buffer: the same
  transitions, drawn faster.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from copy import deepcopy
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from d3rlpy.preprocessing import MinMaxActionScaler, StandardObservationScaler
from numpy.typing import NDArray
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from baselines.shared.trained_agent import TrainedAgent
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Metrics, Settings, TaskInfo
from benchmark.step_function import StepFunction
from benchmark.trainer import Learner, isolated_random_numbers

_FILE = "policy.safetensors"


class D3rlpyLearner:
    """One d3rlpy algorithm, whose update is a gradient step."""

    def __init__(
        self, algorithm: Any, draw_batch: Callable[[np.random.Generator], Any], seed: int
    ) -> None:
        """Gets ready for the first step.

        Args:
            algorithm: with its networks.
            draw_batch: draws a random mini-batch for it.
            seed: of the generator that draws.
        """
        self._algorithm = algorithm
        self._draw_batch = draw_batch
        self._rng = np.random.default_rng(seed)
        # Networks, their slow copies and optimisers with their schedules, by d3rlpy's names.
        impl = algorithm.impl
        self._modules: dict[str, Any] = impl.modules.create_checkpointer(impl.device).modules

    @property
    def step(self) -> int:
        """Gradient steps taken."""
        step: int = self._algorithm.grad_step
        return step

    def train_step(self) -> Metrics:
        """See `benchmark.trainer.Learner`."""
        losses: Metrics = self._algorithm.update(self._draw_batch(self._rng))
        return losses

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {
            "step": self.step,
            "modules": {name: module.state_dict() for name, module in self._modules.items()},
            "batches": self._rng.bit_generator.state,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self._algorithm.set_grad_step(state["step"])
        for name, module in self._modules.items():
            schedule: Any = getattr(module, "_lr_scheduler", None)
            steps = getattr(schedule, "T_max", None)
            module.load_state_dict(state["modules"][name])
            if steps is not None and schedule.T_max != steps:
                _follow(schedule, steps)
        self._rng.bit_generator.state = state["batches"]


class ScalingModule(nn.Module):
    """d3rlpy's scalers as functions of tensors, for `benchmark.step_function`.

    Args:
        algorithm: of d3rlpy, with its scalers.
        task: whose bounds actions keep.
    """

    def __init__(self, algorithm: Any, task: TaskInfo) -> None:
        super().__init__()
        scaler = algorithm.observation_scaler
        self._mean = torch.tensor(scaler.mean, dtype=torch.float32)
        self._deviation = torch.tensor(scaler.std, dtype=torch.float32) + scaler.eps
        self._low, self._high = torch.tensor(task.action_low), torch.tensor(task.action_high)

    def scaled(self, observations: torch.Tensor) -> torch.Tensor:
        """Observations (..., O) as networks see them."""
        scaled: torch.Tensor = (observations - self._mean) / self._deviation
        return scaled

    def actions(self, outputs: torch.Tensor) -> torch.Tensor:
        """Actions (n, A) inside the bounds, from what a network puts out, in [-1, 1]."""
        actions = (self._high - self._low) * ((outputs + 1) / 2) + self._low
        return actions.clamp(self._low, self._high)


class PolicyModule(ScalingModule):
    """A d3rlpy policy with its scalers as one function; arguments as of `ScalingModule`."""

    def __init__(self, algorithm: Any, task: TaskInfo) -> None:
        super().__init__(algorithm, task)
        self._policy = deepcopy(algorithm.impl.policy).cpu().requires_grad_(False)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Actions (n, A) for observations (n, O)."""
        outputs: torch.Tensor = self._policy(self.scaled(observations)).squashed_mu
        return self.actions(outputs)


class D3rlpyAgent(TrainedAgent):
    """One d3rlpy algorithm behind `benchmark.interface.Agent`.

    A subclass says which algorithm and which batches it learns from.

    Attributes:
        config: the resolved settings.
    """

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        self._algorithm: Any = None

    @abstractmethod
    def _algorithm_config(self, steps: int) -> Any:
        """d3rlpy's own configuration, without the scalers, for a number of gradient steps."""

    @abstractmethod
    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        """A function that draws a random mini-batch for d3rlpy."""

    @property
    def _compiles_graph(self) -> bool:
        """Whether d3rlpy compiles a gradient step where it can."""
        return False

    @property
    def _policy(self) -> nn.Module:
        """The network that acts, the only one that is saved."""
        policy: nn.Module = self._algorithm.impl.policy
        return policy

    @property
    def parameter_count(self) -> int:
        """Number of trained weights; critics count, their slow copies do not."""
        networks = self._algorithm.impl.modules.get_torch_modules()
        trained = [network for name, network in networks.items() if not name.startswith("targ_")]
        return sum(weight.numel() for network in trained for weight in network.parameters())

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        self._build(steps, *_column_statistics(dataset.observations))
        return D3rlpyLearner(self._algorithm, self._batches(dataset), seed)

    def _reset(self, n_envs: int) -> None:
        """Forgets nothing: the action depends on the observation alone."""

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        return self._inside_bounds(self._algorithm.predict(observations))

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        scaler = self._algorithm.observation_scaler
        statistics = {"mean": torch.as_tensor(scaler.mean), "std": torch.as_tensor(scaler.std)}
        weights = {f"policy.{name}": value for name, value in self._policy.state_dict().items()}
        safetensors.torch.save_file({**statistics, **weights}, folder / _FILE)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        saved = safetensors.torch.load_file(folder / _FILE)
        with isolated_random_numbers(0, self._device):
            self._build(1, saved.pop("mean").numpy(), saved.pop("std").numpy())
        weights = {name.removeprefix("policy."): value for name, value in saved.items()}
        self._policy.load_state_dict(weights)

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        return StepFunction(PolicyModule(self._algorithm, self._task).eval())

    def _build(self, steps: int, mean: NDArray[np.float64], std: NDArray[np.float64]) -> None:
        config = self._algorithm_config(steps)
        config.compile_graph = self._compiles_graph
        config.observation_scaler = StandardObservationScaler(mean=mean, std=std)
        config.action_scaler = MinMaxActionScaler(
            minimum=self._task.action_low, maximum=self._task.action_high
        )
        self._algorithm = config.create(device=self._device)
        self._algorithm.create_impl((self._task.observation_size,), self._task.action_size)

    def _inside_bounds(self, actions: FloatArray) -> FloatArray:
        """Takes away the rounding error of scaling."""
        return np.clip(actions, self._task.action_low, self._task.action_high)


def _follow(schedule: CosineAnnealingLR, steps: int) -> None:
    """Goes on along the cosine of a training with more steps, in place of the one restored."""
    schedule.T_max = steps
    left = (1 + cos(pi * schedule.last_epoch / steps)) / 2
    for group, peak in zip(schedule.optimizer.param_groups, schedule.base_lrs, strict=True):
        group["lr"] = peak * left  # Each later rate follows from the one before.


def _column_statistics(observations: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(O,) means and (O,) standard deviations, 1 for columns that never change.

    No deviation is less than what float32 can tell apart beside the mean, or the zeros with which
    d3rlpy pads a context would be infinitely many of them away. Where numbers are so large that
    float32 cannot hold how far they are from their mean, they are only scaled.
    """
    low, high = observations.min(axis=0), observations.max(axis=0)
    mean = observations.mean(axis=0, dtype=np.float64)
    std = np.where(low == high, 1.0, observations.std(axis=0, dtype=np.float64))
    std = np.maximum(std, np.finfo(np.float32).eps * np.abs(mean))
    too_far = np.maximum(high - mean, mean - low) > np.finfo(np.float32).max
    return np.where(too_far, 0.0, mean), std
