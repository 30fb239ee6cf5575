"""An agent that asks by a `ReturnRequest` may be asked for more and less."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.interface import ReturnConditioned
from mage.returns.asked_agent import AskedAgent
from mage.returns.config import ReturnConfig
from mage.returns.return_request import ReturnRequest

TARGET = 8.0


class Learner(AskedAgent):
    def __init__(self, **settings: object) -> None:
        config = ReturnConfig(**settings)  # type: ignore[arg-type]
        self._request = ReturnRequest(config, 0.5, TARGET, torch.device("cpu"))


def test_it_is_asked_for_advantages_of_its_state() -> None:
    agent = Learner()
    assert isinstance(agent, ReturnConditioned)
    assert agent.asking_levels == (-1, 0, 0.5, 1, 1.5, 2) and agent.asking_unit == "advantage"
    assert agent.requested_discount == 0.5


def test_or_for_shares_of_the_target() -> None:
    agent = Learner(return_asked="target")
    assert agent.asking_levels == (0.25, 0.5, 0.75, 1, 1.25, 1.5)
    assert agent.asking_unit == "share of the target return"


def test_what_it_was_asked_comes_as_plain_numbers() -> None:
    agent = Learner()
    agent._request.requested_returns = lambda: torch.tensor([[1.0], [2.0]])  # type: ignore[method-assign]
    returns = agent.requested_returns()
    assert returns.dtype == np.float32 and returns.tolist() == [1, 2]
