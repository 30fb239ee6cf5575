"""IDQL: implicit Q-learning, with actions chosen from denoised candidates.

Paper: Hansen-Estruch, Kostrikov, Janner, Kuba, Levine, "IDQL: Implicit Q-Learning as an
Actor-Critic Method with Diffusion Policies", arXiv 2304.10573; as a baseline of Park et al. 2025,
"Flow Q-Learning". Implementation: this project's own. The reference is
https://github.com/philippe-eecs/IDQL, `jaxrl5/agents/ddpm_iql` with the residual network of
`launcher/examples/train_ddpm_iql_finetune.py`, whose defaults these are.

Deviations: those of `baselines/shared/transition_agent.py`, and
- learning rates stay as they are; the authors' rate of denoising falls along a cosine, and their
  optimiser there lets weights decay;
- values have GELU and a layer norm after each layer; the authors' have ReLU and none;
- the authors learn from 95 % of the data, and scale rewards of locomotion by 1000 over the range of
  the recorded returns;
- `quick` has a narrower network of denoising, smaller batches, a slow copy of it that follows
  faster, and fewer candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.flow_policies.base import FlowAgent
from baselines.flow_policies.noise_network import NoiseNetwork
from baselines.shared.config_checks import check_ranges
from baselines.shared.far_goals import FAR_GOALS
from baselines.shared.gelu_networks import ValueEnsemble, polyak_update, target_copy
from baselines.shared.transition_agent import (
    TransitionBatch,
    TransitionConfig,
    implicit_value_losses,
)
from benchmark.interface import TaskSettings


@dataclass(frozen=True)
class IDQLConfig(TransitionConfig):
    """Settings of IDQL, beside those of `TransitionConfig`.

    Attributes:
        expectile: of the action values that the state value is regressed to.
        candidates: actions of which the one of most value is done.
        denoising_steps: from noise to an action.
        width: of the network that denoises, between its blocks.
        blocks: of that network.
        dropout: of its blocks.
        policy_tau: share of that network that its slow copy, which acts, takes over per step.
    """

    batch_size: int = 512
    hidden_sizes: tuple[int, ...] = (256, 256)
    expectile: float = 0.7
    candidates: int = 64
    denoising_steps: int = 5
    width: int = 256
    blocks: int = 3
    dropout: float = 0.1
    policy_tau: float = 0.001

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, expectile=(0, 1), candidates=(1, inf), denoising_steps=(1, 1000))
        check_ranges(self, width=(1, inf), blocks=(1, inf), dropout=(0, 1), policy_tau=(0, 1))


_LAUNCHER = "IDQL's launcher/examples/train_ddpm_iql_offline.py"
TASK_SETTINGS = (
    # Rewards of -1 until the goal, as for IQL.
    TaskSettings("antmaze", {"expectile": 0.9, "reward_shift": -1.0}, _LAUNCHER),
    TaskSettings("ogbench-maze", {"expectile": 0.9, "reward_shift": -1.0}, "as antmaze"),
    *FAR_GOALS,
    TaskSettings("maze2d", {"expectile": 0.9}, "as antmaze; none are published"),
    TaskSettings("multi2d", {"expectile": 0.9}, "as antmaze; none are published"),
)


class CandidateNetworks(nn.Module):
    """A network that denoises, a value of states and two of actions.

    Args:
        config: of the agent.
        observation_size: S.
        action_size: A.
    """

    def __init__(self, config: IDQLConfig, observation_size: int, action_size: int) -> None:
        super().__init__()
        self.noise = NoiseNetwork(
            observation_size,
            action_size,
            width=config.width,
            blocks=config.blocks,
            dropout=config.dropout,
        )
        self.slow_noise = target_copy(self.noise).eval()
        self.value = ValueEnsemble(observation_size, config.hidden_sizes, members=1)
        self.critic = ValueEnsemble(observation_size + action_size, config.hidden_sizes)
        self.slow_critic = target_copy(self.critic)


def noise_schedule(steps: int) -> Tensor:
    """(steps,) the share of noise that each step adds, with a constant total for any number.

    The variance-preserving schedule of Xiao et al. 2022, "Tackling the Generative Learning
    Trilemma with Denoising Diffusion GANs", as in the authors' code.
    """
    low, high = 0.1, 10.0
    step = torch.arange(1, steps + 1)
    return 1 - torch.exp(-low / steps - (high - low) * (2 * step - 1) / (2 * steps**2))


class IDQL(FlowAgent):
    """Values of recorded actions, and the best of actions such as were recorded."""

    config_class = IDQLConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            **{"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32},
            **{"width": 32, "blocks": 1, "candidates": 4},
        },
        "quick": {"width": 128, "batch_size": 256, "policy_tau": 0.005, "candidates": 32},
        "paper": {"steps": 3_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "expectile": ("uniform", 0.6, 0.95),
        "candidates": ("choice", (16, 32, 64, 128)),
    }

    def _build(self) -> CandidateNetworks:
        self._added = noise_schedule(self.config.denoising_steps).to(self._device)
        self._left = (1 - self._added).cumprod(0)
        return CandidateNetworks(self.config, self._task.observation_size, self._task.action_size)

    def _follow(self) -> None:
        polyak_update(self._networks.slow_critic, self._networks.critic, self.config.tau)
        polyak_update(self._networks.slow_noise, self._networks.noise, self.config.policy_tau)

    def _losses(self, batch: TransitionBatch, done: float) -> dict[str, Tensor]:
        values = implicit_value_losses(
            self._networks, batch, expectile=self.config.expectile, gamma=self.config.gamma
        )
        return values | {"denoising_loss": self._denoising_loss(batch)}

    def _denoising_loss(self, batch: TransitionBatch) -> Tensor:
        noise_BA = torch.randn_like(batch.action_BA)
        step_B = torch.randint(len(self._left), (len(noise_BA),), device=noise_BA.device)
        left_B1 = self._left[step_B][:, None]
        noisy_BA = left_B1.sqrt() * batch.action_BA + (1 - left_B1).sqrt() * noise_BA
        predicted: Tensor = self._networks.noise(batch.state_BS, noisy_BA, step_B)
        return (predicted - noise_BA).square().sum(1).mean()

    def _actions_from_noise(self, state_nS: Tensor, noise: torch.Generator) -> Tensor:
        count = self.config.candidates
        states = state_nS.repeat_interleave(count, 0)
        actions = self._denoised(states, noise)
        values = self._networks.slow_critic(states, actions).amin(0).view(-1, count)
        best = values.argmax(1) + count * torch.arange(len(state_nS), device=values.device)
        return actions[best]

    def _denoised(self, states: Tensor, noise: torch.Generator) -> Tensor:
        """An action, between -1 and 1, for each of the states."""
        size = len(states), self._task.action_size
        actions = torch.randn(size, generator=noise, device=states.device)
        for step in reversed(range(len(self._left))):
            added, left = self._added[step], self._left[step]
            at = torch.full((len(states),), step, device=states.device)
            predicted = self._networks.slow_noise(states, actions, at)
            actions = (actions - added / (1 - left).sqrt() * predicted) / (1 - added).sqrt()
            if step:
                actions += added.sqrt() * torch.randn(size, generator=noise, device=states.device)
            actions = actions.clamp(-1, 1)
        return actions
