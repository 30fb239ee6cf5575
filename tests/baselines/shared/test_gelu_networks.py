"""Perceptrons, ensembles, slow copies and weights by sign, against numbers worked out by hand."""

from __future__ import annotations

import torch
from torch import nn

from baselines.shared.gelu_networks import (
    ValueEnsemble,
    expectile_weight,
    gelu_perceptron,
    polyak_update,
    target_copy,
    with_fixed_weights,
)


def test_layer_norm_follows_gelu_after_each_hidden_layer() -> None:
    kinds = [type(layer) for layer in gelu_perceptron((3, 8, 8, 2), layer_norm=True)]
    hidden = [nn.Linear, nn.GELU, nn.LayerNorm]
    assert kinds == [*hidden, *hidden, nn.Linear]
    assert len(gelu_perceptron((3, 8, 8, 2), layer_norm=False)) == 5


def test_first_weights_are_as_large_as_the_number_of_their_units_asks() -> None:
    torch.manual_seed(0)
    first, _, last = gelu_perceptron((100, 200, 50), layer_norm=False, last_gain=0.1)
    for layer, limit in ((first, (6 / 300) ** 0.5), (last, 0.1 * (6 / 250) ** 0.5)):
        assert 0.95 * limit < layer.weight.abs().max() <= limit
        assert not layer.bias.any()


def test_an_ensemble_gives_the_values_of_its_members() -> None:
    torch.manual_seed(0)
    ensemble = ValueEnsemble(5, (8,), members=3)
    states, actions = torch.randn(4, 3), torch.randn(4, 2)
    values = ensemble(states, actions)
    assert values.shape == (3, 4)
    joined = torch.cat([states, actions], 1)
    for member, value in zip(ensemble.members, values, strict=True):
        torch.testing.assert_close(member(joined)[:, 0], value)


def test_a_slow_copy_takes_over_a_share_and_no_gradient() -> None:
    network = nn.Linear(2, 1)
    slow = target_copy(network)
    assert not any(weight.requires_grad for weight in slow.parameters())
    before = slow.weight.clone()
    nn.init.constant_(network.weight, 10.0)
    polyak_update(slow, network, 0.25)
    torch.testing.assert_close(slow.weight, before + 0.25 * (10 - before))
    assert (network.weight == 10).all()


def test_gradients_reach_what_goes_in_and_not_fixed_weights() -> None:
    network, seen = ValueEnsemble(3, (8,)), torch.randn(4, 3, requires_grad=True)
    fixed = with_fixed_weights(network, seen)
    torch.testing.assert_close(fixed, network(seen))
    fixed.sum().backward()
    assert seen.grad is not None and seen.grad.any()
    assert all(weight.grad is None for weight in network.parameters())


def test_what_is_above_weighs_as_much_as_the_expectile() -> None:
    weights = expectile_weight(torch.tensor([2.0, 0.0, -1.0]), 0.9)
    torch.testing.assert_close(weights, torch.tensor([0.9, 0.9, 0.1]))
