"""What return to expect from a state, and what the best plans bring: two expectiles.

A return-to-go says little by itself: what is much far from the goal is little close to it. The
*advantage* of a return is 0 where it is the mean one from its state and 1 where it is the upper
expectile. It tells a plan that does well from one that does not to the same degree everywhere.
*Ours*: the paper conditions on the return alone. Names end in their shape: B states, S observation
size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mage.returns.place_features import PlaceFeatures

# Where all returns from a state are about the same, none is much better than the mean.
_LEAST_GAP = 0.05


def perceptron(
    inputs: int,
    width: int,
    outputs: int,
    *,
    places: PlaceFeatures | None = None,
    layer_norm: bool = False,
) -> nn.Sequential:
    """Two hidden layers.

    Args:
        inputs: numbers.
        width: of both layers.
        outputs: numbers.
        places: what it sees beside its inputs.
        layer_norm: whether each hidden layer ends with one.
    """
    norms = [[nn.LayerNorm(width)] * layer_norm for _ in range(2)]
    seen = inputs + (places.added if places else 0)
    return nn.Sequential(
        *([places] if places else []),
        *(nn.Linear(seen, width), nn.ReLU(), *norms[0]),
        *(nn.Linear(width, width), nn.ReLU(), *norms[1]),
        nn.Linear(width, outputs),
    )


class ReturnModel(nn.Module):
    """Two expectiles of the recorded returns-to-go, given the state.

    Args:
        observation_size: S.
        width: hidden units.
        expectile: the upper one; 0.5 would be the mean, 1 the best that was ever recorded.
        places: what it sees beside observations.
        bootstraps: whether it learns from what it says itself, which layer norm keeps from
            running away (Gallici et al. 2024, "Simplifying Deep Temporal Difference Learning").
    """

    expectiles_2: Tensor
    largest: Tensor

    def __init__(
        self,
        observation_size: int,
        width: int,
        expectile: float,
        *,
        places: PlaceFeatures | None = None,
        bootstraps: bool = False,
    ) -> None:
        super().__init__()
        self.network = perceptron(observation_size, width, 2, places=places, layer_norm=bootstraps)
        self.register_buffer("expectiles_2", torch.tensor([0.5, expectile]), persistent=False)
        self.register_buffer("largest", torch.full((), torch.inf))

    def forward(self, observation_BS: Tensor) -> tuple[Tensor, Tensor]:
        """The mean return (B, 1), normalised, and how far the upper expectile is above it."""
        mean_return_B1, upper_expectile_B1 = self.network(observation_BS).split(1, -1)
        return mean_return_B1, (upper_expectile_B1 - mean_return_B1).clamp(min=_LEAST_GAP)

    def high_return(self, observation_BS: Tensor) -> Tensor:
        """The upper expectile (B, 1), normalised."""
        upper_expectile_B1: Tensor = self.network(observation_BS)[:, 1:]
        return upper_expectile_B1

    def loss(self, observation_BS: Tensor, return_B1: Tensor) -> Tensor:
        """Regression of both expectiles, which weigh alike (IQL, Kostrikov et al. 2022)."""
        above = self.expectiles_2
        difference_B2 = return_B1 - self.network(observation_BS)
        weight_B2 = torch.where(difference_B2 > 0, above, 1 - above) / (above * (1 - above)).sqrt()
        loss: Tensor = (weight_B2 * difference_B2.square()).mean()
        return loss

    def advantage(self, observation_BS: Tensor, return_B1: Tensor) -> Tensor:
        """The advantage (B, 1) of returns, in [-3, 3]."""
        mean_return_B1, expectile_gap_B1 = self(observation_BS)
        return advantage_of(return_B1, mean_return_B1, expectile_gap_B1)


def advantage_of(return_B1: Tensor, mean_return_B1: Tensor, expectile_gap_B1: Tensor) -> Tensor:
    """The advantage (B, 1) of returns where the return model's answer is known."""
    return ((return_B1 - mean_return_B1) / expectile_gap_B1).clamp(-3, 3)
