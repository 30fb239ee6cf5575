"""RvS: reinforcement learning via supervised learning, conditioned on the return.

Paper: Emmons, Eysenbach, Kostrikov, Levine, "RvS: What is Essential for Offline RL via Supervised
Learning?", ICLR 2022, arXiv 2112.10751. Implementation: this project's own; the authors' is
https://github.com/scottemmons/rvs.

It is the yardstick for MAGE: the same return machinery, and in place of the plan one perceptron
from (s, R, advantage) to the action.

Deviations from the paper's RvS-R:
- It is asked as MAGE is (`mage.returns`): for a high return that is reachable from the state, and
  it sees the advantage of that return too. The authors condition on the return to go divided by the
  steps left until the longest episode's end, and ask for a value that is tuned for each task.
- It predicts an action; the authors' network predicts a normal distribution of them.
- It learns from rows that are the best of a few (`best_of`); the paper, from all.
- Two layers of 256 units and batches of 256, not of 1024 and 16,384; the learning rate of 1e-3 is
  the paper's, and falls to a tenth. At `paper` it learns from a fifteenth as many rows.
- Observations are standardised and gradients clipped; the authors do neither.
- It knows returns alone. In the kitchen and AntMaze the authors' code has the variant that is
  told a goal (RvS-G); in the kitchen the network is that one's, of 1024 units with dropout, at a
  tenth of its rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.return_conditioned.base import (
    NETWORK_SETTINGS,
    PerceptronAgent,
    PerceptronConfig,
    PerceptronStep,
)
from benchmark.interface import NO_SETTINGS, Settings, TaskInfo
from benchmark.step_function import StepFunction
from mage.returns.asked_agent import AskedAgent
from mage.returns.config import ReturnConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.request_module import RequestModule
from mage.returns.return_request import ReturnRequest
from mage.returns.return_settings import RETURN_SETTINGS


@dataclass(frozen=True)
class RvSConfig(ReturnConfig, PerceptronConfig):
    """Settings of RvS: those of the return machinery, and those of the network."""


class RvS(AskedAgent, PerceptronAgent):
    """Does what was done where as much was brought as is asked for."""

    config_class = RvSConfig
    condition_size = 2
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        **PerceptronAgent.search_space,
        "advantage_asked": ("uniform", 0.0, 2.0),
        "persistence": ("uniform", 0.0, 1.0),
    }
    task_settings = (*RETURN_SETTINGS, *NETWORK_SETTINGS)

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        discount = self.config.discount_on(task.discount)
        target, place = task.target_return, torch.device(device)
        self._request = ReturnRequest(self.config, discount, target, place)

    def _reset(self, n_envs: int) -> None:
        """Forgets the rewards received."""
        self._request.reset(n_envs)

    def _training_condition(self, return_B1: Tensor, advantage_B1: Tensor) -> Tensor:
        return torch.cat([return_B1, self.config.condition_on_advantage * advantage_B1], 1)

    def _acting_condition(self, observation_nS: Tensor, rewards_n1: Tensor) -> Tensor:
        asked = self._request.ask(self._networks, observation_nS, rewards_n1)
        return self._training_condition(asked.return_n1, asked.advantage_n1)

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        asked = AskedCondition(RequestModule(self._request), self._training_condition)
        module = PerceptronStep(self._networks, self._task, asked).eval()
        state = asked.request.initial
        return StepFunction(module, reads_reward=bool(state), state=state)


class AskedCondition(nn.Module):
    """The condition of `PerceptronStep` for `RvS`.

    Args:
        request: what is asked for.
        condition: the numbers that the policy sees, from a return and its advantage.
    """

    def __init__(
        self, request: RequestModule, condition: Callable[[Tensor, Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.request, self._condition_on = request, condition

    def forward(
        self, networks: ReturnLabeller, observation_nS: Tensor, *remembered: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The numbers (n, 2), and the next state; arguments as of `RequestModule`."""
        asked, state = self.request(networks, observation_nS, *remembered)
        return self._condition_on(asked.return_n1, asked.advantage_n1), state
