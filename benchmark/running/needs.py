"""What a run takes of a machine, as its agent declares it."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any

from benchmark.errors import UserError


@dataclass(frozen=True)
class Needs:
    """What one run of an agent takes; a class may declare other values in its attribute `needs`.

    Attributes:
        threads: of torch, each on a core of its own.
        memory_gb: main memory.
        gpu_memory_gb: memory of a GPU, where one is used; so many runs share it as fit.
    """

    threads: int = 1
    memory_gb: float = 2.0
    gpu_memory_gb: float = 4.0


def needs_of(agent: type[Any]) -> Needs:
    """What an agent's class declares.

    Raises:
        UserError: for a need that is unknown or not above 0.
    """
    declared = dict(getattr(agent, "needs", {}))
    known = {each.name: each.type for each in fields(Needs)}
    for name, value in declared.items():
        if name not in known:
            raise UserError(
                f"unknown need {name!r} of {agent.__name__}; valid: {', '.join(known)}; correct "
                "its attribute `needs`"
            )
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise UserError(
                f"need {name} of {agent.__name__} is {value!r}; valid: a number above 0; correct "
                "its attribute `needs`"
            )
    return Needs(**declared)


def ray_resources(needs: Needs, gpu_gb: float | None) -> dict[str, float]:
    """What Ray sets aside for a run.

    Never more than the machine has: Ray would wait for it for ever.

    Args:
        needs: of the run.
        gpu_gb: memory of one GPU; None for a run without one.
    """
    resources = {"CPU": float(min(needs.threads, os.cpu_count() or 1))}
    resources["memory"] = min(needs.memory_gb * 2**30, 0.5 * total_memory())
    if gpu_gb is not None:
        # In whole hundredths, upwards: what is left over is of no use to anybody.
        resources["GPU"] = min(1.0, -(-100 * needs.gpu_memory_gb // gpu_gb) / 100)
    return resources


def total_memory() -> int:
    """Main memory of this machine in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
