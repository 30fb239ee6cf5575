"""What runs are computed on: devices, processes, and what each agent needs of a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from numbers import Integral, Real
from typing import Any

from benchmark.errors import UserError, shown
from benchmark.records.record import Record


@dataclass(frozen=True)
class Compute:
    """Where and how runs are trained.

    Attributes:
        device: name of a torch device.
        workers: runs at a time, at most, each in a process of Ray; 0 for one after another in this
            process, without Ray.
        address: of a running Ray cluster, `auto` or `host:port`; None for this machine alone.
        debugger: whether pdb opens where an agent fails; only without Ray.
        trackers: names of those that curves go to, as in `--track`.

    Raises:
        UserError: if an address or the debugger does not go with the number of workers.
    """

    device: str
    workers: int
    address: str | None = None
    debugger: bool = False
    trackers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.address is not None and self.workers == 0:
            here = "--pdb" if self.debugger else "--workers 0"
            raise UserError(
                f"--address {self.address} runs on a Ray cluster, and {here} in this process, "
                "without Ray; leave one of them out"
            )
        if self.debugger and self.workers != 0:
            raise UserError(
                f"--pdb needs runs in this process, and --workers {self.workers} puts them into "
                "others; valid: --workers 0, which --pdb means by itself"
            )

    @property
    def place(self) -> str:
        """Where that is, for people."""
        return self.device if self.address is None else f"the Ray cluster at {self.address}"


@dataclass
class Outcome:
    """How a command's runs ended.

    Attributes:
        records: in the order in which the runs ended.
        unwritten: names of runs whose record could not be written, and why.
        not_run: names of runs that did not begin, and why.
        stopped: whether the user asked to stop before all were done.
    """

    records: list[Record] = field(default_factory=list)
    unwritten: dict[str, str] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
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


# No machine has more; what is larger is a slip of units, such as bytes for GiB.
_MOST = {"threads": 4096, "memory_gb": 2.0**20, "gpu_memory_gb": 2.0**20}


def needs_of(agent: type[Any]) -> Needs:
    """What an agent's class declares.

    Raises:
        UserError: for a need that is unknown, not above 0, or more than any machine has, and for
            a part of a thread.
    """
    declared = getattr(agent, "needs", {})
    known = [need.name for need in fields(Needs)]
    if not isinstance(declared, Mapping):
        raise UserError(
            f"needs of {agent.__name__} are {shown(declared)}; valid: a dict of "
            f"{', '.join(known)}; correct its attribute `needs`"
        )
    for name, value in declared.items():
        if name not in known:
            raise UserError(
                f"unknown need {shown(name)} of {agent.__name__}; valid: {', '.join(known)}; "
                "correct its attribute `needs`"
            )
        kind: type[Any]
        kind, valid = (Integral, "a whole number") if name == "threads" else (Real, "a number")
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        # Not `value <= 0`, which lets through what is no number; as it is, since a float cannot
        # hold every integer.
        if not is_number or not 0 < value <= _MOST[name]:
            raise UserError(
                f"need {name} of {agent.__name__} is {shown(value)}; valid: {valid} above 0, at "
                f"most {_MOST[name]:,.0f}; correct its attribute `needs`"
            )
    # Numbers of other libraries count too, but Ray takes Python's alone.
    needs = Needs(**declared)
    return Needs(int(needs.threads), float(needs.memory_gb), float(needs.gpu_memory_gb))


def set_threads(needs: Needs) -> None:
    """Gives this process as many threads of torch as a run needs."""
    import torch  # Keeps it out of --help.

    torch.set_num_threads(needs.threads)


def check_ray(
    way_out: str = ", or run one after another in this process, without Ray: --workers 0",
) -> None:
    """Looks whether Ray is installed, and does not import it, which takes a second.

    Args:
        way_out: what else to do than to install it.

    Raises:
        UserError: if it is not.
    """
    if find_spec("ray") is None:
        raise UserError(
            "Ray, which runs trials side by side, is not installed; install it with `python -m pip "
            f"install -c constraints.txt 'ray[tune]'`{way_out}"
        )


def torch_gpus(device: str) -> int:
    """How many GPUs of this machine are to be shared out among runs on a device.

    One that is given by number is not: all runs are on that one.
    """
    if device != "cuda":
        return 0
    import torch  # Keeps it out of --help.

    return int(torch.cuda.device_count())
