"""Diffuser: plans are drawn from a diffusion model of windows of recorded steps.

Paper: Janner, Du, Tenenbaum, Levine, "Planning with Diffusion for Flexible Behavior Synthesis",
ICML 2022. Reference code: https://github.com/jannerm/diffuser.
Implementation: networks and noise schedule are those of `diffusers`, put together as in its
value-guided planner for Hopper; defaults are the authors' for locomotion.

Where the goal is shown, the plan's last position is held to it. Where there is none, or it is
hidden, the gradient of a value model moves the plan towards a higher return.

Deviations:
- One gradient step moves both networks, on the same noisy windows; the authors train the value
  model in a run of its own, for a fifth of the steps.
- Returns are standardised, so `guide_scale` does not depend on the task's rewards; the authors
  tune it per task on raw returns.
- Every task's columns are mapped to [-1, 1] by their limits, and so are denoised plans clipped;
  the authors do this in mazes, and standardise columns for locomotion.
- In mazes the plan's actions are executed and plans are renewed; the authors follow the planned
  positions of one plan with a controller. A goal that is shown fixes the last position alone, not
  a velocity of zero.
- Past the end of an episode its last step is repeated; the authors pad with zeros.
- Weights are averaged from the first gradient step on; the authors start after 2,000.
- `batch_size` 64 stands for the authors' 32 accumulated twice.
- `quick` has narrower networks and smaller batches, draws one plan per state with one guiding
  move per denoising step, and executes half of it before the next.

Shapes: n environments, H steps of a plan, D = A + O columns, the action before the observation.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from baselines.plan_diffusion import DiffuserConfig, KnownEnds, PlanDiffusion
from baselines.seeding import seeded_torch
from baselines.windows import Limits, WindowSampler
from benchmark.interface import Dataset, FloatArray, Progress, Settings, TaskInfo, build_config

_FILE = "diffuser.safetensors"


@dataclass
class _Training:
    """All that changes during training.

    Attributes:
        networks: what is trained.
        averaged: their average, which acts.
        optimiser: of the networks.
        rng: draws the windows.
        noise: draws their noise.
        step: gradient steps done.
    """

    networks: torch.nn.ModuleDict
    averaged: AveragedModel
    optimiser: torch.optim.Optimizer
    rng: np.random.Generator
    noise: torch.Generator
    step: int = 0

    def state(self) -> dict[str, Any]:
        """All of it, as `load_state` takes it."""
        return {
            "step": self.step,
            "networks": self.networks.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "windows": self.rng.bit_generator.state,
            "noise": {self.noise.device.type: self.noise.get_state()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes to where `state` was taken; it takes over the optimiser's tensors."""
        self.step = state["step"]
        self.networks.load_state_dict(state["networks"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.bit_generator.state = state["windows"]
        # Another type of device has another kind of generator: it keeps the seed's own numbers.
        if self.noise.device.type in state["noise"]:
            self.noise.set_state(state["noise"][self.noise.device.type])


class Diffuser:
    """Plans by denoising, and executes the first actions of each plan.

    Attributes:
        config: the resolved settings.
    """

    makes_plans = True
    inpaints_goal = True
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "steps": 20,
            "horizon": 8,
            "channels": (32, 64),
            "diffusion_steps": 3,
            "batch_size": 8,
            "candidates": 2,
            "replan_every": 4,
        },
        "quick": {
            "steps": 1_800,
            "channels": (32, 64, 128),
            "batch_size": 32,
            "ema_every": 1,
            "guide_steps": 1,
            "candidates": 1,
            "replan_every": 16,
        },
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "horizon": ("choice", (16, 32, 64)),
        "diffusion_steps": ("int", 10, 30),
        "guide_scale": ("loguniform", 0.1, 30.0),
        "replan_every": ("choice", (8, 16)),
    }

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        self.config = build_config(DiffuserConfig, settings)
        self._task = task
        self._device = device
        self._diffusion = PlanDiffusion(task, self.config, device)
        self._networks: Any = None
        self._limits: Any = None
        self._training: Any = None
        self._resumed: dict[str, Any] | None = None
        self._noise_seed = 0
        self.reset(0)

    @property
    def parameter_count(self) -> int:
        """Number of trained weights of all networks."""
        return sum(weight.numel() for weight in self._networks.parameters())

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        """See `benchmark.interface.Agent`."""
        dataset.check_fits(self._task)
        self._limits = Limits.of(dataset, self._device)
        self._noise_seed = seed
        windows = WindowSampler(dataset, self._limits, self.config.horizon, self._task.discount)
        self._training = training = self._new_training(seed)
        if self._resumed is not None:
            state, self._resumed = self._resumed, None
            training.load_state(state)
        self._networks = training.averaged.module  # What acts, in mid-training too.
        for step in range(training.step + 1, steps + 1):
            batch = windows.sample(training.rng, self.config.batch_size)
            losses = self._diffusion.losses(training.networks, *batch, training.noise)
            training.optimiser.zero_grad()
            torch.stack(list(losses.values())).sum().backward()
            training.optimiser.step()
            if step % self.config.ema_every == 0:
                training.averaged.update_parameters(training.networks)
            training.step = step
            progress(step, {name: loss.detach().item for name, loss in losses.items()})

    def _new_training(self, seed: int) -> _Training:
        with seeded_torch(seed, self._device):
            networks = self._diffusion.build_networks()
        return _Training(
            networks,
            AveragedModel(networks, multi_avg_fn=get_ema_multi_avg_fn(self.config.ema_decay)),
            torch.optim.Adam(networks.parameters(), self.config.learning_rate),
            np.random.default_rng(seed),
            torch.Generator(self._device).manual_seed(seed),
        )

    def training_state(self) -> dict[str, Any]:
        """See `benchmark.interface.Resumable`."""
        state: dict[str, Any] = self._training.state()
        return state

    def resume(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.interface.Resumable`."""
        self._resumed = deepcopy(dict(state))  # Optimisers would write into what they are given.

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._steps = 0
        self._noise = torch.Generator(self._device).manual_seed(self._noise_seed)

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        step_of_plan = self._steps % self.config.replan_every
        if step_of_plan == 0:
            self._actions = self._plan(observations)[:, :, : self._task.action_size]
        self._steps += 1
        actions = self._actions[:, step_of_plan]
        return np.clip(actions, self._task.action_low, self._task.action_high)

    def _plan(self, observations: FloatArray) -> FloatArray:
        """(n, H, D) plans from observations (n, O) on."""
        first = torch.as_tensor(observations, device=self._device)
        last = first.clone()
        if not self._diffusion.guided:
            goals = first[:, list(self._task.goal_columns)]
            last[:, list(self._task.position_columns)] = goals
        ends = KnownEnds(self._normalised(first), self._normalised(last))
        plans = self._diffusion.sample(self._networks, ends, self._noise)
        return self._limits.restore(plans).cpu().numpy()

    def _normalised(self, observations: torch.Tensor) -> torch.Tensor:
        actions = torch.zeros(len(observations), self._task.action_size, device=self._device)
        steps = self._limits.normalise(torch.cat([actions, observations], dim=1))
        return steps[:, self._task.action_size :]

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        limits = {"low": self._limits.low, "high": self._limits.high}
        weights = {f"networks.{name}": each for name, each in self._networks.state_dict().items()}
        about = {"noise_seed": str(self._noise_seed)}
        safetensors.torch.save_file({**limits, **weights}, folder / _FILE, metadata=about)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        saved = safetensors.torch.load_file(folder / _FILE, device=self._device)
        with safetensors.safe_open(folder / _FILE, "pt") as file:
            self._noise_seed = int(file.metadata()["noise_seed"])
        self._limits = Limits(saved.pop("low"), saved.pop("high"))
        with seeded_torch(0, self._device):
            self._networks = self._diffusion.build_networks()
        weights = {name.removeprefix("networks."): each for name, each in saved.items()}
        self._networks.load_state_dict(weights)
