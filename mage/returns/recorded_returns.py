"""Recorded returns as a return model learns them: to the end of the episode, or continued by it.

A recording that never reaches a goal says little of the way there, although its pieces may be parts
of one. A return that is *bootstrapped* counts the rewards of a few steps, and then what the return
model says of a high one from where they led. So what is good is put together from pieces of many
recordings (n-step bootstrapping; Sutton and Barto 2018, chapter 7)::

    row                0    1    2    3    4 |  5    6    7    bootstrap_steps = 2
    rewards            0    0    0    0    1 |  0    0    0    terminal after row 4, timeout after 7
    continued by row   2    3    4    -    - |  7    7    7    what is said of its state
    has a label        x    x    x    x    x |  x    -    -    of what was done there

Where a recording is cut off, its last rows are continued too soon: what the model says of a state
is good whatever was done before, so that to stand still just before the cut would pass for best.
The return model learns from these rows too, and whatever needs no label; what to do is learned from
the others, unless there are none.

Names end in their shape: B rows of a batch, N recorded steps, R of them with labels, S observation
size.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.interface import Dataset
from mage.returns.labels import ReturnLabeller

_CHUNK = 65_536  # Rows that are worked on at a time.


class Continuation(NamedTuple):
    """How the return of each recorded step goes on after a few steps.

    Attributes:
        received_N1: discounted rewards of these steps.
        discount_N1: factor on what the return model says then; 0 where the episode has ended.
        row_N: the row whose state it is said of.
        is_labelled_N: whether these steps are all there, or the episode has ended before.
    """

    received_N1: Tensor
    discount_N1: Tensor
    row_N: Tensor
    is_labelled_N: Tensor


def continuation(
    dataset: Dataset, discount: float, steps: int, device: torch.device
) -> Continuation | None:
    """Where `steps` steps from each row lead; where a recording ends before, its last row.

    Args:
        dataset: recorded steps.
        discount: factor per step.
        steps: 0 for returns that are not bootstrapped, for which there is none.
        device: of the result.
    """
    if not steps:
        return None
    rows, last = np.arange(len(dataset)), dataset.last_rows
    returns = dataset.returns_to_go(discount).astype(np.float64)
    ahead = np.minimum(rows + steps, last)
    is_short = rows + steps > last
    ended = is_short & dataset.terminals[last]
    factor = np.where(ended, 0.0, discount ** (ahead - rows).astype(np.float64))
    received = returns - factor * returns[ahead]

    def put(values: NDArray[np.float64]) -> Tensor:
        return torch.as_tensor(values.astype(np.float32), device=device)[:, None]

    is_labelled = torch.as_tensor(ended | ~is_short, device=device)
    row = torch.as_tensor(ahead, device=device)
    return Continuation(put(received), put(factor), row, is_labelled)


class RecordedReturns:
    """What a return model learns of all recorded steps.

    Args:
        observations_NS: normalised.
        returns_N1: to the end of the episode, normalised.
        continuation: of bootstrapped returns; None for those that were recorded.
    """

    def __init__(
        self,
        observations_NS: Tensor,
        returns_N1: Tensor,
        continuation: Continuation | None = None,
    ) -> None:
        self._observations_NS, self._returns_N1 = observations_NS, returns_N1
        self._continuation = continuation

    def __len__(self) -> int:
        return len(self._returns_N1)

    @cached_property
    def labelled_rows(self) -> Tensor | None:
        """Rows (R,) whose labels say how good what was done there was; None for all of them."""
        if self._continuation is None or not self._continuation.is_labelled_N.any():
            return None
        return self._continuation.is_labelled_N.nonzero()[:, 0]

    def loss(self, labeller: ReturnLabeller, rows_B: Tensor) -> Tensor:
        """Of a return model, whose labeller is given, on some rows."""
        targets_B1 = self._targets(labeller, rows_B)
        return labeller.returns.loss(self._observations_NS[rows_B], targets_B1)

    def labels(self, labeller: ReturnLabeller) -> tuple[Tensor, Tensor]:
        """Returns (N, 1) and their advantages (N, 1), once the return model is trained."""
        rows_N = torch.arange(len(self), device=self._returns_N1.device)
        parts = [self._targets(labeller, rows_B) for rows_B in rows_N.split(_CHUNK)]
        returns_N1 = torch.cat(parts)
        return returns_N1, labeller.advantages(self._observations_NS, returns_N1)

    @torch.no_grad()
    def _targets(self, labeller: ReturnLabeller, rows_B: Tensor) -> Tensor:
        if self._continuation is None:
            return self._returns_N1[rows_B]
        received_N1, discount_N1, row_N, _ = self._continuation
        model, normaliser = labeller.returns, labeller.return_normaliser
        high_B1 = model.high_return(self._observations_NS[row_N[rows_B]])
        later_B1 = normaliser.inverse(high_B1.minimum(model.largest))
        targets_B1: Tensor = normaliser(received_N1[rows_B] + discount_N1[rows_B] * later_B1)
        return targets_B1
