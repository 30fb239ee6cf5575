"""Asking for a return as a function: what `ReturnRequest` remembers goes in and comes out.

Names end in their shape: n environments, S observation size.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from mage.returns.labels import ReturnLabeller
from mage.returns.return_request import Asked, ReturnRequest


class RequestModule(nn.Module):
    """The return that is asked for, for an agent's `benchmark.step_function.StepFunction`.

    Args:
        request: of the agent, which is left as it is.

    Attributes:
        initial: the state of one environment at the start, by name; empty where what is asked for
            depends on the observation alone. Then rewards are not read either.
    """

    def __init__(self, request: ReturnRequest) -> None:
        super().__init__()
        self._request = copy(request)
        self._request.reset(1)
        self.initial: dict[str, NDArray[Any]] = {}
        if request.remembers:
            # Infinitely little as the least number there is: JSON and some runtimes have no other.
            start = self._request.return_to_go_n1[0].cpu().numpy()
            self.initial["return_to_go"] = np.maximum(start, np.finfo(np.float32).min)

    def forward(
        self, labeller: ReturnLabeller, observation_nS: Tensor, *remembered: Tensor
    ) -> tuple[Asked, tuple[Tensor, ...]]:
        """What is asked for, and the next state.

        Args:
            labeller: with its return model.
            observation_nS: normalised.
            remembered: if there is a state, the last reward (n,), and the state.
        """
        if not remembered:
            return self._request.ask(labeller, observation_nS, observation_nS[:, :1]), ()
        last_reward_n, self._request.return_to_go_n1 = remembered
        asked = self._request.ask(labeller, observation_nS, last_reward_n[:, None])
        return asked, (self._request.return_to_go_n1,)
