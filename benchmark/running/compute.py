"""Where and how a command trains its runs, and how that ended; what does it is in `parallel`."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark.records.record import Record


@dataclass(frozen=True)
class Engine:
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
