"""Usual and good returns, and what is asked for."""

from __future__ import annotations

import pytest
import torch

from mage.returns import ReturnModel


@pytest.fixture(scope="module")
def model() -> ReturnModel:
    """Of a state 1 with returns 0 to 10, and a state 0 with those between 4 and 6."""
    torch.manual_seed(0)
    model = ReturnModel(1, 16, 0.9)
    state = torch.randint(2, (512, 1)).float()
    returns = torch.where(state == 1, 10 * torch.rand(512, 1), 4 + 2 * torch.rand(512, 1))
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(400):
        optimiser.zero_grad()
        model.loss(state, returns).backward()
        optimiser.step()
    return model


def test_it_learns_both_expectiles(model: ReturnModel) -> None:
    usual, spread = model(torch.tensor([[1.0]]))
    # Of numbers between 0 and 10 the expectile 10 e solves e^2 (1 - t) = (1 - e)^2 t.
    assert usual.item() == pytest.approx(5, abs=0.4)
    assert (usual + spread).item() == pytest.approx(7.5, abs=0.4)


def test_the_same_return_is_worth_more_where_it_is_rare(model: ReturnModel) -> None:
    states, returns = torch.tensor([[0.0], [1.0]]), torch.full((2, 1), 6.0)
    narrow, wide = model.advantage(states, returns)[:, 0]
    assert narrow > 2 * wide > 0
    usual, spread = model(states)
    torch.testing.assert_close(model.advantage(states, usual + spread), torch.ones(2, 1))
    torch.testing.assert_close(model.advantage(states, usual), torch.zeros(2, 1))
