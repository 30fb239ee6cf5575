"""Behaviour cloning, IQL and CQL.

Papers: Kostrikov, Nair, Levine, "Offline Reinforcement Learning with Implicit Q-Learning", ICLR
2022; Kumar, Zhou, Tucker, Levine, "Conservative Q-Learning for Offline Reinforcement Learning",
NeurIPS 2020; behaviour cloning is regression of the recorded actions.
Implementation: d3rlpy 2.8 (Seno and Imai, JMLR 2022); networks, losses and updates are d3rlpy's.
Defaults: d3rlpy's reproductions of the papers (https://github.com/takuseno/d3rlpy,
`reproductions/offline`).

Deviations of all three:
- Observations are standardised with d3rlpy's StandardObservationScaler, as for Decision
  Transformer; a column that never changes is only centred. The papers do not standardise.
- Actions are brought from the task's bounds to [-1, 1] and back.
- Batches come from `baselines.batches`, not from d3rlpy's replay buffer: the same transitions,
  drawn faster.
Deviations of CQL: the weight of the conservative term is fixed, without the Lagrange variant;
`quick` has smaller networks and batches.

The preset `quick` gives every agent the gradient steps that take about 3.5 minutes on one core,
but behaviour cloning no more than 20,000.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import numpy as np
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory
from d3rlpy.optimizers import AdamFactory, CosineAnnealingLRFactory

from baselines.batches import TransitionSampler
from baselines.d3rlpy_base import D3rlpyAgent
from baselines.settings import check_ranges
from benchmark.interface import Dataset


@dataclass(frozen=True)
class BCConfig:
    """Settings of behaviour cloning.

    Attributes:
        batch_size: transitions per gradient step.
        learning_rate: of Adam.
        hidden_sizes: width of each hidden layer.
    """

    batch_size: int = 256
    learning_rate: float = 1e-3
    hidden_sizes: tuple[int, ...] = (256, 256)

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), learning_rate=(0, 1), hidden_sizes=(1, inf))


class BehaviorCloning(D3rlpyAgent):
    """Imitates the recorded actions: a deterministic policy under a squared error."""

    config_class = BCConfig
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32)},
        "quick": {"steps": 20_000},
        "paper": {"steps": 500_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "batch_size": ("choice", (64, 128, 256, 512)),
        "hidden_sizes": ("choice", ((128, 128), (256, 256), (256, 256, 256))),
    }

    def _algorithm_config(self, steps: int) -> algos.BCConfig:
        return algos.BCConfig(
            batch_size=self.config.batch_size,
            learning_rate=self.config.learning_rate,
            encoder_factory=VectorEncoderFactory(list(self.config.hidden_sizes)),
        )

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return TransitionSampler(dataset, dataset.rewards, self.config.batch_size).sample


@dataclass(frozen=True)
class IQLConfig:
    """Settings of IQL.

    Attributes:
        batch_size: transitions per gradient step.
        learning_rate: of Adam, for policy and critics; the policy's falls along a cosine.
        hidden_sizes: width of each hidden layer, in all networks.
        gamma: discount factor per step.
        tau: share of the critic that its slow copy takes over per gradient step.
        expectile: of the action values that the state value is regressed to.
        weight_temp: inverse temperature of the advantage weights of the policy.
        max_weight: largest of these weights.
        reward_scale: factor on every reward.
        reward_shift: added to every reward after scaling.
    """

    batch_size: int = 256
    learning_rate: float = 3e-4
    hidden_sizes: tuple[int, ...] = (256, 256)
    gamma: float = 0.99
    tau: float = 0.005
    expectile: float = 0.7
    weight_temp: float = 3.0
    max_weight: float = 100.0
    reward_scale: float = 1.0
    reward_shift: float = 0.0

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), learning_rate=(0, 1), hidden_sizes=(1, inf))
        check_ranges(self, gamma=(0, 1), tau=(0, 1), expectile=(0, 1), weight_temp=(0, inf))


class IQL(D3rlpyAgent):
    """Implicit Q-learning."""

    config_class = IQLConfig
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32)},
        "quick": {"steps": 14_000},
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "expectile": ("uniform", 0.6, 0.95),
        "weight_temp": ("loguniform", 0.5, 20.0),
        "gamma": ("choice", (0.98, 0.99, 0.995)),
    }

    def _algorithm_config(self, steps: int) -> algos.IQLConfig:
        encoder = VectorEncoderFactory(list(self.config.hidden_sizes))
        return algos.IQLConfig(
            batch_size=self.config.batch_size,
            actor_optim_factory=AdamFactory(lr_scheduler_factory=CosineAnnealingLRFactory(steps)),
            actor_learning_rate=self.config.learning_rate,
            critic_learning_rate=self.config.learning_rate,
            actor_encoder_factory=encoder,
            critic_encoder_factory=encoder,
            value_encoder_factory=encoder,
            gamma=self.config.gamma,
            tau=self.config.tau,
            expectile=self.config.expectile,
            weight_temp=self.config.weight_temp,
            max_weight=self.config.max_weight,
        )

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return _rescaled_transitions(dataset, self.config)


@dataclass(frozen=True)
class CQLConfig:
    """Settings of CQL.

    Attributes:
        batch_size: transitions per gradient step.
        actor_learning_rate: of Adam, for the policy and its entropy weight.
        critic_learning_rate: of Adam, for the critics.
        hidden_sizes: width of each hidden layer, in all networks.
        gamma: discount factor per step.
        tau: share of the critic that its slow copy takes over per gradient step.
        conservative_weight: factor on the conservative term.
        n_action_samples: actions drawn from each of three distributions for that term.
        reward_scale: factor on every reward.
        reward_shift: added to every reward after scaling.
    """

    batch_size: int = 256
    actor_learning_rate: float = 1e-4
    critic_learning_rate: float = 3e-4
    hidden_sizes: tuple[int, ...] = (256, 256, 256)
    gamma: float = 0.99
    tau: float = 0.005
    conservative_weight: float = 5.0
    n_action_samples: int = 10
    reward_scale: float = 1.0
    reward_shift: float = 0.0

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), hidden_sizes=(1, inf), n_action_samples=(1, inf))
        check_ranges(self, actor_learning_rate=(0, 1), critic_learning_rate=(0, 1))
        check_ranges(self, gamma=(0, 1), tau=(0, 1), conservative_weight=(0, inf))


class CQL(D3rlpyAgent):
    """Conservative Q-learning, built on soft actor-critic."""

    config_class = CQLConfig
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32},
        "quick": {"steps": 8_000, "hidden_sizes": (256, 256), "batch_size": 64},
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "actor_learning_rate": ("loguniform", 3e-5, 1e-3),
        "critic_learning_rate": ("loguniform", 1e-4, 1e-3),
        "conservative_weight": ("loguniform", 0.5, 20.0),
        "gamma": ("choice", (0.98, 0.99, 0.995)),
    }

    def _algorithm_config(self, steps: int) -> algos.CQLConfig:
        encoder = VectorEncoderFactory(list(self.config.hidden_sizes))
        return algos.CQLConfig(
            batch_size=self.config.batch_size,
            actor_learning_rate=self.config.actor_learning_rate,
            temp_learning_rate=self.config.actor_learning_rate,
            critic_learning_rate=self.config.critic_learning_rate,
            alpha_learning_rate=0.0,
            actor_encoder_factory=encoder,
            critic_encoder_factory=encoder,
            gamma=self.config.gamma,
            tau=self.config.tau,
            conservative_weight=self.config.conservative_weight,
            n_action_samples=self.config.n_action_samples,
        )

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return _rescaled_transitions(dataset, self.config)


def _rescaled_transitions(
    dataset: Dataset, config: IQLConfig | CQLConfig
) -> Callable[[np.random.Generator], Any]:
    rewards = dataset.rewards * np.float32(config.reward_scale) + np.float32(config.reward_shift)
    return TransitionSampler(dataset, rewards, config.batch_size).sample
