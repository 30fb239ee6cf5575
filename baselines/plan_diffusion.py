"""The diffusion of plans: what its two networks learn, and how a plan is drawn with them.

A plan is a window of H steps with D = A + O columns, the normalised action before the observation.
Paper and deviations: see `baselines.diffuser`.

Shapes: B plans, A action size, O observation size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from torch import nn

from baselines.settings import check_ranges
from baselines.temporal_unet import build_denoiser, build_value_model
from benchmark.interface import TaskInfo


@dataclass(frozen=True)
class DiffuserConfig:
    """Settings of Diffuser.

    Attributes:
        horizon: steps of a plan, H.
        channels: width of each level of the networks, multiples of 32, the last one 64 or more.
        diffusion_steps: noise levels, and denoising steps per plan.
        batch_size: windows per gradient step.
        learning_rate: of Adam.
        action_weight: factor on the loss of a window's first action.
        ema_decay: share of the averaged weights that is kept at each update.
        ema_every: gradient steps from one such update to the next.
        guide_steps: moves along the value model's gradient before each denoising step.
        guide_scale: length of these moves.
        unguided_steps: last denoising steps, which go without such moves.
        candidates: guided plans drawn per environment, of which the one valued most is taken.
        replan_every: environment steps executed of one plan.
    """

    horizon: int = 32
    channels: tuple[int, ...] = (32, 64, 128, 256)
    diffusion_steps: int = 20
    batch_size: int = 64
    learning_rate: float = 2e-4
    action_weight: float = 10.0
    ema_decay: float = 0.995
    ema_every: int = 10
    guide_steps: int = 2
    guide_scale: float = 1.0
    unguided_steps: int = 2
    candidates: int = 64
    replan_every: int = 1

    def __post_init__(self) -> None:
        check_ranges(self, diffusion_steps=(2, inf), batch_size=(1, inf), learning_rate=(0, 1))
        check_ranges(self, channels=(32, inf), horizon=(2, inf), replan_every=(1, self.horizon))
        check_ranges(self, ema_decay=(0, 1), ema_every=(1, inf), candidates=(1, inf))
        check_ranges(self, guide_steps=(0, inf), unguided_steps=(1, inf))
        # The horizon is halved at each level but the last; widths are normalised in groups of 8, of
        # which the value model's innermost layer has a quarter of the last level's.
        multiple = 2 ** (len(self.channels) - 1)
        widths_fit = self.channels[-1] >= 64 and not any(width % 32 for width in self.channels)
        if self.horizon % multiple or not widths_fit:
            raise ValueError(
                f"horizon={self.horizon} and channels={self.channels} do not fit together; "
                f"valid: a horizon that is a multiple of {multiple}, and channels that are "
                "multiples of 32, the last one 64 or more"
            )


@dataclass(frozen=True)
class KnownEnds:
    """What is known of plans before they are drawn.

    Attributes:
        first: (B, O) normalised observations of the first step.
        last: (B, O) those of the last step, of which the position is held where the goal is shown.
    """

    first: torch.Tensor
    last: torch.Tensor

    def repeated(self, times: int) -> KnownEnds:
        """(B * times, O), each end as often as asked, one after the other."""
        return KnownEnds(
            self.first.repeat_interleave(times, 0), self.last.repeat_interleave(times, 0)
        )


class PlanDiffusion:
    """Losses and sampling for one task; the weights are kept outside, in `networks`.

    Attributes:
        size: D.
        guided: whether a value model guides plans; otherwise they are held to the goal.
    """

    def __init__(self, task: TaskInfo, config: DiffuserConfig, device: str) -> None:
        """Makes the noise schedule.

        Args:
            task: the task.
            config: settings of the agent.
            device: name of a torch device.
        """
        self._config = config
        self._device = device
        self._n_actions = task.action_size
        self.size = task.action_size + task.observation_size
        self.guided = not task.goal_columns
        held = torch.tensor(task.position_columns, dtype=torch.long)
        self._held_columns = held[:0] if self.guided else held
        self._schedule = DDPMScheduler(
            num_train_timesteps=config.diffusion_steps,
            beta_schedule="squaredcos_cap_v2",
            prediction_type="sample",
            variance_type="fixed_small_log",
        )

    def build_networks(self) -> nn.ModuleDict:
        """A new `denoiser` and, where plans are guided, a `value` model."""
        shape = (self.size, self._config.horizon, tuple(self._config.channels))
        networks = nn.ModuleDict({"denoiser": build_denoiser(*shape)})
        if self.guided:
            networks["value"] = build_value_model(*shape)
        return networks.to(self._device)

    def losses(
        self,
        networks: nn.ModuleDict,
        windows: torch.Tensor,
        values: torch.Tensor,
        noise: torch.Generator,
    ) -> dict[str, torch.Tensor]:
        """Loss of each network.

        Args:
            networks: from `build_networks`.
            windows: (B, H, D) recorded, normalised.
            values: (B,) their returns.
            noise: draws noise and its level.
        """
        levels = torch.randint(
            self._config.diffusion_steps, values.shape, generator=noise, device=self._device
        )
        noises = torch.randn(windows.shape, generator=noise, device=self._device)
        ends = KnownEnds(windows[:, 0, self._n_actions :], windows[:, -1, self._n_actions :])
        noisy = self._hold(self._schedule.add_noise(windows, noises, levels), ends)
        errors = (self._hold(_denoise(networks, noisy, levels), ends) - windows) ** 2
        weights = torch.ones_like(errors[0])
        weights[0, : self._n_actions] = self._config.action_weight
        losses = {"denoising_loss": (weights * errors).mean()}
        if self.guided:
            losses["value_loss"] = F.mse_loss(_value(networks, noisy, levels), values)
        return losses

    @torch.no_grad()
    def sample(
        self, networks: nn.ModuleDict, ends: KnownEnds, noise: torch.Generator
    ) -> torch.Tensor:
        """Draws one plan (H, D) for each pair of ends, the best valued of several if guided.

        Returns:
            (B, H, D) normalised plans.
        """
        n_plans, candidates = len(ends.first), self._config.candidates if self.guided else 1
        ends = ends.repeated(candidates)
        shape = (len(ends.first), self._config.horizon, self.size)
        plans = self._hold(torch.randn(shape, generator=noise, device=self._device), ends)
        for level in reversed(range(self._config.diffusion_steps)):
            if self.guided and level >= self._config.unguided_steps:
                plans = self._guide(networks, plans, ends, level)
            clean = _denoise(networks, plans, _levels(plans, level))
            step = self._schedule.step(clean, level, plans, generator=noise)
            plans = self._hold(step.prev_sample, ends)
        if candidates == 1:
            return plans
        values = _value(networks, plans, _levels(plans, 0)).view(n_plans, candidates)
        best = values.argmax(dim=1) + candidates * torch.arange(n_plans, device=self._device)
        return plans[best]

    def _hold(self, plans: torch.Tensor, ends: KnownEnds) -> torch.Tensor:
        """In-paints what is known of plans (B, H, D)."""
        plans = plans.clone()
        plans[:, 0, self._n_actions :] = ends.first
        plans[:, -1, self._n_actions + self._held_columns] = ends.last[:, self._held_columns]
        return plans

    def _guide(
        self, networks: nn.ModuleDict, plans: torch.Tensor, ends: KnownEnds, level: int
    ) -> torch.Tensor:
        """Moves noisy plans (B, H, D) towards a higher return."""
        length = self._config.guide_scale * self._noise_variance(level)
        for _ in range(self._config.guide_steps):
            with torch.enable_grad():
                plans.requires_grad_()
                values = _value(networks, plans, _levels(plans, level))
                (slope,) = torch.autograd.grad(values.sum(), plans)
            plans = self._hold(plans.detach() + length * slope, ends)
        return plans

    def _noise_variance(self, level: int) -> float:
        """Variance of the noise that one denoising step leaves at a level above 0."""
        kept, kept_below = self._schedule.alphas_cumprod[[level, level - 1]]
        return float((1 - kept_below) / (1 - kept) * (1 - kept / kept_below))


def _denoise(networks: nn.ModuleDict, plans: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """(B, H, D) without noise, from noisy plans (B, H, D) at levels (B,)."""
    clean: torch.Tensor = networks["denoiser"](plans.mT, levels).sample.mT
    return clean


def _value(networks: nn.ModuleDict, plans: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """(B,) standardised returns of noisy plans (B, H, D) at levels (B,)."""
    values: torch.Tensor = networks["value"](plans.mT, levels).sample[:, 0]
    return values


def _levels(plans: torch.Tensor, level: int) -> torch.Tensor:
    """(B,) one noise level for each plan."""
    return torch.full((len(plans),), level, device=plans.device)
