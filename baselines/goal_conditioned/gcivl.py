"""GCIVL: goal-conditioned implicit V-learning.

Paper: a baseline of OGBench (Park, Frans, Eysenbach, Levine, ICLR 2025, arXiv 2410.20092), after
IQL (Kostrikov et al. 2022) without action values, as in HIQL (Park et al. 2023).
Implementation: this project's own. The reference is https://github.com/seohongpark/ogbench,
`impls/agents/gcivl.py`, whose defaults these are; in `impls/hyperparameters.sh` the discount is
0.995 in giant mazes and for the humanoid, which is the task's here.

Deviations: those of all goal-conditioned agents (`baselines/goal_conditioned/base.py`); `quick` has
narrower networks, smaller batches and slow copies that follow faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import torch
from torch import Tensor

from baselines.goal_conditioned.base import (
    GoalBatch,
    GoalPolicyNetworks,
    GoalValueAgent,
    cloning_loss,
    implicit_value_loss,
)
from baselines.goal_conditioned.config import PAPER, QUICK_VALUES, SMOKE, GoalValueConfig
from baselines.shared.config_checks import check_ranges
from baselines.shared.gelu_networks import ValueEnsemble, polyak_update, target_copy
from benchmark.interface import TaskSettings


@dataclass(frozen=True)
class GCIVLConfig(GoalValueConfig):
    """Settings of GCIVL, beside those of `GoalValueConfig`.

    Attributes:
        alpha: factor on advantages, whose power of e is the weight of an action that is cloned.
    """

    alpha: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, alpha=(0, inf))


class StateValueNetworks(GoalPolicyNetworks):
    """A policy and two values of states.

    Args:
        config: of the agent.
        state_size: S.
        goal_size: G.
        action_size: A.
    """

    def __init__(
        self, config: GCIVLConfig, state_size: int, goal_size: int, action_size: int
    ) -> None:
        super().__init__(config, state_size, goal_size, action_size)
        self.value = ValueEnsemble(state_size + goal_size, config.hidden_sizes)
        self.slow_value = target_copy(self.value)


class GCIVL(GoalValueAgent):
    """Learns how far states are from goals, and clones actions that brought them nearer."""

    config_class = GCIVLConfig
    task_settings = (TaskSettings("multi2d", {"discount": 0.99}, "OGBench's code, for mazes"),)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": SMOKE,
        "quick": QUICK_VALUES,
        "paper": PAPER,
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "expectile": ("uniform", 0.6, 0.99),
        "alpha": ("loguniform", 1.0, 30.0),
    }

    def _build(self) -> StateValueNetworks:
        return StateValueNetworks(self.config, *self._sizes)

    def _follow(self) -> None:
        polyak_update(self._networks.slow_value, self._networks.value, self.config.tau)

    def _losses(self, batch: GoalBatch, done: float) -> dict[str, Tensor]:
        networks = self._networks
        with torch.no_grad():
            backed_up_EB = self._backed_up(
                batch, networks.slow_value(batch.next_BS, batch.value_goal_BG)
            )
            slow_EB = networks.slow_value(batch.state_BS, batch.value_goal_BG)
            goal_BG = batch.actor_goal_BG
            advantage_EB = networks.value(batch.next_BS, goal_BG) - networks.value(
                batch.state_BS, goal_BG
            )
        value_EB = networks.value(batch.state_BS, batch.value_goal_BG)
        return {
            "value_loss": implicit_value_loss(
                value_EB, backed_up_EB, slow_EB, self.config.expectile
            ),
            "actor_loss": cloning_loss(
                networks.act(batch.state_BS, goal_BG),
                batch.action_BA,
                self.config.alpha * advantage_EB.mean(0),
            ),
        }
