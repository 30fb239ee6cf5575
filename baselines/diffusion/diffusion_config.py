"""Settings that agents which plan by diffusion share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from baselines.shared.config_checks import check_ranges


@dataclass(frozen=True)
class DiffusionConfig:
    """Settings that all of these agents share; the defaults are Diffuser's for locomotion.

    Attributes:
        horizon: steps of a plan, H.
        diffusion_steps: noise levels that a denoiser learns.
        batch_size: windows per gradient step.
        learning_rate: of Adam.
        ema_decay: share of the averaged weights that is kept at each update.
        ema_every: gradient steps from one such update to the next.
        replan_every: environment steps from one plan to the next.
        stride: environment steps from one step of a plan to the next.
        discount: factor per environment step of the return that plans are valued by or conditioned
            on; None for the task's.
    """

    horizon: int = 32
    diffusion_steps: int = 20
    batch_size: int = 64
    learning_rate: float = 2e-4
    ema_decay: float = 0.995
    ema_every: int = 10
    replan_every: int = 1
    stride: int = 1
    discount: float | None = None

    def __post_init__(self) -> None:
        check_ranges(self, diffusion_steps=(2, inf), batch_size=(1, inf), learning_rate=(0, 1))
        check_ranges(self, horizon=(2, inf), ema_decay=(0, 1), ema_every=(1, inf))
        check_ranges(self, stride=(1, inf), replan_every=(1, self.longest_use))
        if self.discount is not None:
            check_ranges(self, discount=(0, 1))

    @property
    def window_steps(self) -> int:
        """Recorded steps that a window takes."""
        return self.horizon

    @property
    def longest_use(self) -> float:
        """Environment steps for which a plan can be acted on."""
        return self.horizon


@dataclass(frozen=True)
class UNetConfig(DiffusionConfig):
    """Settings of agents whose networks are U-Nets, and whose plans hold actions or positions.

    Attributes:
        channels: width of each level of the networks, multiples of 32, the last one 64 or more.
        position_gain: of a controller that follows the planned positions, in a maze; it holds the
            last one until the next plan. At 0 the planned actions are executed.
    """

    channels: tuple[int, ...] = (32, 64, 128, 256)
    position_gain: float = 0.0

    def __post_init__(self) -> None:
        check_ranges(self, channels=(32, inf), position_gain=(0, inf))
        super().__post_init__()
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
    def planned_actions(self) -> int:
        """Actions that a plan holds."""
        return self.horizon

    @property
    def longest_use(self) -> float:
        """As long as there are planned actions, or for good where a position is held."""
        return inf if self.position_gain else self.planned_actions
