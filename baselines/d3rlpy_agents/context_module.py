"""Decision Transformer's acting as one function of its context, for `benchmark.step_function`.

Shapes: n environments, L steps of context, O observation size, A action size.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.d3rlpy_agents.base import ScalingModule
from benchmark.interface import TaskInfo
from benchmark.step_function import StepFunction
from mage.returns.labels import ReturnLabeller
from mage.returns.request_module import RequestModule
from mage.returns.return_request import ReturnRequest


class TargetModule(nn.Module):
    """What is left of the return that is asked for.

    Args:
        target: to start from.
        scale: what it is divided by before the network sees it.

    Attributes:
        initial: the state of one environment at the start.
    """

    def __init__(self, target: float, scale: float) -> None:
        super().__init__()
        self._scale = scale
        self.initial: dict[str, NDArray[Any]] = {"return_to_go": np.array(target)}

    def forward(
        self, observation: torch.Tensor, last_reward: torch.Tensor, return_to_go: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """The return (n, 1) as the network sees it, and the next state (n,)."""
        left = return_to_go - last_reward
        return (left / self._scale)[:, None].float(), (left,)


class StateReturnModule(nn.Module):
    """The return that `dt.state` asks for; attributes as of `TargetModule`.

    Args:
        labeller: with its return model; it is copied.
        request: what is asked for.
    """

    def __init__(self, labeller: ReturnLabeller, request: ReturnRequest) -> None:
        super().__init__()
        self._labeller = deepcopy(labeller).cpu().eval().requires_grad_(False)
        self._request = RequestModule(request)
        self.initial = self._request.initial

    def forward(
        self, observation: torch.Tensor, *remembered: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """As of `TargetModule`."""
        observation = self._labeller.observation_normaliser(observation)
        asked, state = self._request(self._labeller, observation, *remembered)
        return asked.return_n1, state


class ContextModule(ScalingModule):
    """From a context of L steps and an observation to an action and the next context.

    Args:
        algorithm: of d3rlpy; its network is copied.
        task: that it was made for.
        context_size: L.
        returns: what is asked for: a `TargetModule` or a `StateReturnModule`.
    """

    def __init__(
        self,
        algorithm: Any,
        task: TaskInfo,
        context_size: int,
        returns: TargetModule | StateReturnModule,
    ) -> None:
        super().__init__(algorithm, task)
        transformer = algorithm.impl.modules.transformer
        self._transformer = deepcopy(transformer).cpu().requires_grad_(False)
        self._returns, self._max_steps = returns, task.max_steps
        self._behind = torch.arange(1 - context_size, 1)
        self.initial = {
            "observations": np.zeros((context_size, task.observation_size), np.float32),
            "actions": np.zeros((context_size, task.action_size), np.float32),
            "returns_to_go": np.zeros((context_size, 1), np.float32),
            "steps": np.array(0),
            **returns.initial,
        }

    def forward(self, observation: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Actions (n, A) and the next state.

        Args:
            observation: (n, O).
            others: the last reward (n,) where `returns` has a state, then the state.
        """
        reward, others = (others[:1], others[1:]) if self._returns.initial else ((), others)
        observations, actions, returns_to_go, steps, *state = others
        asked, next_state = self._returns(observation, *reward, *state)
        observations = pushed(observations, observation)
        returns_to_go = pushed(returns_to_go, asked)
        # The last action is yet to be chosen: the network does not look at it.
        actions = pushed(actions, torch.zeros_like(actions[:, 0]))
        steps = steps + 1
        timesteps = steps[:, None] + self._behind
        outputs = self._transformer(
            self.scaled(observations),
            actions,
            returns_to_go,
            timesteps.clamp(0, self._max_steps),
            (timesteps < 1).float(),
        )[:, -1]
        actions = torch.cat([actions[:, :-1], outputs[:, None]], 1)
        context = observations, actions, returns_to_go, steps
        return self.actions(outputs), *context, *next_state

    def step_function(self) -> StepFunction:
        """The whole, as `benchmark.step_function.Exportable` gives it."""
        return StepFunction(
            self.eval(), reads_reward=bool(self._returns.initial), state=self.initial
        )


def pushed(history: torch.Tensor, newest: torch.Tensor) -> torch.Tensor:
    """A history (n, L, ·) that is shifted by one step, with (n, ·) at its end."""
    return torch.cat([history[:, 1:], newest[:, None]], 1)
