"""HIQL: hierarchical implicit Q-learning.

Paper: Park, Ghosh, Eysenbach, Levine, "HIQL: Offline Goal-Conditioned RL with Latent States as
Actions", NeurIPS 2023, arXiv 2307.11949; as a baseline of OGBench (Park et al. 2025, arXiv
2410.20092). Implementation: this project's own. The reference is
https://github.com/seohongpark/ogbench, `impls/agents/hiql.py`, whose defaults these are; in
`impls/hyperparameters.sh` the discount is 0.995 in giant mazes and for the humanoid, which is the
task's here, and waypoints of the humanoid are 100 steps away.

One value of states serves both policies. It sees goals as representations phi(s, g) of a fixed
length, which it learns; the upper policy proposes phi(s, w) of a waypoint w, and the lower one is
given it as its goal.

Deviations: those of all goal-conditioned agents (`baselines/goal_conditioned/base.py`); `quick` has
narrower networks, smaller batches and slow copies that follow faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from baselines.goal_conditioned.base import (
    GoalBatch,
    GoalNetworks,
    GoalValueAgent,
    cloning_loss,
    implicit_value_loss,
    policy_network,
)
from baselines.goal_conditioned.config import PAPER, QUICK_VALUES, SMOKE, GoalValueConfig
from baselines.goal_conditioned.goal_sampler import GoalSampler, Rows
from baselines.shared.config_checks import check_ranges
from baselines.shared.gelu_networks import (
    ValueEnsemble,
    gelu_perceptron,
    polyak_update,
    target_copy,
)
from benchmark.interface import TaskSettings


@dataclass(frozen=True)
class HIQLConfig(GoalValueConfig):
    """Settings of HIQL, beside those of `GoalValueConfig`.

    Attributes:
        low_alpha: factor on advantages of actions, whose power of e is their weight.
        high_alpha: the same of waypoints.
        waypoint_steps: steps to a waypoint.
        goal_size: numbers of a representation of a goal.
    """

    expectile: float = 0.7
    low_alpha: float = 3.0
    high_alpha: float = 3.0
    waypoint_steps: int = 25
    goal_size: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, low_alpha=(0, inf), high_alpha=(0, inf))
        check_ranges(self, waypoint_steps=(1, inf), goal_size=(1, inf))


class HierarchicalNetworks(GoalNetworks):
    """Two policies, representations of goals, and two values of states.

    Args:
        config: of the agent.
        state_size: S.
        goal_size: G.
        action_size: A.
    """

    def __init__(
        self, config: HIQLConfig, state_size: int, goal_size: int, action_size: int
    ) -> None:
        super().__init__()
        seen, encoded = state_size + goal_size, config.goal_size
        self.encoder = gelu_perceptron((seen, *config.hidden_sizes, encoded), layer_norm=True)
        self.value = ValueEnsemble(state_size + encoded, config.hidden_sizes)
        self.slow_value = target_copy(self.value)
        self.low_policy = policy_network(config, state_size + encoded, action_size)
        self.high_policy = policy_network(config, seen, encoded)

    def encode(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """phi(s, g), of the length of a vector of ones."""
        return _lengthened(self.encoder(torch.cat([state_nS, goal_nG], 1)))

    def values(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """V(s, phi(s, g)), two of each."""
        values: Tensor = self.value(state_nS, self.encode(state_nS, goal_nG))
        return values

    def propose(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """phi(s, w) of the next waypoint on the way to a goal."""
        return _lengthened(self.high_policy(torch.cat([state_nS, goal_nG], 1)))

    def act(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """See `GoalNetworks`."""
        proposed = self.propose(state_nS, goal_nG)
        actions: Tensor = self.low_policy(torch.cat([state_nS, proposed], 1))
        return actions


def _lengthened(vectors: Tensor) -> Tensor:
    return F.normalize(vectors, dim=1) * sqrt(vectors.shape[1])


class HIQL(GoalValueAgent):
    """Heads for the next waypoint, and decides at every step which that is."""

    config_class = HIQLConfig
    task_settings = (
        TaskSettings("multi2d", {"discount": 0.99}, "OGBench's code, for mazes"),
        TaskSettings("ogbench-humanoidmaze-*", {"waypoint_steps": 100}, "OGBench's code"),
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": SMOKE,
        "quick": QUICK_VALUES,
        "paper": PAPER,
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "expectile": ("uniform", 0.6, 0.95),
        "low_alpha": ("loguniform", 0.5, 30.0),
        "high_alpha": ("loguniform", 0.5, 30.0),
        "waypoint_steps": ("int", 5, 100),
    }

    def _policy_rows(
        self, sampler: GoalSampler, rng: np.random.Generator, rows: Rows
    ) -> dict[str, Rows]:
        """See `GoalValueAgent`; no waypoint lies beyond a goal of the same recording."""
        later, anywhere = sampler.later(rng, rows), sampler.anywhere(rng, len(rows))
        is_random = rng.random(len(rows)) < self._random_goals
        waypoints = sampler.ahead(rows, self.config.waypoint_steps)
        next_waypoints = np.where(is_random, waypoints, np.minimum(waypoints, later))
        return {
            "actor_goal_BG": np.where(is_random, anywhere, later),
            "waypoint_BG": waypoints,
            "next_waypoint_BG": next_waypoints,
            "next_waypoint_BS": next_waypoints,
        }

    def _build(self) -> HierarchicalNetworks:
        return HierarchicalNetworks(self.config, *self._sizes)

    def _follow(self) -> None:
        polyak_update(self._networks.slow_value, self._networks.value, self.config.tau)

    def _losses(self, batch: GoalBatch, done: float) -> dict[str, Tensor]:
        return {
            "value_loss": self._value_loss(batch),
            "low_actor_loss": self._low_loss(batch),
            "high_actor_loss": self._high_loss(batch),
        }

    def _value_loss(self, batch: GoalBatch) -> Tensor:
        networks = self._networks
        encoded = networks.encode(batch.state_BS, batch.value_goal_BG)
        with torch.no_grad():
            next_encoded = networks.encode(batch.next_BS, batch.value_goal_BG)
            backed_up_EB = self._backed_up(batch, networks.slow_value(batch.next_BS, next_encoded))
            slow_EB = networks.slow_value(batch.state_BS, encoded)
        value_EB = networks.value(batch.state_BS, encoded)
        return implicit_value_loss(value_EB, backed_up_EB, slow_EB, self.config.expectile)

    def _low_loss(self, batch: GoalBatch) -> Tensor:
        networks, goal_BG = self._networks, batch.waypoint_BG
        with torch.no_grad():
            encoded = networks.encode(batch.state_BS, goal_BG)
            now_EB = networks.value(batch.state_BS, encoded)
            advantage_B = (networks.values(batch.next_BS, goal_BG) - now_EB).mean(0)
        mean_BA = networks.low_policy(torch.cat([batch.state_BS, encoded], 1))
        return cloning_loss(mean_BA, batch.action_BA, self.config.low_alpha * advantage_B)

    def _high_loss(self, batch: GoalBatch) -> Tensor:
        networks, goal_BG = self._networks, batch.actor_goal_BG
        with torch.no_grad():
            there_EB = networks.values(batch.next_waypoint_BS, goal_BG)
            advantage_B = (there_EB - networks.values(batch.state_BS, goal_BG)).mean(0)
            encoded = networks.encode(batch.state_BS, batch.next_waypoint_BG)
        mean_BA = networks.high_policy(torch.cat([batch.state_BS, goal_BG], 1))
        return cloning_loss(mean_BA, encoded, self.config.high_alpha * advantage_B)
