"""An agent that learns values from single transitions, with networks of this project's own.

Observed numbers beyond a million are cut off, and actions are brought from the task's bounds to
[-1, 1] and back.

Names end in their shape: B rows of a batch, S observation size, A action size, E networks of an
ensemble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.shared.config_checks import check_ranges
from baselines.shared.episodes import transition_rows
from baselines.shared.fixed_rate_agent import FixedRateAgent, FixedRateConfig
from baselines.shared.gelu_networks import expectile_weight
from benchmark.interface import Dataset


@dataclass(frozen=True)
class TransitionConfig(FixedRateConfig):
    """Settings of every such agent, beside those of `FixedRateConfig`.

    Attributes:
        gamma: discount factor per step.
        tau: share of a network that its slow copy takes over per gradient step.
        reward_scale: factor on every reward.
        reward_shift: added to every reward after scaling.
    """

    gamma: float = 0.99
    tau: float = 0.005
    reward_scale: float = 1.0
    reward_shift: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, gamma=(0, 1), tau=(0, 1))
        check_ranges(self, reward_scale=(-inf, inf), reward_shift=(-inf, inf))


@dataclass(frozen=True)
class TransitionBatch:
    """What was recorded.

    Attributes:
        state_BS: observations.
        action_BA: scaled to [-1, 1].
        reward_B: scaled and shifted.
        next_BS: observations after; where an episode ended, those before.
        goes_on_B: 0 where the task ended, otherwise 1.
    """

    state_BS: Tensor
    action_BA: Tensor
    reward_B: Tensor
    next_BS: Tensor
    goes_on_B: Tensor


class TransitionAgent(FixedRateAgent):
    """An agent with batches of transitions; its config is a `TransitionConfig`."""

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], TransitionBatch]:
        rows_with_outcome = transition_rows(dataset)
        scale, shift = np.float32(self.config.reward_scale), np.float32(self.config.reward_shift)

        def draw(rng: np.random.Generator) -> TransitionBatch:
            drawn = rng.integers(len(rows_with_outcome), size=self.config.batch_size)
            rows = rows_with_outcome[drawn]
            goes_on = ~dataset.terminals[rows]
            return TransitionBatch(
                self._observed(dataset.observations[rows]),
                self._scaled(dataset.actions[rows]),
                self._put(dataset.rewards[rows] * scale + shift),
                self._observed(dataset.observations[rows + goes_on]),
                self._put(goes_on.astype(np.float32)),
            )

        return draw


def implicit_value_losses(
    networks: Any, batch: TransitionBatch, *, expectile: float, gamma: float
) -> dict[str, Tensor]:
    """The losses of implicit Q-learning's values (Kostrikov et al. 2022, eq. 5 and 6).

    Args:
        networks: with a `value` of states, a `critic` of states and actions, and a `slow_critic`.
        batch: of transitions.
        expectile: of the action values that the state value is regressed to.
        gamma: discount factor per step.
    """
    seen = batch.state_BS, batch.action_BA
    with torch.no_grad():
        slow_B = networks.slow_critic(*seen).amin(0)
        next_B = networks.value(batch.next_BS)[0]
        backed_up_B = batch.reward_B + gamma * batch.goes_on_B * next_B
    ahead_B = slow_B - networks.value(batch.state_BS)[0]
    errors_EB = networks.critic(*seen) - backed_up_B
    return {
        "value_loss": (expectile_weight(ahead_B, expectile) * ahead_B.square()).mean(),
        "critic_loss": errors_EB.square().mean(),
    }
