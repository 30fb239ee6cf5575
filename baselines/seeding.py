"""Keeps the random numbers of training apart from those of the rest of the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded_torch(seed: int, device: str) -> Iterator[None]:
    """Seeds torch's global generators inside the block and restores their state after it.

    New layers and d3rlpy draw from the global generators, which other code shares.

    Args:
        seed: 0 or above.
        device: name of a torch device.
    """
    accelerators = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=accelerators):
        torch.manual_seed(seed)
        yield
