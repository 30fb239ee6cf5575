"""Asking as a function gives what a request gives that remembers by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mage.returns.config import ReturnConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.request_module import RequestModule
from mage.returns.return_request import ReturnRequest

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({}, None),
        ({"persistence": 0.9}, np.finfo(np.float32).min),
        ({"return_asked": "target"}, 7.0),
    ],
)
def test_the_state_goes_in_and_out(settings: dict[str, Any], start: float | None) -> None:
    config = ReturnConfig(**settings)
    torch.manual_seed(0)
    labeller = ReturnLabeller(config, 4, 8)
    request = ReturnRequest(config, config.discount_on(0.9), 7.0, CPU)
    module = RequestModule(request)
    expected = {} if start is None else {"return_to_go": [np.float32(start)]}
    assert {name: value.tolist() for name, value in module.initial.items()} == expected
    state = tuple(torch.from_numpy(value).repeat(3, 1) for value in module.initial.values())
    request.reset(3)
    with torch.no_grad():
        for step in range(5):
            seen, reward = torch.randn(3, 4), torch.rand(3) * min(step, 1)
            asked, state = module(labeller, seen, *((reward, *state) if state else ()))
            for given, wanted in zip(
                asked, request.ask(labeller, seen, reward[:, None]), strict=True
            ):
                assert torch.equal(given, wanted)


def test_the_request_of_the_agent_stays_as_it_is() -> None:
    config = ReturnConfig(persistence=0.5)
    request = ReturnRequest(config, 0.9, 1.0, CPU)
    request.return_to_go_n1 = torch.ones(2, 1)
    RequestModule(request)
    assert torch.equal(request.return_to_go_n1, torch.ones(2, 1))
