"""Bins that turn each column of numbers into tokens, and back.

Shapes: M rows, D columns, N bins per column.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class Discretizer:
    """Percentile bins: each one of a column holds about the same share of a dataset.

    A column with no more than N distinct values has a bin for each of them, so that rare rewards
    keep a token of their own. A token stands for the mean of what its bin holds.

    Attributes:
        edges: (D, N - 1) float32, between neighbouring bins; a bin begins with its lower edge.
        centres: (D, N) float32, what each token stands for.
    """

    edges: torch.Tensor
    centres: torch.Tensor

    @classmethod
    def of(cls, columns: Iterable[NDArray[np.float32]], n_bins: int, device: str) -> Discretizer:
        """The bins of a dataset.

        Args:
            columns: D arrays of one length above 0.
            n_bins: N, 2 or more.
            device: name of a torch device.
        """
        pairs = [_edges_and_centres(np.sort(column), n_bins) for column in columns]
        edges, centres = (np.stack(rows).astype(np.float32) for rows in zip(*pairs, strict=True))
        return cls(torch.as_tensor(edges, device=device), torch.as_tensor(centres, device=device))

    def tokens(self, values: torch.Tensor) -> torch.Tensor:
        """(M, d) int64 in [0, N), for values (M, d) of the first d columns."""
        edges = self.edges[: values.shape[1]]
        return torch.searchsorted(edges, values.mT.contiguous(), right=True).mT.contiguous()

    def values(self, tokens: torch.Tensor) -> torch.Tensor:
        """(M, D) what tokens (M, D) stand for; one past the last bin is taken for the last."""
        return self.centres.gather(1, tokens.clamp(max=self.centres.shape[1] - 1).mT).mT


def _edges_and_centres(
    ordered: NDArray[np.float32], n_bins: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N - 1) edges and (N) centres for the sorted values of a column."""
    distinct = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    if len(distinct) <= n_bins:
        edges = np.full(n_bins - 1, np.inf)
        edges[: len(distinct) - 1] = distinct[1:]
    else:
        edges = ordered[len(ordered) * np.arange(1, n_bins) // n_bins].astype(np.float64)
    bounds = np.concatenate([[0], np.searchsorted(ordered, edges), [len(ordered)]])
    counts = np.diff(bounds)
    sums = np.diff(np.append(0, np.cumsum(ordered, dtype=np.float64))[bounds])
    # A bin that holds nothing stands for its lower edge.
    lower = np.append(ordered[0], edges).clip(max=ordered[-1])
    return edges, np.where(counts, sums / np.maximum(counts, 1), lower)
