"""Recorded returns as networks see them, how good each is for its state, and the best rows.

Names end in their shape: B rows of a batch, M rows to learn from, n candidates for each, R rows to
draw these from, N recorded steps, S observation size.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mage.returns.config import LabelConfig
from mage.returns.normalisers import LogNormaliser, Normaliser
from mage.returns.place_features import PlaceFeatures
from mage.returns.return_model import ReturnModel

_CHUNK = 65_536  # Rows that are worked on at a time.
_DRAWN_AT_ONCE = 2**26  # Rows, which take 512 MiB.


class ReturnLabeller(nn.Module):
    """What tells the labels of a recorded step, saved with the weights of whoever learns from them.

    Args:
        config: which scale returns are put on, and which expectile is a high one.
        observation_size: S.
        width: hidden units of the return model.
        places: columns of an observation that say where the agent and its goal are.

    Attributes:
        places: what networks see of these beside an observation; None for nothing.
        observation_normaliser: of observations, whose units the return model reads.
        return_normaliser: of returns, on the scale that the settings name.
        returns: the return model.
    """

    def __init__(
        self, config: LabelConfig, observation_size: int, width: int, places: Sequence[int] = ()
    ) -> None:
        super().__init__()
        count = config.place_features if places else 0
        self.places = PlaceFeatures(places, count) if count else None
        self.observation_normaliser = Normaliser(observation_size)
        self.return_normaliser = LogNormaliser(1) if config.log_returns else Normaliser(1)
        self.returns = ReturnModel(
            *(observation_size, width, config.expectile),
            places=self.places,
            bootstraps=config.bootstrap_steps > 0,
        )

    def normalise(self, observations_NS: Tensor, returns_N1: Tensor) -> tuple[Tensor, Tensor]:
        """Fits both normalisers to all recorded steps, and applies them."""
        self.observation_normaliser.fit(observations_NS)
        self.return_normaliser.fit(returns_N1)
        observations_NS = self.observation_normaliser(observations_NS)
        returns_N1 = self.return_normaliser(returns_N1)
        self.returns.largest.copy_(returns_N1.max())
        return observations_NS, returns_N1

    @torch.no_grad()
    def advantages(self, observations_NS: Tensor, returns_N1: Tensor) -> Tensor:
        """The advantage (N, 1) of each return, both normalised, once the return model is trained.

        0 is the mean return from the state, 1 the upper expectile.
        """
        pairs = zip(observations_NS.split(_CHUNK), returns_N1.split(_CHUNK), strict=True)
        return torch.cat([self.returns.advantage(*pair) for pair in pairs])


def best_rows(
    advantages_N1: Tensor, count: int, candidates: int, among_R: Tensor | None = None
) -> Tensor:
    """Rows (M,) to learn from: of candidates drawn at random, the one of the largest advantage.

    Which rows depends on the seed of torch's global generator alone, not on what has been drawn
    since, so that interrupted training finds them again.

    Args:
        advantages_N1: of all recorded steps.
        count: M.
        candidates: n.
        among_R: the rows that candidates are drawn from; None for all.
    """
    rows = len(advantages_N1 if among_R is None else among_R)
    device = advantages_N1.device
    choice = torch.Generator(device).manual_seed(torch.initial_seed())
    best_1M = torch.empty((0, count), dtype=torch.long, device=device)
    at_once = max(1, _DRAWN_AT_ONCE // count)
    for first in range(0, candidates, at_once):
        size = min(at_once, candidates - first), count
        drawn_nM = torch.randint(rows, size, generator=choice, device=device)
        drawn_nM = drawn_nM if among_R is None else among_R[drawn_nM]
        # The best so far stands first, which of equals is the one that is taken.
        best_1M = best_of_columns(advantages_N1, torch.cat([best_1M, drawn_nM]))[None]
    return best_1M[0]


def best_of_columns(advantages_N1: Tensor, drawn_nM: Tensor) -> Tensor:
    """Of the n recorded steps in each column the one (M,) of the largest advantage.

    Args:
        advantages_N1: of all recorded steps.
        drawn_nM: numbers of recorded steps.
    """
    return drawn_nM.gather(0, advantages_N1[drawn_nM, 0].argmax(0, keepdim=True))[0]
