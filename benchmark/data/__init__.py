"""From a task to its data, in the order that it takes.

sources (found, downloaded or collected) -> loading (read and checked) -> relabel (what agents
see) -> shared_arrays (one copy for all processes). `python -m benchmark.datasets` does it by hand.
"""

from __future__ import annotations

from benchmark.data.loading import LoadedDataset, content_hash, load, prepare
from benchmark.data.shared_arrays import open_shared, share, sharing
from benchmark.data.sources import DATA_CHOICES, DatasetState, dataset_state, fetch

__all__ = [
    "DATA_CHOICES",
    "DatasetState",
    "LoadedDataset",
    "content_hash",
    "dataset_state",
    "fetch",
    "load",
    "open_shared",
    "prepare",
    "share",
    "sharing",
]
