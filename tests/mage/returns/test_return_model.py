"""Mean and upper expectile of returns: known answers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mage.returns.return_model import ReturnModel, advantage_of, perceptron


def _model(expectile: float, mean_return: float, upper_expectile: float) -> ReturnModel:
    """One that says the same of every state."""
    model = ReturnModel(1, 4, expectile)
    with torch.no_grad():
        model.network[-1].weight.zero_()
        model.network[-1].bias.copy_(torch.tensor([mean_return, upper_expectile]))
    return model


def _loss(model: ReturnModel, *returns: float) -> torch.Tensor:
    return model.loss(torch.randn(len(returns), 1), torch.tensor(returns)[:, None])


def test_one_output_is_the_mean_and_the_other_an_upper_expectile() -> None:
    model = _model(0.8, mean_return=0.0, upper_expectile=1.0)
    # A return of 2 is above both: squares 4 and 1 weigh 0.5 and 0.8 over the roots of 0.5 * 0.5
    # and 0.8 * 0.2, that is 1 and 2.
    assert _loss(model, 2.0).item() == pytest.approx((1 * 4 + 2 * 1) / 2)
    # -1 is below both: squares 1 and 4 weigh 1 and 0.2 / 0.4.
    assert _loss(model, -1.0).item() == pytest.approx((1 * 1 + 0.5 * 4) / 2)
    assert _loss(model, 2.0, -1.0).item() == pytest.approx((3.0 + 1.5) / 2)


def test_a_high_return_is_the_upper_expectile_and_not_the_mean() -> None:
    model = _model(0.8, mean_return=2.0, upper_expectile=7.0)
    assert model.high_return(torch.randn(3, 1)).tolist() == [[7.0]] * 3


def test_it_is_least_at_both_expectiles() -> None:
    # Of 0 and 10 the expectile e at 0.8 solves 0.8 (10 - e) = 0.2 e.
    model = _model(0.8, mean_return=5.0, upper_expectile=8.0)
    _loss(model, 0.0, 10.0).backward()
    assert model.network[-1].bias.grad.tolist() == pytest.approx([0, 0], abs=1e-6)


def test_it_sees_the_state() -> None:
    model = ReturnModel(1, 4, 0.8)
    model.network = nn.Linear(
        1, 2, bias=False
    )  # The mean is the state itself, the expectile twice that.
    with torch.no_grad():
        model.network.weight.copy_(torch.tensor([[1.0], [2.0]]))
    states, returns = torch.tensor([[1.0], [3.0]]), torch.tensor([[4.0], [2.0]])
    mean_return, gap = model(states)
    assert mean_return.tolist() == [[1], [3]] and gap.tolist() == [[1], [3]]
    # 4 is 3 above 1 and 2 above 2; 2 is 1 below 3 and 4 below 6.
    assert model.loss(states, returns).item() == pytest.approx((9 + 2 * 4 + 1 + 0.5 * 16) / 4)
    assert model.advantage(states, returns).flatten().tolist() == pytest.approx([3, -1 / 3])


def test_the_gap_is_how_far_the_expectile_is_above_the_mean_and_never_nothing() -> None:
    for expectile, expected in ((4.5, 2.5), (2.06, 0.06), (2.02, 0.05), (1.0, 0.05)):
        mean_return, gap = _model(0.9, 2.0, expectile)(torch.zeros(3, 1))
        assert mean_return.flatten().tolist() == [2.0] * 3
        assert gap.flatten().tolist() == pytest.approx([expected] * 3)


def test_the_advantage_is_0_at_the_mean_1_at_the_expectile_and_at_most_3_either_way() -> None:
    returns = torch.tensor([2.0, 4.0, 3.0, 7.9, 9.0, -3.9, -6.0])[:, None]
    advantage = _model(0.9, mean_return=2.0, upper_expectile=4.0).advantage(
        torch.zeros(7, 1), returns
    )
    assert advantage.flatten().tolist() == pytest.approx([0, 1, 0.5, 2.95, 3, -2.95, -3])
    one = torch.ones(1, 1)
    assert advantage_of(5 * one, 2 * one, 4 * one).item() == 0.75


def test_before_any_data_no_return_is_the_largest() -> None:
    model = ReturnModel(1, 4, 0.9)
    assert model.largest == torch.inf
    weights = {f"network.{layer}.{part}" for layer in (0, 2, 4) for part in ("weight", "bias")}
    assert set(model.state_dict()) == {"largest", *weights}


def test_two_hidden_layers() -> None:
    layers = perceptron(3, 5, 2)
    assert [type(layer) for layer in layers] == [nn.Linear, nn.ReLU] * 2 + [nn.Linear]
    sizes = [(layer.in_features, layer.out_features) for layer in layers[::2]]
    assert sizes == [(3, 5), (5, 5), (5, 2)]
