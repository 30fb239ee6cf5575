"""The diffusion of states, a value that picks one plan of many, and actions between two states.

A plan is a window of H normalised observations, `stride` environment steps apart.
Paper and deviations: see `baselines.diffusion.diffusion_veteran`.

Shapes: B plans, H states of a plan, P pairs of states for each, A action size, O observation size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler
from torch import Generator, Tensor
from torch.nn import ModuleDict

from baselines.diffusion.diffusion_config import DiffusionConfig
from baselines.diffusion.inverse_diffusion import ActionDenoiser, InverseDiffusion
from baselines.diffusion.plan_transformer import PlanDenoiser, PlanValue
from baselines.shared.config_checks import check_heads, check_multiple, check_ranges
from benchmark.interface import TaskInfo


@dataclass(frozen=True)
class VeteranConfig(DiffusionConfig):
    """Settings of Diffusion Veteran; the defaults are the authors' for Kitchen.

    Attributes:
        horizon: states of a plan, H; the first is the present one.
        denoising_steps: noise levels that a plan is led through, equally spaced; their number
            divides `diffusion_steps`.
        predict_noise: whether the denoiser says what the noise is, or what the states are.
        width: of the tokens of both transformers, a multiple of `n_heads`.
        n_heads: of their attention.
        depth: blocks of the denoiser.
        value_depth: blocks of the value model.
        candidates: plans drawn per environment, of which the one valued most is taken.
        weight_factor: how much more the denoiser learns of what is worth more: the weight of a
            window falls by this power of e from the best value to the middle of the range.
        to_reward: whether plans end where the first reward is, and are worth the steps until then.
        pairs: of states that the inverse dynamics learns from, for each plan of a batch, P.
        hidden_size: width of the inverse dynamics.
        action_noise_levels: of the inverse dynamics, and its denoising steps per action.
        action_temperature: factor on the noise that an action is drawn from.
    """

    stride: int = 4
    diffusion_steps: int = 1000
    batch_size: int = 128
    ema_decay: float = 0.9999
    ema_every: int = 1
    discount: float | None = 0.997
    denoising_steps: int = 20
    predict_noise: bool = True
    width: int = 256
    n_heads: int = 4
    depth: int = 2
    value_depth: int = 2
    candidates: int = 50
    weight_factor: float = 0.0
    to_reward: bool = False
    pairs: int = 1
    hidden_size: int = 256
    action_noise_levels: int = 10
    action_temperature: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_heads(self)
        check_ranges(self, denoising_steps=(1, self.diffusion_steps), candidates=(1, inf))
        check_multiple(self, "diffusion_steps", "denoising_steps")  # Or DDIM's levels do not meet.
        check_ranges(self, depth=(1, inf), value_depth=(1, inf), weight_factor=(0, inf))
        check_ranges(self, pairs=(1, inf), hidden_size=(1, inf), action_noise_levels=(2, inf))
        # Fewer hold no sines of a noise level.
        check_ranges(self, action_temperature=(0, 1), width=(4, inf))

    @property
    def longest_use(self) -> float:
        """The last action still aims at a state of the plan `stride` steps ahead."""
        return max(1, (self.horizon - 2) * self.stride + 1)


class VeteranDiffusion:
    """Losses and sampling for one task; the weights are kept outside, in `networks`."""

    def __init__(self, task: TaskInfo, config: VeteranConfig, device: str) -> None:
        """Makes the noise schedules.

        Args:
            task: the task.
            config: settings of the agent.
            device: name of a torch device.
        """
        self._config, self._device = config, device
        self._sizes = [task.action_size, task.observation_size]
        self._schedule = DDIMScheduler(
            num_train_timesteps=config.diffusion_steps,
            beta_schedule="linear",
            prediction_type="epsilon" if config.predict_noise else "sample",
            timestep_spacing="trailing",  # Denoising starts where nothing but noise is left.
        )
        self._schedule.set_timesteps(config.denoising_steps)
        self._inverse = InverseDiffusion(
            config.action_noise_levels, config.action_temperature, task.position_columns, device
        )

    def build_networks(self) -> ModuleDict:
        """A new `denoiser` of plans, `value` of plans and `inverse` dynamics."""
        config, (actions, observations) = self._config, self._sizes
        sizes = (observations, config.width, config.n_heads)
        networks = {
            "denoiser": PlanDenoiser(*sizes, config.depth),
            "value": PlanValue(*sizes, config.value_depth),
            "inverse": ActionDenoiser(actions, observations, config.hidden_size),
        }
        return ModuleDict(networks).to(self._device)

    def losses(
        self, networks: ModuleDict, windows: Tensor, values: Tensor, noise: Generator
    ) -> dict[str, Tensor]:
        """See `baselines.diffusion.base.Diffusion`; `windows` are (B, H + 2 P, A + O)."""
        states = windows[:, : self._config.horizon, self._sizes[0] :]
        steps = windows[:, self._config.horizon :].reshape(-1, 2, windows.shape[2])
        actions, pairs = steps.split(self._sizes, dim=2)
        weights = torch.exp(self._config.weight_factor * (values - 1))
        return {
            "denoising_loss": (weights * self._denoising_errors(networks, states, noise)).mean(),
            "value_loss": F.mse_loss(networks["value"](states), values),
            "inverse_loss": self._inverse.loss(networks["inverse"], pairs, actions[:, 0], noise),
        }

    def _denoising_errors(self, networks: ModuleDict, states: Tensor, noise: Generator) -> Tensor:
        """(B,) mean squared errors of recorded plans (B, H, O); their first state is known."""
        levels = torch.randint(
            self._config.diffusion_steps, (len(states),), generator=noise, device=self._device
        )
        noises = torch.randn(states.shape, generator=noise, device=self._device)
        noisy = _hold_first(self._schedule.add_noise(states, noises, levels), states[:, 0])
        wanted = noises if self._config.predict_noise else states
        errors: Tensor = (networks["denoiser"](noisy, levels) - wanted)[:, 1:] ** 2
        return errors.mean(dim=(1, 2))

    @torch.no_grad()
    def sample(self, networks: ModuleDict, first: Tensor, noise: Generator) -> Tensor:
        """Draws many plans from each normalised observation (B, O) on, and takes the best valued.

        Returns:
            (B, H, O) normalised observations.
        """
        candidates = self._config.candidates
        starts = first.repeat_interleave(candidates, 0)
        size = (len(starts), self._config.horizon, first.shape[1])
        plans = _hold_first(torch.randn(size, generator=noise, device=self._device), starts)
        for level in self._schedule.timesteps.tolist():
            levels = torch.full((len(plans),), level, device=self._device)
            predicted = networks["denoiser"](plans, levels)
            # Without noise of its own a step is the same for all: what differs is how plans began.
            plans = _hold_first(self._schedule.step(predicted, level, plans).prev_sample, starts)
        values = networks["value"](plans).view(len(first), candidates)
        picked: Tensor = plans.unflatten(0, (len(first), candidates))[
            torch.arange(len(first), device=self._device), values.argmax(dim=1)
        ]
        return picked

    def actions(self, networks: ModuleDict, now: Tensor, later: Tensor, noise: Generator) -> Tensor:
        """(B, A) normalised actions from observations (B, O) to those `stride` steps later."""
        pairs = torch.stack([now, later], dim=1)
        return self._inverse.sample(networks["inverse"], pairs, self._sizes[0], noise)


def _hold_first(states: Tensor, first: Tensor) -> Tensor:
    """In-paints the first (B, O) of states (B, H, O)."""
    return torch.cat([first[:, None], states[:, 1:]], dim=1)
