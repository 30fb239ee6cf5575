"""How learning rates fall in the course of a training."""

from __future__ import annotations

from math import cos, pi

from torch.optim import Optimizer


def along_a_cosine(done: float) -> float:
    """The share of the peak that is left once a share of the steps is done, both from 0 to 1."""
    return 0.5 * (1 + cos(pi * done))


def set_rate(optimiser: Optimizer, rate: float) -> None:
    """Gives all weights of an optimiser a learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
