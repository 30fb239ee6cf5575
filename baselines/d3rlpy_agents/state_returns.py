"""The return that `dt.state` asks for at every step: a high one that is reachable from the state.

It is asked as MAGE and `rvs` are, with the settings of `mage.returns.return_settings` on the task.
Names end in their shape: n environments, S observation size.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from baselines.d3rlpy_agents.context_module import StateReturnModule
from benchmark.interface import Dataset, FloatArray, TaskInfo
from benchmark.trainer import Learner
from mage.returns.asked_agent import AskedAgent
from mage.returns.config import ReturnConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.place_features import place_columns
from mage.returns.recorded_returns import RecordedReturns
from mage.returns.return_request import ReturnRequest
from mage.returns.return_settings import return_settings_on
from mage.returns.returns_first import ReturnsFirst, steps_of_returns

_WIDTH = 256  # Of the return model, as of MAGE's at `quick`.
_SHARE = 0.15  # Of the gradient steps, as of MAGE's.


class StateReturns(AskedAgent):
    """A return model, the scale of its returns, and what was asked of the states so far.

    Args:
        task: whose settings count.
        device: name of a torch device.

    Attributes:
        labeller: with all the weights there are, once they are built.
    """

    labeller: ReturnLabeller

    def __init__(self, task: TaskInfo, device: str) -> None:
        # The transformer learns from returns before there is a model that could continue them.
        settings = {**return_settings_on(task.name), "bootstrap_steps": 0}
        self._config, self._device = ReturnConfig(**settings), device
        self._observation_size, self._places = task.observation_size, place_columns(task)
        discount, place = self._config.discount_on(task.discount), torch.device(device)
        self._request = ReturnRequest(self._config, discount, task.target_return, place)

    def build(self) -> None:
        """Makes new weights, from torch's global generator."""
        labeller = ReturnLabeller(self._config, self._observation_size, _WIDTH, self._places)
        self.labeller = labeller.to(self._device)

    def normalised(self, dataset: Dataset) -> FloatArray:
        """(N,) returns-to-go of all steps, as the network sees them; fits their scale."""
        returns = self._put(dataset.returns_to_go(self.requested_discount))[:, None]
        self._data = self.labeller.normalise(self._put(dataset.observations), returns)
        normalised: FloatArray = self._data[1][:, 0].cpu().numpy()
        return normalised

    def own_steps(self, steps: int) -> int:
        """How many gradient steps of a training are the return model's."""
        return steps_of_returns(_SHARE, steps)

    def before(self, learner: Learner, steps: int) -> Learner:
        """Trains the return model for some steps, on what was normalised, and then the learner."""
        recorded = RecordedReturns(*self._data)
        return ReturnsFirst(self.labeller, recorded, steps=steps, learner=learner)

    def reset(self, n_envs: int) -> None:
        """Forgets the rewards received."""
        self._request.reset(n_envs)

    def ask(self, observations: FloatArray, last_rewards: FloatArray) -> Tensor:
        """The normalised return-to-go (n, 1) to bring; arguments as of `Agent.act`."""
        observation_nS = self.labeller.observation_normaliser(self._put(observations))
        rewards_n1 = self._put(last_rewards)[:, None]
        return self._request.ask(self.labeller, observation_nS, rewards_n1).return_n1

    def module(self) -> StateReturnModule:
        """The same as a function, for a file."""
        return StateReturnModule(self.labeller, self._request)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Takes over the weights of another's `labeller`."""
        self.labeller.load_state_dict(weights)

    def _put(self, array: FloatArray) -> Tensor:
        # Copied, since torch refuses to share read-only arrays without a warning.
        return torch.tensor(array, device=self._device)
