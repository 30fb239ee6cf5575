"""The diffusion of plans: what its two networks learn, and how a plan is drawn with them.

A plan is a window of H steps with D = A + O columns, the normalised action before the observation.
Paper and deviations: see `baselines.diffusion.diffuser`.

Shapes: B plans, A columns of actions, O of observations.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from torch import Generator, Tensor
from torch.nn import ModuleDict

from baselines.diffusion.diffusion_config import UNetConfig
from baselines.diffusion.unet import build_denoiser, build_value_model
from baselines.shared.config_checks import check_ranges
from benchmark.interface import TaskInfo


@dataclass(frozen=True)
class DiffuserConfig(UNetConfig):
    """Settings of Diffuser.

    Attributes:
        action_weight: factor on the loss of a window's first action.
        guide_steps: moves along the value model's gradient before each denoising step.
        guide_scale: length of these moves.
        unguided_steps: last denoising steps, which go without such moves.
        candidates: guided plans drawn per environment, of which the one valued most is taken.
        goal: position that plans end at in a maze whose observation does not show it.
        to_goal: whether plans end at the goal where it is known; else a value model guides them.
    """

    action_weight: float = 10.0
    guide_steps: int = 2
    guide_scale: float = 1.0
    unguided_steps: int = 2
    candidates: int = 64
    goal: tuple[float, ...] = ()
    to_goal: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, guide_steps=(0, inf), unguided_steps=(1, inf), candidates=(1, inf))
        check_ranges(self, action_weight=(0, inf), guide_scale=(0, inf))

    def holds_goal(self, task: TaskInfo) -> bool:
        """Whether plans end at a goal, which the task shows or the settings hold."""
        return self.to_goal and bool(task.goal_columns or self.goal)


@dataclass(frozen=True)
class PlanShape:
    """What a plan is made of, and what is known of it beside its first observation.

    Attributes:
        horizon: H.
        actions: columns of actions, A; they come first.
        observations: columns of the observation, O.
        known_step: the step at which some of the observation is known as well.
        known_columns: which of its columns.
        guided: whether a value model guides plans.
    """

    horizon: int
    actions: int
    observations: int
    known_step: int
    known_columns: tuple[int, ...]
    guided: bool

    @property
    def columns(self) -> int:
        """D."""
        return self.actions + self.observations

    @classmethod
    def of_task(cls, task: TaskInfo, config: DiffuserConfig, actions: int) -> PlanShape:
        """Plans end at the goal where `config` says so, and are guided where they do not.

        Raises:
            ValueError: for a goal that the task shows anyway, or of another size than a position.
        """
        if config.goal and (task.goal_columns or len(config.goal) != len(task.position_columns)):
            raise ValueError(
                f"goal={config.goal} on {task.name}; valid: (), or a position in a maze that does "
                "not show its goal"
            )
        to_goal = config.holds_goal(task)
        known = task.position_columns if to_goal else ()
        last, size = config.horizon - 1, task.observation_size
        return cls(config.horizon, actions, size, last, known, not to_goal)


@dataclass(frozen=True)
class KnownEnds:
    """What is known of plans before they are drawn.

    Attributes:
        first: (B, O) normalised observations of the first step.
        last: (B, O) those of `PlanShape.known_step`, of which `known_columns` are held.
    """

    first: Tensor
    last: Tensor

    def repeated(self, times: int) -> KnownEnds:
        """(B * times, O), each end as often as asked, one after the other."""
        return KnownEnds(
            self.first.repeat_interleave(times, 0), self.last.repeat_interleave(times, 0)
        )


class PlanDiffusion:
    """Losses and sampling of plans; the weights are kept outside, in `networks`."""

    def __init__(self, shape: PlanShape, config: DiffuserConfig, device: str) -> None:
        """Makes the noise schedule.

        Args:
            shape: of the plans.
            config: settings of the agent; the horizon is that of `shape`.
            device: name of a torch device.
        """
        self._shape = shape
        self._config = config
        self._device = device
        self._known_columns = torch.tensor(shape.known_columns, dtype=torch.long)
        self._schedule = DDPMScheduler(
            num_train_timesteps=config.diffusion_steps,
            beta_schedule="squaredcos_cap_v2",
            prediction_type="sample",
            variance_type="fixed_small_log",
        )

    def build_networks(self) -> ModuleDict:
        """A new `denoiser` and, where plans are guided, a `value` model."""
        sizes = (self._shape.columns, self._shape.horizon, tuple(self._config.channels))
        networks = ModuleDict({"denoiser": build_denoiser(*sizes)})
        if self._shape.guided:
            networks["value"] = build_value_model(*sizes)
        return networks.to(self._device)

    def losses(
        self, networks: ModuleDict, windows: Tensor, values: Tensor, noise: Generator
    ) -> dict[str, Tensor]:
        """See `baselines.diffusion.base.Diffusion`; `values` are returns."""
        levels = torch.randint(
            self._config.diffusion_steps, values.shape, generator=noise, device=self._device
        )
        noises = torch.randn(windows.shape, generator=noise, device=self._device)
        recorded = windows[:, :, self._shape.actions :]
        ends = KnownEnds(recorded[:, 0], recorded[:, self._shape.known_step])
        noisy = self._hold(self._schedule.add_noise(windows, noises, levels), ends)
        errors = (self._hold(_denoise(networks, noisy, levels), ends) - windows) ** 2
        weights = torch.ones_like(errors[0])
        weights[0, : self._shape.actions] = self._config.action_weight
        losses = {"denoising_loss": (weights * errors).mean()}
        if self._shape.guided:
            losses["value_loss"] = F.mse_loss(_value(networks, noisy, levels), values)
        return losses

    @torch.no_grad()
    def sample(self, networks: ModuleDict, ends: KnownEnds, noise: Generator) -> Tensor:
        """Draws one plan (H, D) for each pair of ends, the best valued of several if guided.

        Returns:
            (B, H, D) normalised plans.
        """
        n_plans, candidates = len(ends.first), self._config.candidates if self._shape.guided else 1
        ends = ends.repeated(candidates)
        size = (len(ends.first), self._shape.horizon, self._shape.columns)
        plans = self._hold(torch.randn(size, generator=noise, device=self._device), ends)
        for level in reversed(range(self._config.diffusion_steps)):
            if self._shape.guided and level >= self._config.unguided_steps:
                plans = self._guide(networks, plans, ends, level)
            clean = _denoise(networks, plans, _levels(plans, level))
            step = self._schedule.step(clean, level, plans, generator=noise)
            plans = self._hold(step.prev_sample, ends)
        if candidates == 1:
            return plans
        values = _value(networks, plans, _levels(plans, 0)).view(n_plans, candidates)
        best = values.argmax(dim=1) + candidates * torch.arange(n_plans, device=self._device)
        return plans[best]

    def _hold(self, plans: Tensor, ends: KnownEnds) -> Tensor:
        """In-paints what is known of plans (B, H, D)."""
        plans, columns = plans.clone(), self._known_columns
        plans[:, 0, self._shape.actions :] = ends.first
        plans[:, self._shape.known_step, self._shape.actions + columns] = ends.last[:, columns]
        return plans

    def _guide(self, networks: ModuleDict, plans: Tensor, ends: KnownEnds, level: int) -> Tensor:
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


def _denoise(networks: ModuleDict, plans: Tensor, levels: Tensor) -> Tensor:
    """(B, H, D) without noise, from noisy plans (B, H, D) at levels (B,)."""
    clean: Tensor = networks["denoiser"](plans.mT, levels).sample.mT
    return clean


def _value(networks: ModuleDict, plans: Tensor, levels: Tensor) -> Tensor:
    """(B,) standardised returns of noisy plans (B, H, D) at levels (B,)."""
    values: Tensor = networks["value"](plans.mT, levels).sample[:, 0]
    return values


def _levels(plans: Tensor, level: int) -> Tensor:
    """(B,) one noise level for each plan."""
    return torch.full((len(plans),), level, device=plans.device)
