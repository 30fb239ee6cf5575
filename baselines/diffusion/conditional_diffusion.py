"""The diffusion of states under a return: what its two networks learn, and how a plan is drawn.

A plan is a window of H normalised observations; an inverse dynamics gives the actions between them.
Paper and deviations: see `baselines.diffusion.decision_diffuser`.

Shapes: B plans, H steps, A action size, O observation size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler
from torch import Generator, Tensor, nn
from torch.nn import ModuleDict

from baselines.diffusion.diffusion_config import UNetConfig
from baselines.diffusion.unet import build_conditional_denoiser, with_returns
from baselines.shared.config_checks import check_multiple, check_ranges
from benchmark.interface import TaskInfo


@dataclass(frozen=True)
class DecisionDiffuserConfig(UNetConfig):
    """Settings of Decision Diffuser; the defaults are the authors' for locomotion.

    Attributes:
        denoising_steps: noise levels that a plan is led through, equally spaced; their number
            divides `diffusion_steps`.
        target_return: the discounted return asked for; 0 and 1 are the dataset's extremes.
        guidance_weight: how far a plan goes from what is usual (0) to what is usual under the
            return asked for (1), and beyond; w.
        drop_condition: share of the training windows that the denoiser learns without their return.
        temperature: factor on the deviation of the noise that a plan is drawn with.
        hidden_size: width of the inverse dynamics.
    """

    horizon: int = 100
    channels: tuple[int, ...] = (128, 512, 1024)
    diffusion_steps: int = 200
    denoising_steps: int = 200
    target_return: float = 0.9
    guidance_weight: float = 1.2
    drop_condition: float = 0.25
    temperature: float = 0.5
    hidden_size: int = 256

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, target_return=(0, inf), guidance_weight=(0, inf), hidden_size=(1, inf))
        check_ranges(self, drop_condition=(0, 1), temperature=(0, 1))
        check_ranges(self, denoising_steps=(2, self.diffusion_steps))
        check_multiple(self, "diffusion_steps", "denoising_steps")  # Or DDIM's levels do not meet.

    @property
    def planned_actions(self) -> int:
        """One less than the states between which they lie."""
        return self.horizon - 1


class ConditionalDiffusion:
    """Losses and sampling for one task; the weights are kept outside, in `networks`."""

    def __init__(self, task: TaskInfo, config: DecisionDiffuserConfig, device: str) -> None:
        """Makes the noise schedule.

        Args:
            task: the task.
            config: settings of the agent.
            device: name of a torch device.
        """
        self._config = config
        self._device = device
        self._sizes = [task.action_size, task.observation_size]
        self._schedule = DDIMScheduler(
            num_train_timesteps=config.diffusion_steps,
            beta_schedule="squaredcos_cap_v2",
            prediction_type="sample",
        )
        self._schedule.set_timesteps(config.denoising_steps)

    def build_networks(self) -> ModuleDict:
        """A new `denoiser` of observations and an `inverse` dynamics: (s_t, s_t+1) -> a_t."""
        config, (actions, observations) = self._config, self._sizes
        denoiser = build_conditional_denoiser(observations, config.horizon, tuple(config.channels))
        inverse = nn.Sequential(
            nn.Linear(2 * observations, config.hidden_size),
            nn.ReLU(),
            nn.Linear(config.hidden_size, config.hidden_size),
            nn.ReLU(),
            nn.Linear(config.hidden_size, actions),
        )
        return ModuleDict({"denoiser": denoiser, "inverse": inverse}).to(self._device)

    def losses(
        self, networks: ModuleDict, windows: Tensor, returns: Tensor, noise: Generator
    ) -> dict[str, Tensor]:
        """See `baselines.diffusion.base.Diffusion`; `returns` are from 0 to 1."""
        actions, states = windows.split(self._sizes, dim=2)
        levels = torch.randint(
            self._config.diffusion_steps, returns.shape, generator=noise, device=self._device
        )
        noises = torch.randn(states.shape, generator=noise, device=self._device)
        conditioned = self._draw_conditioned(len(returns), noise)
        noisy = _hold_first(self._schedule.add_noise(states, noises, levels), states[:, 0])
        clean = _denoise(networks, noisy, with_returns(levels, returns, conditioned))
        return {
            "denoising_loss": F.mse_loss(clean[:, 1:], states[:, 1:]),
            "inverse_loss": F.mse_loss(self.actions(networks, states), actions[:, :-1]),
        }

    def _draw_conditioned(self, size: int, noise: Generator) -> Tensor:
        """(B,) whether a window is learned with its return."""
        drawn = torch.rand(size, generator=noise, device=self._device)
        return drawn >= self._config.drop_condition

    def actions(self, networks: ModuleDict, states: Tensor) -> Tensor:
        """(B, H - 1, A) normalised actions that lead from each state (B, H, O) to the next."""
        pairs = torch.cat([states[:, :-1], states[:, 1:]], dim=2)
        actions: Tensor = networks["inverse"](pairs)
        return actions

    @torch.no_grad()
    def sample(self, networks: ModuleDict, first: Tensor, noise: Generator) -> Tensor:
        """Draws one plan (H, O) from each normalised observation (B, O) on.

        Returns:
            (B, H, O) normalised observations.
        """
        size = (len(first), self._config.horizon, first.shape[1])
        states = _hold_first(self._cool_noise(size, noise), first)
        for level in self._schedule.timesteps.tolist():
            # With an eta of 1 and no level left out, this is DDPM's step, but its noise is given.
            step = self._schedule.step(
                self._guided(networks, states, level),
                level,
                states,
                eta=1.0,
                use_clipped_model_output=True,
                variance_noise=self._cool_noise(size, noise),
            )
            states = _hold_first(step.prev_sample, first)
        return states

    def _cool_noise(self, size: tuple[int, ...], noise: Generator) -> Tensor:
        return self._config.temperature * torch.randn(size, generator=noise, device=self._device)

    def _guided(self, networks: ModuleDict, states: Tensor, level: int) -> Tensor:
        """(B, H, O) noisy states (B, H, O) without their noise: classifier-free guidance."""
        levels = torch.full((2 * len(states),), level, device=self._device)
        returns = torch.full_like(levels, self._config.target_return, dtype=states.dtype)
        conditioned = torch.arange(2, device=self._device).repeat_interleave(len(states))
        condition = with_returns(levels, returns, conditioned)
        free, guided = _denoise(networks, states.repeat(2, 1, 1), condition).chunk(2)
        return free + self._config.guidance_weight * (guided - free)


def _hold_first(states: Tensor, first: Tensor) -> Tensor:
    """In-paints the first (B, O) of states (B, H, O)."""
    return torch.cat([first[:, None], states[:, 1:]], dim=1)


def _denoise(networks: ModuleDict, states: Tensor, condition: Tensor) -> Tensor:
    """(B, H, O) without noise, from noisy states (B, H, O) under a condition (B, 3)."""
    clean: Tensor = networks["denoiser"](states.mT, condition).sample.mT
    return clean
