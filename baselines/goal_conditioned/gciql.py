"""GCIQL: goal-conditioned implicit Q-learning, with a policy that follows the gradient of values.

Paper: a baseline of OGBench (Park, Frans, Eysenbach, Levine, ICLR 2025, arXiv 2410.20092), after
IQL (Kostrikov et al. 2022); the policy is that of DDPG+BC (Fujimoto and Gu 2021).
Implementation: this project's own. The reference is https://github.com/seohongpark/ogbench,
`impls/agents/gciql.py`, whose defaults these are, and `impls/hyperparameters.sh`, which has another
weight of cloning for each kind of task.

Deviations: those of all goal-conditioned agents (`baselines/goal_conditioned/base.py`); `quick` has
narrower networks, smaller batches and slow copies that follow faster. The reference can
also clone by advantages; its published scores are of what is here.
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
)
from baselines.goal_conditioned.config import PAPER, QUICK_VALUES, SMOKE, GoalValueConfig
from baselines.shared.config_checks import check_ranges
from baselines.shared.gelu_networks import (
    ValueEnsemble,
    expectile_weight,
    polyak_update,
    target_copy,
    with_fixed_weights,
)
from benchmark.interface import TaskSettings

_TINY = 1e-6


@dataclass(frozen=True)
class GCIQLConfig(GoalValueConfig):
    """Settings of GCIQL, beside those of `GoalValueConfig`.

    Attributes:
        alpha: weight of cloning, beside values of a mean size of 1.
    """

    alpha: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, alpha=(0, inf))


class ActionValueNetworks(GoalPolicyNetworks):
    """A policy, a value of states and two of actions.

    Args:
        config: of the agent.
        state_size: S.
        goal_size: G.
        action_size: A.
    """

    def __init__(
        self, config: GCIQLConfig, state_size: int, goal_size: int, action_size: int
    ) -> None:
        super().__init__(config, state_size, goal_size, action_size)
        seen = state_size + goal_size
        self.value = ValueEnsemble(seen, config.hidden_sizes, members=1)
        self.critic = ValueEnsemble(seen + action_size, config.hidden_sizes)
        self.slow_critic = target_copy(self.critic)


class GCIQL(GoalValueAgent):
    """Learns values of actions, and a policy for high ones that stays near the recorded actions."""

    config_class = GCIQLConfig
    task_settings = (
        TaskSettings("multi2d", {"alpha": 0.003, "discount": 0.99}, "OGBench's code, for mazes"),
        TaskSettings("ogbench-pointmaze-*", {"alpha": 0.003}, "OGBench's code"),
        TaskSettings("ogbench-humanoidmaze-*", {"alpha": 0.1}, "OGBench's code"),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": SMOKE,
        "quick": QUICK_VALUES,
        "paper": PAPER,
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "expectile": ("uniform", 0.6, 0.99),
        "alpha": ("loguniform", 1e-3, 3.0),
    }

    def _build(self) -> ActionValueNetworks:
        return ActionValueNetworks(self.config, *self._sizes)

    def _follow(self) -> None:
        polyak_update(self._networks.slow_critic, self._networks.critic, self.config.tau)

    def _losses(self, batch: GoalBatch, done: float) -> dict[str, Tensor]:
        networks, goal_BG = self._networks, batch.value_goal_BG
        seen = batch.state_BS, goal_BG
        with torch.no_grad():
            slow_B = networks.slow_critic(*seen, batch.action_BA).amin(0)
            backed_up_EB = self._backed_up(batch, networks.value(batch.next_BS, goal_BG))
        ahead_B = slow_B - networks.value(*seen)[0]
        errors_EB = networks.critic(*seen, batch.action_BA) - backed_up_EB
        return {
            "value_loss": (
                expectile_weight(ahead_B, self.config.expectile) * ahead_B.square()
            ).mean(),
            "critic_loss": errors_EB.square().mean(1).sum(),
            "actor_loss": self._actor_loss(batch),
        }

    def _actor_loss(self, batch: GoalBatch) -> Tensor:
        mean_BA = self._networks.act(batch.state_BS, batch.actor_goal_BG)
        seen = batch.state_BS, batch.actor_goal_BG, mean_BA.clamp(-1, 1)
        value_B = with_fixed_weights(self._networks.critic, *seen).amin(0)
        size = value_B.detach().abs().mean() + _TINY
        cloning = cloning_loss(mean_BA, batch.action_BA)
        loss: Tensor = self.config.alpha * cloning - value_B.mean() / size
        return loss
