"""FQL: flow Q-learning.

Paper: Park, Li, Levine, "Flow Q-Learning", ICML 2025, arXiv 2502.02538. Implementation: this
project's own. The reference is https://github.com/seohongpark/fql, `agents/fql.py`, whose defaults
these are; its README has another weight of the distillation for each kind of task.

A flow turns noise into actions as they were recorded, in ten steps of Euler's method. A network
does the same in one step, and is moved towards actions of more value; it is what acts.

Deviations: those of `baselines/shared/transition_agent.py`; `quick` has narrower networks. The
authors take 500,000 gradient steps on D4RL's data; `paper` takes 1,000,000 as on OGBench's. The
weights for the kitchen, Maze2D, Multi2D, OGBench's point mazes and locomotion are none that were
published.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.flow_policies.base import FlowAgent
from baselines.shared.config_checks import check_ranges
from baselines.shared.far_goals import FAR_GOALS
from baselines.shared.gelu_networks import (
    ValueEnsemble,
    gelu_perceptron,
    polyak_update,
    target_copy,
    with_fixed_weights,
)
from baselines.shared.transition_agent import TransitionBatch, TransitionConfig
from benchmark.interface import TaskSettings


@dataclass(frozen=True)
class FQLConfig(TransitionConfig):
    """Settings of FQL, beside those of `TransitionConfig`.

    Attributes:
        alpha: weight of staying near the flow, beside values.
        flow_steps: of Euler's method.
        lowest_value: whether the lower of two values is backed up, and not their mean; the authors'
            `q_agg` is `min` or `mean`.
    """

    hidden_sizes: tuple[int, ...] = (512, 512, 512, 512)
    alpha: float = 10.0
    flow_steps: int = 10
    lowest_value: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, alpha=(0, inf), flow_steps=(1, 1000))


_README = "the README of FQL's code"
TASK_SETTINGS = (
    # Rewards of -1 until the goal, as in the authors' `envs/d4rl_utils.py`.
    TaskSettings("antmaze", {"reward_shift": -1.0}, "FQL's code"),
    TaskSettings("antmaze-large-*", {"alpha": 3.0}, _README),
    # Its mazes are rewarded at the goal alone. The point has the settings of the ant.
    TaskSettings("ogbench-maze", {"reward_shift": -1.0, "lowest_value": True}, _README),
    TaskSettings("ogbench-humanoidmaze-*", {"alpha": 30.0, "lowest_value": False}, _README),
    *FAR_GOALS,
    TaskSettings("ogbench-cube-*", {"alpha": 300.0}, _README),
    TaskSettings("ogbench-scene-*", {"alpha": 300.0}, _README),
    TaskSettings("ogbench-puzzle-*", {"alpha": 1000.0}, _README),
    TaskSettings("adroit", {"alpha": 30000.0, "lowest_value": True}, _README),
    TaskSettings("adroit-pen-*", {"alpha": 10000.0}, _README),
    TaskSettings("adroit-pen-expert", {"alpha": 3000.0}, _README),
    TaskSettings("adroit-hammer-cloned", {"alpha": 10000.0}, _README),
    TaskSettings("adroit-relocate-human", {"alpha": 10000.0}, _README),
)


class FlowNetworks(nn.Module):
    """A flow, one step in its place, and two values of actions.

    Args:
        config: of the agent.
        observation_size: S.
        action_size: A.
    """

    def __init__(self, config: FQLConfig, observation_size: int, action_size: int) -> None:
        super().__init__()
        seen, hidden = observation_size + action_size, config.hidden_sizes
        self.flow = gelu_perceptron((seen + 1, *hidden, action_size), layer_norm=False)
        self.one_step = gelu_perceptron((seen, *hidden, action_size), layer_norm=False)
        self.critic = ValueEnsemble(seen, hidden)
        self.slow_critic = target_copy(self.critic)
        self._steps = config.flow_steps

    def velocity(self, state_nS: Tensor, action_nA: Tensor, time_n1: Tensor) -> Tensor:
        """(n, A) of an action on its way from noise, at a time from 0 to 1."""
        velocity: Tensor = self.flow(torch.cat([state_nS, action_nA, time_n1], 1))
        return velocity

    def along_the_flow(self, state_nS: Tensor, noise_nA: Tensor) -> Tensor:
        """(n, A) where the flow carries noise to."""
        action_nA = noise_nA
        for step in range(self._steps):
            time_n1 = torch.full_like(noise_nA[:, :1], step / self._steps)
            action_nA = action_nA + self.velocity(state_nS, action_nA, time_n1) / self._steps
        return action_nA.clamp(-1, 1)

    def in_one_step(self, state_nS: Tensor, noise_nA: Tensor) -> Tensor:
        """(n, A) what acts."""
        action_nA: Tensor = self.one_step(torch.cat([state_nS, noise_nA], 1))
        return action_nA


class FQL(FlowAgent):
    """Clones by a flow, and improves on one step in its place."""

    config_class = FQLConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32},
        "quick": {"hidden_sizes": (256, 256, 256)},
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "alpha": ("loguniform", 3.0, 3e4),
        "lowest_value": ("choice", (False, True)),
    }

    def _build(self) -> FlowNetworks:
        return FlowNetworks(self.config, self._task.observation_size, self._task.action_size)

    def _follow(self) -> None:
        polyak_update(self._networks.slow_critic, self._networks.critic, self.config.tau)

    def _losses(self, batch: TransitionBatch, done: float) -> dict[str, Tensor]:
        return {"critic_loss": self._critic_loss(batch), **self._actor_losses(batch)}

    def _critic_loss(self, batch: TransitionBatch) -> Tensor:
        networks = self._networks
        with torch.no_grad():
            noise_BA = torch.randn_like(batch.action_BA)
            next_BA = networks.in_one_step(batch.next_BS, noise_BA).clamp(-1, 1)
            next_EB = networks.slow_critic(batch.next_BS, next_BA)
            next_B = next_EB.amin(0) if self.config.lowest_value else next_EB.mean(0)
            backed_up_B = batch.reward_B + self.config.gamma * batch.goes_on_B * next_B
        error: Tensor = networks.critic(batch.state_BS, batch.action_BA) - backed_up_B
        return error.square().mean()

    def _actor_losses(self, batch: TransitionBatch) -> dict[str, Tensor]:
        networks, state_BS = self._networks, batch.state_BS
        start_BA = torch.randn_like(batch.action_BA)
        time_B1 = torch.rand_like(start_BA[:, :1])
        between_BA = (1 - time_B1) * start_BA + time_B1 * batch.action_BA
        velocity_BA = networks.velocity(state_BS, between_BA, time_B1)
        noise_BA = torch.randn_like(batch.action_BA)
        with torch.no_grad():
            cloned_BA = networks.along_the_flow(state_BS, noise_BA)
        action_BA = networks.in_one_step(state_BS, noise_BA)
        value_EB = with_fixed_weights(networks.critic, state_BS, action_BA.clamp(-1, 1))
        return {
            "flow_loss": (velocity_BA - (batch.action_BA - start_BA)).square().mean(),
            "distillation_loss": self.config.alpha * (action_BA - cloned_BA).square().mean(),
            "value_of_actions_loss": -value_EB.mean(),
        }

    def _actions_from_noise(self, state_nS: Tensor, noise: torch.Generator) -> Tensor:
        size = len(state_nS), self._task.action_size
        noise_nA = torch.randn(size, generator=noise, device=state_nS.device)
        actions: Tensor = self._networks.in_one_step(state_nS, noise_nA)
        return actions
