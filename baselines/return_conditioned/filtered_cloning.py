"""Filtered behaviour cloning: regression of the actions of rows that did well for their state.

Paper: Chen, Zhou, Wang, Wang, Wu, Ross, "BAIL: Best-Action Imitation Learning for Batch Deep
Reinforcement Learning", NeurIPS 2020, arXiv 1910.12179, clones the actions whose returns come close
to an upper envelope of all returns. Implementation: this project's own.

It is the yardstick for what the choice of rows brings without any return being asked for: the
network of `rvs` and its rows, with nothing beside the state.

Deviations from the paper:
- What is high for a state is an upper expectile of its returns, as for MAGE (`mage.returns`), and
  of a few rows drawn at random the one of the largest advantage is cloned (`best_of`). The paper
  keeps the quarter of all rows that comes closest to an upper envelope.
- Where all recorded episodes do well (`best_of = 1`) it is behaviour cloning.
"""

from __future__ import annotations

from torch import Tensor, nn

from baselines.return_conditioned.base import (
    NETWORK_SETTINGS,
    PerceptronAgent,
    PerceptronConfig,
    PerceptronStep,
)
from benchmark.step_function import StepFunction
from mage.returns.return_settings import LABEL_SETTINGS


class NothingAsked(nn.Module):
    """The condition of `PerceptronStep` for an agent that asks for nothing."""

    def forward(self, networks: nn.Module, observation_nS: Tensor) -> tuple[Tensor, tuple[()]]:
        """No numbers (n, 0), and no state."""
        return observation_nS[:, :0], ()


class FilteredCloning(PerceptronAgent):
    """Does what was done where it turned out well."""

    config_class = PerceptronConfig
    condition_size = 0
    task_settings = (*LABEL_SETTINGS, *NETWORK_SETTINGS)

    def _training_condition(self, return_B1: Tensor, advantage_B1: Tensor) -> Tensor:
        return return_B1[:, :0]

    def _acting_condition(self, observation_nS: Tensor, rewards_n1: Tensor) -> Tensor:
        return rewards_n1[:, :0]

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        return StepFunction(PerceptronStep(self._networks, self._task, NothingAsked()).eval())
