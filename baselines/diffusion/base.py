"""What all agents that plan by diffusion share: settings, training, saving, executing a plan.

Shapes: N recorded steps, n environments, T steps of a plan, D = A + O columns, the action before
the observation.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Generator, Tensor
from torch.nn import ModuleDict
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from baselines.shared.config_checks import check_ranges
from baselines.shared.trained_agent import TrainedAgent
from baselines.shared.window_sampler import RangeNormaliser, WindowSampler, standardised
from benchmark.interface import Dataset, FloatArray, Metrics, Settings, TaskInfo
from benchmark.trainer import isolated_random_numbers

_FILE = "diffuser.safetensors"


@dataclass(frozen=True)
class DiffusionConfig:
    """Settings that these agents share; the defaults are Diffuser's for locomotion.

    Attributes:
        horizon: steps of a plan, H.
        channels: width of each level of the networks, multiples of 32, the last one 64 or more.
        diffusion_steps: noise levels, and denoising steps per plan.
        batch_size: windows per gradient step.
        learning_rate: of Adam.
        ema_decay: share of the averaged weights that is kept at each update.
        ema_every: gradient steps from one such update to the next.
        replan_every: environment steps from one plan to the next.
        stride: environment steps from one step of a plan to the next.
        position_gain: of a controller that follows the planned positions, in a maze; it holds the
            last one until the next plan. At 0 the planned actions are executed.
        discount: factor per environment step of the return that plans are valued by or conditioned
            on; None for the task's.
    """

    horizon: int = 32
    channels: tuple[int, ...] = (32, 64, 128, 256)
    diffusion_steps: int = 20
    batch_size: int = 64
    learning_rate: float = 2e-4
    ema_decay: float = 0.995
    ema_every: int = 10
    replan_every: int = 1
    stride: int = 1
    position_gain: float = 0.0
    discount: float | None = None

    def __post_init__(self) -> None:
        check_ranges(self, diffusion_steps=(2, inf), batch_size=(1, inf), learning_rate=(0, 1))
        check_ranges(self, channels=(32, inf), horizon=(2, inf), ema_decay=(0, 1))
        check_ranges(self, ema_every=(1, inf), stride=(1, inf), position_gain=(0, inf))
        check_ranges(self, replan_every=(1, inf if self.position_gain else self.planned_actions))
        if self.discount is not None:
            check_ranges(self, discount=(0, 1))
        if self.stride > 1 and not self.position_gain:
            raise ValueError(
                f"stride={self.stride} leaves out actions of a plan, so they cannot be executed; "
                "valid: a stride of 1, or a position_gain above 0"
            )
        # Widths are normalised in groups of 8, of which a value model's innermost layer has a
        # quarter of the last level's.
        widths_fit = self.channels[-1] >= 64 and not any(width % 32 for width in self.channels)
        if self.horizon % self.horizon_unit or not widths_fit:
            raise ValueError(
                f"horizon={self.horizon} and channels={self.channels} do not fit together; "
                f"valid: a horizon that is a multiple of {self.horizon_unit}, and channels that "
                "are multiples of 32, the last one 64 or more"
            )

    @property
    def horizon_unit(self) -> int:
        """What a horizon is a multiple of: it is halved at each level of the U-Net but the last."""
        return int(2 ** (len(self.channels) - 1))

    @property
    def window_steps(self) -> int:
        """Recorded steps that a window takes."""
        return self.horizon

    @property
    def planned_actions(self) -> int:
        """Actions that a plan holds."""
        return self.horizon


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


class DiffusionLearner:
    """Networks that learn from noisy windows, and their average.

    Attributes:
        step: gradient steps taken.
        averaged: the average of the networks, which acts.
    """

    def __init__(
        self,
        diffusion: Diffusion,
        windows: WindowSampler,
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
    """Plans by denoising, and executes the first actions of each plan.

    A subclass says what its networks learn and how a plan is drawn with them.

    Attributes:
        config: the resolved settings.
    """

    makes_plans = True

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        if self.config.position_gain and len(task.position_columns) != task.action_size:
            raise ValueError(
                f"position_gain={self.config.position_gain:g} on {task.name}, whose actions do not "
                "push its position; valid: 0"
            )
        self._diffusion = self._new_diffusion()
        self._networks: Any = None
        self._normaliser: Any = None
        self._noise_seed = 0
        self.reset(0)

    @abstractmethod
    def _new_diffusion(self) -> Any:
        """A `Diffusion`, from which `_plan` draws."""

    @abstractmethod
    def _plan(self, observations: FloatArray) -> FloatArray:
        """(n, T, D) plans from observations (n, O) on, in the dataset's units."""

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
        discount = self._task.discount if self.config.discount is None else self.config.discount
        values = self._values(dataset.returns_to_go(discount))
        windows = WindowSampler(
            dataset, self._normaliser, self.config.window_steps, values, self.config.stride
        )
        learner = DiffusionLearner(self._diffusion, windows, self.config, self._device, seed)
        self._networks = learner.averaged.module  # What acts, in mid-training too.
        return learner

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._steps = 0
        self._noise = Generator(self._device).manual_seed(self._noise_seed)

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        step_of_plan = self._steps % self.config.replan_every
        if step_of_plan == 0:
            self._planned = self._plan(observations)
        self._steps += 1
        if self.config.position_gain:
            actions = self._follow(observations, step_of_plan + 1)
        else:
            actions = self._planned[:, step_of_plan, : self._task.action_size]
        return np.clip(actions, self._task.action_low, self._task.action_high)

    def _follow(self, observations: FloatArray, step: int) -> FloatArray:
        """(n, A) actions that lead from observations (n, O) to where the plan is at a step."""
        columns = self._task.position_columns
        positions = self._planned[:, :, self._task.action_size :][:, :, columns]
        last = positions.shape[1] - 1
        before, part = divmod(step, self.config.stride)
        here, there = (positions[:, min(before + k, last)] for k in (0, 1))
        target = here + (part / self.config.stride) * (there - here)
        actions: FloatArray = self.config.position_gain * (target - observations[:, columns])
        return actions

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
