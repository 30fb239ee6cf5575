"""Which return-to-go an agent is asked to bring, step by step of an episode.

Papers ask for the task's target at the start and take off what has been received; their returns
are not discounted, and nothing bounds what is asked for. *Ours* asks for what is reachable from the
state: its mean return and `advantage_asked` times what the upper expectile is above it. Of what was
asked for before and is still to come, a part goes on being asked for (`persistence`), so that an
agent does not put off for ever what it plans to do soon.

Names end in their shape: n environments, S observation size.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from mage.returns.config import ReturnConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.return_model import advantage_of


class Asked(NamedTuple):
    """What is asked for, normalised.

    Attributes:
        return_n1: the return-to-go.
        advantage_n1: of that return in the state (see `mage.returns.return_model`).
    """

    return_n1: Tensor
    advantage_n1: Tensor


class ReturnRequest:
    """What is asked for in n environments that go on side by side.

    Args:
        config: of the agent.
        discount: factor per environment step of the return-to-go that is asked of a state.
        target: the undiscounted return to start from where the task's is asked for.
        device: of the networks.

    Attributes:
        discount: as it was given.
        asks_for_target: whether the task's return is asked for, and not one of the state.
        return_to_go_n1: what was asked for last and is not yet received, in the task's units; of a
            state, before it is limited to the largest return that was recorded.
    """

    def __init__(
        self, config: ReturnConfig, discount: float, target: float, device: torch.device
    ) -> None:
        self._config, self.discount, self._device = config, discount, device
        self.asks_for_target = config.return_asked == "target"
        self._target = target
        self._level: float | None = None
        self.reset(1)

    @property
    def remembers(self) -> bool:
        """Whether what is asked for depends on earlier steps, beside the observation."""
        return self.asks_for_target or self._config.persistence > 0

    def ask_for(self, level: float | None) -> None:
        """Asks for something else from the next `reset` on.

        Args:
            level: the advantage asked of a state, or the share of the target return where that is
                asked for; None for what the settings say.
        """
        self._level = level

    def reset(self, n_envs: int) -> None:
        """Forgets the rewards received."""
        level, start = self._level, -torch.inf
        if self.asks_for_target:
            start = self._target if level is None else level * self._target
        self._advantage = self._config.advantage_asked if level is None else level
        self.return_to_go_n1 = torch.full((n_envs, 1), start, device=self._device)

    def ask(self, labeller: ReturnLabeller, observation_nS: Tensor, rewards_n1: Tensor) -> Asked:
        """What to bring from here; to be called once a step.

        Args:
            labeller: with its return model.
            observation_nS: normalised.
            rewards_n1: received in the last step; 0 at the first.
        """
        mean_n1, gap_n1 = labeller.returns(observation_nS)
        reachable_n1 = mean_n1 + self._advantage * gap_n1
        return_n1 = self._return_asked(labeller, reachable_n1, rewards_n1)
        self._last = labeller.return_normaliser, return_n1
        return Asked(return_n1, advantage_of(return_n1, mean_n1, gap_n1))

    def requested_returns(self) -> Tensor:
        """What `ask` has asked for last: (n, 1) in the task's units."""
        normaliser, return_n1 = self._last
        requested_n1: Tensor = normaliser.inverse(return_n1)
        return requested_n1

    def _return_asked(
        self, labeller: ReturnLabeller, reachable_n1: Tensor, rewards_n1: Tensor
    ) -> Tensor:
        """The normalised return-to-go (n, 1); asked of a state, never above the largest recorded.

        Args:
            labeller: whose units are the normalised ones.
            reachable_n1: the normalised return that is asked of the state alone.
            rewards_n1: received in the last step; 0 at the first.
        """
        normaliser, persistence = labeller.return_normaliser, self._config.persistence
        if self.asks_for_target:
            self.return_to_go_n1 = self.return_to_go_n1 - rewards_n1
            target_n1: Tensor = normaliser(self.return_to_go_n1)
            return target_n1
        if not persistence:
            return reachable_n1.minimum(labeller.returns.largest)
        reachable_n1 = normaliser.inverse(reachable_n1)
        # At first infinitely little is left of what was asked for before.
        left_n1 = (self.return_to_go_n1 - rewards_n1) / self.discount
        more_n1 = (left_n1 - reachable_n1).clamp(min=0)
        self.return_to_go_n1 = reachable_n1 + persistence * more_n1
        return_n1: Tensor = normaliser(self.return_to_go_n1)
        return return_n1.minimum(labeller.returns.largest)
