"""MAGE's acting as a function, for `benchmark.export`: the networks and calls are those of `act`.

Names end in their shape: n environments, S observation and A action size, T tokens of all scales,
V codes.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmark.step_function import StepFunction
from mage.model.planner import Condition, Planner
from mage.returns.request_module import RequestModule
from mage.returns.return_request import ReturnRequest
from mage.sampling import PlanSampler

_CPU = torch.device("cpu")


class StepModule(nn.Module):
    """From observations, random numbers and what was asked for to actions.

    Args:
        planner: trained; it is copied.
        request: of the agent.
        low: (A,) smallest action.
        high: (A,) largest action.
    """

    def __init__(self, planner: Planner, request: ReturnRequest, low: Tensor, high: Tensor) -> None:
        super().__init__()
        self._planner = deepcopy(planner).to(_CPU).eval().requires_grad_(False)
        # The weights that `act` has, and calls that any library can make.
        self._planner.config = replace(planner.config, playback="plain")
        self._sampler = PlanSampler(self._planner, planner.config.acting_weights)
        self.request = RequestModule(request)
        self.random_shape = self._sampler.noise_shape
        self._low, self._high = low.to(_CPU), high.to(_CPU)

    def forward(self, observation_nS: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
        """The actions (n, A), and what is left of what was asked for, if that is remembered.

        Args:
            observation_nS: in the units of the task.
            others: the last reward (n,) if it matters; uniform numbers (n, T, V) if tokens are
                drawn; the state.
        """
        remembered = list(others)
        noise_nTV = None
        if self.random_shape is not None:
            uniform_nTV = remembered.pop(1 if self.request.initial else 0)
            noise_nTV = self._sampler.gumbel_noise(uniform_nTV)
        observation_nS = self._planner.observation_normaliser(observation_nS)
        asked, state = self.request(self._planner, observation_nS, *remembered)
        condition = Condition.asking(observation_nS, asked.return_n1, asked.advantage_n1)
        latent_nLC = self._sampler.plan(condition, noise_nTV)
        scaled_nA = self._planner.inverse_dynamics(latent_nLC, condition).clamp(-1, 1)
        return self._low + (scaled_nA + 1) / 2 * (self._high - self._low), *state


def mage_step(planner: Planner, request: ReturnRequest, low: Tensor, high: Tensor) -> StepFunction:
    """The function; arguments as of `StepModule`."""
    module = StepModule(planner, request, low, high).eval()
    state = module.request.initial
    return StepFunction(module, bool(state), module.random_shape, state)
