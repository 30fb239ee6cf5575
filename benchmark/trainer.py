"""Keeps the random numbers of training apart from those of the rest of the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def random_states(device: str) -> dict[str, torch.Tensor]:
    """The states of torch's global generators that training draws from, by type of device."""
    states = {"cpu": torch.get_rng_state()}
    if device.startswith("cuda"):
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_states(states: Mapping[str, torch.Tensor], device: str) -> None:
    """Undoes `random_states`; on another type of device, the seed's own numbers remain."""
    torch.set_rng_state(states["cpu"])
    if device.startswith("cuda") and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
