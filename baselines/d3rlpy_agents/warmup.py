"""d3rlpy's warm-up of the learning rate, for agents that are pickled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from d3rlpy.optimizers import WarmupSchedulerFactory
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


@dataclass
class PicklableWarmup(WarmupSchedulerFactory):  # type: ignore[misc]
    """The same rates as `WarmupSchedulerFactory` gives, whose lambda cannot be pickled."""

    def create(self, optim: Optimizer) -> LambdaLR:
        """A schedule whose rate rises in equal steps from the first to the last of the warm-up."""
        return LambdaLR(optim, partial(_share, self.warmup_steps))


def _share(warmup_steps: int, steps: int) -> float:
    """Of the learning rate, after a number of gradient steps."""
    return min((steps + 1) / warmup_steps, 1)
