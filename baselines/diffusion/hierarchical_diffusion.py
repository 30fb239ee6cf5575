"""The diffusion of sub-goals, and of the steps between two of them.

A recorded window holds H sub-goals, K steps apart::

    steps       0 1 2 .. K .. 2K .. HK      K steps to each sub-goal
    sub-goals   0        1    2  ..         the observation there, and the K actions from it on
    segment     0 1 2 .. K ..               what lies between the first two

Paper and deviations: see `baselines.diffusion.hierarchical_diffuser`.

Shapes: B plans, H sub-goals, K steps from one to the next, L steps of a segment, D = A + O columns,
the normalised action before the observation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import ModuleDict

from baselines.diffusion.plan_diffusion import DiffuserConfig, KnownEnds, PlanDiffusion, PlanShape
from baselines.shared.config_checks import check_ranges
from benchmark.interface import TaskInfo


@dataclass(frozen=True)
class HierarchicalConfig(DiffuserConfig):
    """Settings of Hierarchical Diffuser; the defaults are the authors' for locomotion.

    Attributes:
        horizon: sub-goals of a plan, H; the first is the present state.
        subgoal_every: environment steps from one sub-goal to the next, K.
        dense_actions: whether plans of sub-goals hold all actions between them as well.
    """

    horizon: int = 8
    channels: tuple[int, ...] = (32, 128, 256)
    subgoal_every: int = 4
    dense_actions: bool = True

    def __post_init__(self) -> None:
        check_ranges(self, subgoal_every=(1, inf))
        super().__post_init__()

    @property
    def segment_steps(self) -> int:
        """L: both sub-goals and what lies between, and as much more as the U-Net needs."""
        return -(-(self.subgoal_every + 1) // self.horizon_unit) * self.horizon_unit

    @property
    def window_steps(self) -> int:
        """Recorded steps that a window takes, H * K; a segment is never longer."""
        return self.horizon * self.subgoal_every

    @property
    def planned_actions(self) -> int:
        """Actions from the first sub-goal to the last."""
        return (self.horizon - 1) * self.subgoal_every

    @property
    def segments(self) -> int:
        """Segments that are executed, S."""
        steps = self.subgoal_every * self.stride
        return min(-(-self.replan_every // steps), self.horizon - 1)


class HierarchicalDiffusion:
    """Losses and sampling for one task; the weights are kept outside, in `networks`."""

    def __init__(self, task: TaskInfo, config: HierarchicalConfig, device: str) -> None:
        """Makes the diffusion of each level.

        Args:
            task: the task.
            config: settings of the agent.
            device: name of a torch device.
        """
        self._every = config.subgoal_every
        self._actions = task.action_size
        self._dense_actions = task.action_size * self._every if config.dense_actions else 0
        self._segment_steps = config.segment_steps
        self._segments = config.segments
        sparse = PlanShape.of_task(task, config, self._dense_actions)
        between = PlanShape(
            horizon=config.segment_steps,
            actions=task.action_size,
            observations=task.observation_size,
            known_step=self._every,
            known_columns=tuple(range(task.observation_size)),
            guided=False,
        )
        self._high = PlanDiffusion(sparse, config, device)
        self._low = PlanDiffusion(between, config, device)

    def build_networks(self) -> ModuleDict:
        """New networks of both levels, `high` and `low`."""
        return ModuleDict({"high": self._high.build_networks(), "low": self._low.build_networks()})

    def losses(
        self, networks: ModuleDict, windows: Tensor, values: Tensor, noise: Generator
    ) -> dict[str, Tensor]:
        """See `baselines.diffusion.base.Diffusion`; windows hold H * K steps."""
        levels: Any = networks
        segments = windows[:, : self._segment_steps]
        high = self._high.losses(levels["high"], self.sub_goals(windows), values, noise)
        low = self._low.losses(levels["low"], segments, values, noise)
        return {
            **{f"high_{name}": loss for name, loss in high.items()},
            **{f"low_{name}": loss for name, loss in low.items()},
        }

    def sub_goals(self, windows: Tensor) -> Tensor:
        """Every K-th observation, after the K actions from it on if actions are dense.

        Args:
            windows: (B, H * K, D).

        Returns:
            (B, H, K * A + O), or (B, H, O) without actions.
        """
        actions, observations = windows[:, :, : self._actions], windows[:, :, self._actions :]
        # (B, H * K, A) -> (B, H, K * A)
        dense = actions.unflatten(1, (-1, self._every)).flatten(2)[:, :, : self._dense_actions]
        return torch.cat([dense, observations[:, :: self._every]], dim=2)

    def sample(self, networks: ModuleDict, ends: KnownEnds, noise: Generator) -> Tensor:
        """Draws one plan of sub-goals for each pair of ends, and its first segments.

        Returns:
            (B, S * K + 1, D) normalised steps from the first sub-goal on.
        """
        levels: Any = networks
        plans = self._high.sample(levels["high"], ends, noise)
        sub_goals = plans[:, : self._segments + 1, self._dense_actions :]  # (B, S + 1, O)
        between = KnownEnds(sub_goals[:, :-1].flatten(0, 1), sub_goals[:, 1:].flatten(0, 1))
        segments = self._low.sample(levels["low"], between, noise)  # (B * S, L, D)
        segments = segments.unflatten(0, (-1, self._segments))
        until_last = segments[:, :, : self._every].flatten(1, 2)
        return torch.cat([until_last, segments[:, -1, self._every, None]], dim=1)
