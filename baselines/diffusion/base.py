"""What all agents that plan by diffusion share: training, saving, when they plan.

Shapes: N recorded steps, n environments, T steps of a plan, D = A + O columns, the action before
the observation.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Generator, Tensor
from torch.nn import ModuleDict
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from baselines.diffusion.diffusion_config import DiffusionConfig
from baselines.shared.trained_agent import TrainedAgent
from baselines.shared.window_sampler import RangeNormaliser, WindowSampler, standardised
from benchmark.interface import (
    NO_SETTINGS,
    Dataset,
    FloatArray,
    Metrics,
    PlanExchange,
    Settings,
    TaskInfo,
)
from benchmark.trainer import isolated_random_numbers

_FILE = "diffuser.safetensors"


class Diffusion(Protocol):
    """What is denoised, and how networks learn it; the weights are kept outside, in `networks`."""

    def build_networks(self) -> ModuleDict:
        """New networks by name."""
        ...

    def losses(
        self, networks: ModuleDict, windows: Tensor, values: Tensor, noise: Generator, /
    ) -> dict[str, Tensor]:
        """Loss of each network.

        Args:
            networks: from `build_networks`.
            windows: (B, `window_steps`, D) recorded, normalised.
            values: (B,) of the windows, as `DiffusionAgent._values` gives them.
            noise: draws all random numbers.
        """
        ...


class DrawnWindows(Protocol):
    """What networks learn from, such as `WindowSampler`."""

    def sample(self, rng: np.random.Generator, size: int, /) -> tuple[Tensor, Tensor]:
        """Draws `size` normalised windows, and their values."""
        ...


class DiffusionLearner:
    """Networks that learn from noisy windows, and their average.

    Attributes:
        step: gradient steps taken.
        averaged: the average of the networks, which acts.
    """

    def __init__(
        self,
        diffusion: Diffusion,
        windows: DrawnWindows,
        config: DiffusionConfig,
        device: str,
        seed: int,
    ) -> None:
        """Makes new networks.

        Args:
            diffusion: says what the networks are and what they learn.
            windows: to learn from.
            config: settings of the agent.
            device: name of a torch device.
            seed: of the generators that draw windows and their noise.
        """
        self.step = 0
        self._diffusion, self._windows, self._config = diffusion, windows, config
        self._networks = diffusion.build_networks()
        average = get_ema_multi_avg_fn(config.ema_decay)
        self.averaged = AveragedModel(self._networks, multi_avg_fn=average)
        self._optimiser = torch.optim.Adam(self._networks.parameters(), config.learning_rate)
        self._rng = np.random.default_rng(seed)
        self._noise = Generator(device).manual_seed(seed)

    def train_step(self) -> Metrics:
        """See `benchmark.trainer.Learner`."""
        batch = self._windows.sample(self._rng, self._config.batch_size)
        losses = self._diffusion.losses(self._networks, *batch, self._noise)
        self._optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        self._optimiser.step()
        self.step += 1
        if self.step % self._config.ema_every == 0:
            self.averaged.update_parameters(self._networks)
        return {name: loss.detach().item for name, loss in losses.items()}

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {
            "step": self.step,
            "networks": self._networks.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "windows": self._rng.bit_generator.state,
            "noise": {self._noise.device.type: self._noise.get_state()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self.step = state["step"]
        self._networks.load_state_dict(state["networks"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._rng.bit_generator.state = state["windows"]
        # Another type of device has another kind of generator: it keeps the seed's own numbers.
        if self._noise.device.type in state["noise"]:
            self._noise.set_state(state["noise"][self._noise.device.type])


class DiffusionAgent(TrainedAgent):
    """Plans by denoising, every so many steps.

    A subclass says what its networks learn, how a plan is drawn with them, and what is then done.

    Attributes:
        config: the resolved settings.
    """

    makes_plans = True

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        self._diffusion = self._new_diffusion()
        self._networks: Any = None
        self._normaliser: Any = None
        self._noise_seed = 0
        self._exchange: PlanExchange | None = None
        self._reset(0)

    @abstractmethod
    def _new_diffusion(self) -> Any:
        """A `Diffusion`, from which `_plan` draws."""

    @abstractmethod
    def _plan(self, observations: FloatArray) -> FloatArray:
        """Plans from observations (n, O) on, as `_actions` reads them."""

    @abstractmethod
    def _actions(self, observations: FloatArray, step: int) -> FloatArray:
        """(n, A) what is done at observations (n, O), so many steps after `_planned` was made."""

    def exchange_plans(self, exchange: PlanExchange | None) -> None:
        """See `benchmark.interface.PlanFollower`; plans are as `_actions` reads them."""
        self._exchange = exchange

    def _exchanged(self, plans: FloatArray) -> FloatArray:
        return plans if self._exchange is None else self._exchange(plans)

    def _values(self, returns: FloatArray) -> FloatArray:
        """(N,) how the networks see returns to go (N,)."""
        return standardised(returns)

    @property
    def parameter_count(self) -> int:
        """Number of trained weights of all networks."""
        return sum(weight.numel() for weight in self._networks.parameters())

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> DiffusionLearner:
        self._normaliser = RangeNormaliser.of(dataset, self._device)
        self._noise_seed = seed
        windows = self._windows(dataset)
        learner = DiffusionLearner(self._diffusion, windows, self.config, self._device, seed)
        self._networks = learner.averaged.module  # What acts, in mid-training too.
        return learner

    def _windows(self, dataset: Dataset) -> DrawnWindows:
        """What is learned of a dataset; each window has the return from its first row on."""
        discount = self._task.discount if self.config.discount is None else self.config.discount
        values = self._values(dataset.returns_to_go(discount))
        return WindowSampler(
            dataset, self._normaliser, self.config.window_steps, values, self.config.stride
        )

    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._steps = 0
        self._noise = Generator(self._device).manual_seed(self._noise_seed)

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        step_of_plan = self._steps % self.config.replan_every
        if step_of_plan == 0:
            self._planned = self._exchanged(self._plan(observations))
        self._steps += 1
        actions = self._actions(observations, step_of_plan)
        return np.clip(actions, self._task.action_low, self._task.action_high)

    def _normalised(self, observations: Tensor) -> Tensor:
        """(n, O) observations as the networks see them."""
        actions = torch.zeros(len(observations), self._task.action_size, device=self._device)
        steps: Tensor = self._normaliser.normalise(torch.cat([actions, observations], dim=1))
        return steps[:, self._task.action_size :]

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        ranges = {"low": self._normaliser.low, "high": self._normaliser.high}
        state = self._networks.state_dict()
        weights = {f"networks.{name}": weight for name, weight in state.items()}
        metadata = {"noise_seed": str(self._noise_seed)}
        safetensors.torch.save_file({**ranges, **weights}, folder / _FILE, metadata=metadata)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        saved = safetensors.torch.load_file(folder / _FILE, device=self._device)
        with safetensors.safe_open(folder / _FILE, "pt") as file:
            self._noise_seed = int(file.metadata()["noise_seed"])
        self._normaliser = RangeNormaliser(saved.pop("low"), saved.pop("high"))
        with isolated_random_numbers(0, self._device):
            self._networks = self._diffusion.build_networks()
        weights = {name.removeprefix("networks."): weight for name, weight in saved.items()}
        self._networks.load_state_dict(weights)
