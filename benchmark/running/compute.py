"""What runs are computed on: devices, processes, and what each agent needs of a machine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Any

from benchmark.errors import UserError
from benchmark.records.record import Record

_VALID = "valid: auto, cpu, cuda, cuda:N, mps"


@dataclass(frozen=True)
class Compute:
    """Where and how runs are trained.

    Attributes:
        device: name of a torch device.
        workers: runs at a time, at most.
        address: of a running Ray cluster, `auto` or `host:port`; None for this machine alone.
    """

    device: str
    workers: int
    address: str | None = None


@dataclass
class Outcome:
    """How a command's runs ended.

    Attributes:
        records: in the order in which the runs ended.
        unwritten: names of runs whose record could not be written, and why.
        stopped: whether the user asked to stop before all were done.
    """

    records: list[Record] = field(default_factory=list)
    unwritten: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


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
    known = [need.name for need in fields(Needs)]
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


def set_threads(needs: Needs) -> None:
    """Gives this process as many threads of torch as a run needs."""
    import torch  # Keeps it out of --help.

    torch.set_num_threads(needs.threads)


def check_device(name: str) -> None:
    """Refuses what is no device at all; does not look at the machine.

    Raises:
        UserError: for an unknown name.
    """
    if not re.fullmatch(r"auto|cpu|cuda|cuda:\d+|mps", name, re.ASCII):
        raise UserError(f"unknown device {name!r}; {_VALID}; --device auto takes the best there is")


def resolve_device(name: str) -> str:
    """The torch device to use: `auto` is a GPU if there is one, and else the processor.

    Raises:
        UserError: for a device that is unknown or that this machine does not have.
    """
    import torch  # Keeps it out of --help.

    check_device(name)
    gpus = torch.cuda.device_count()
    if name == "auto":
        return "cuda" if gpus else "cpu"
    present = {"cpu", *(["cuda"] if gpus else []), *(f"cuda:{number}" for number in range(gpus))}
    if torch.backends.mps.is_available():
        present.add("mps")
    if name not in present:
        raise UserError(
            f"device {name!r} is not on this machine, which has: {', '.join(sorted(present))}; "
            f"{_VALID}; --device auto takes the best there is"
        )
    return name
