"""Perceptrons with GELU and layer norm, pairs of values on them, and slow copies.

The networks of OGBench's and FQL's reference implementations: after each hidden layer GELU, in its
approximation by tanh, then layer norm; weights begin as of Glorot and Bengio 2010, biases at 0.

Names end in their shape: E networks of an ensemble, B rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn


def gelu_perceptron(
    sizes: Sequence[int], *, layer_norm: bool, last_gain: float = 1.0
) -> nn.Sequential:
    """A new perceptron.

    Args:
        sizes: of input, hidden layers and output.
        layer_norm: whether hidden layers end with one.
        last_gain: factor on the first weights of the last layer.
    """
    layers: list[nn.Module] = []
    for index in range(1, len(sizes)):
        is_last = index == len(sizes) - 1
        linear = nn.Linear(sizes[index - 1], sizes[index])
        nn.init.xavier_uniform_(linear.weight, last_gain if is_last else 1.0)
        nn.init.zeros_(linear.bias)
        layers.append(linear)
        if not is_last:
            layers.append(nn.GELU(approximate="tanh"))
            layers += [nn.LayerNorm(sizes[index])] * layer_norm
    return nn.Sequential(*layers)


class ValueEnsemble(nn.Module):
    """Values by several perceptrons of the same inputs.

    Args:
        input_size: numbers of all inputs together.
        hidden_sizes: width of each hidden layer.
        members: E.
    """

    def __init__(self, input_size: int, hidden_sizes: Sequence[int], members: int = 2) -> None:
        super().__init__()
        sizes = (input_size, *hidden_sizes, 1)
        self.members = nn.ModuleList(
            gelu_perceptron(sizes, layer_norm=True) for _ in range(members)
        )

    def forward(self, *inputs: Tensor) -> Tensor:
        """Values (E, B) of inputs (B, ...), side by side."""
        joined = torch.cat(inputs, -1)
        return torch.stack([member(joined).squeeze(-1) for member in self.members])


def target_copy(network: nn.Module) -> nn.Module:
    """A target network: a copy that no gradient reaches, the slow one of its pair."""
    return deepcopy(network).requires_grad_(False)


@torch.no_grad()
def polyak_update(slow: nn.Module, network: nn.Module, share: float) -> None:
    """Lets a target network take over a share of its network's weights (Polyak averaging)."""
    for old, new in zip(slow.parameters(), network.parameters(), strict=True):
        old.lerp_(new, share)


def with_fixed_weights(network: nn.Module, *inputs: Tensor) -> Tensor:
    """What a network puts out; gradients reach its inputs, and not its weights."""
    weights = {name: weight.detach() for name, weight in network.named_parameters()}
    outputs: Tensor = torch.func.functional_call(network, weights, inputs)
    return outputs


def expectile_weight(advantage_B: Tensor, expectile: float) -> Tensor:
    """(B,) the weight of a squared error by the sign of what is above the value."""
    return torch.where(advantage_B >= 0, expectile, 1 - expectile)
