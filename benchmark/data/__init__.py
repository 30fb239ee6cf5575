"""From a task to its data, in the order that it takes.

sources (found, downloaded or collected; choice: as the user says) -> stored (what it says of
itself) -> spaces (whether it fits) -> loading (read and checked) -> relabel (what agents see) ->
shared_arrays (one copy for all processes). `python -m benchmark.datasets` does it by hand.
"""

from __future__ import annotations

from benchmark.data.loading import (
    LoadedDataset,
    check_described,
    content_hash,
    load,
    load_fetched,
    prepare,
)
from benchmark.data.shared_arrays import open_shared, share, sharing
from benchmark.data.sources import DatasetState, dataset_state, fetch, small_source, stored_id

__all__ = [
    "DatasetState",
    "LoadedDataset",
    "check_described",
    "content_hash",
    "dataset_state",
    "fetch",
    "load",
    "load_fetched",
    "open_shared",
    "prepare",
    "share",
    "sharing",
    "small_source",
    "stored_id",
]
