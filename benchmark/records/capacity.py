"""What this process may use of the machine: cores and main memory, by affinity and control groups.

A container or a batch system gives a job a part of a machine; what the machine has is then no
measure. Limits are read as the kernel documents them: of control groups version 2 from `cpu.max`,
`memory.max` and `memory.current`, of version 1 from the files with other names below.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OF_PROCESS = Path("/proc/self/cgroup")
_MEMORY = Path("/proc/meminfo")
# Where version 1 mounts what limits processors; the second is a common other name.
_CPU_FOLDERS = ("cpu", "cpu,cpuacct")
# Where the limit is, what is used, and how much of that are files that the kernel caches.
_MEMORY_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_MEMORY_2 = ("memory.max", "memory.current", "inactive_file")


def usable_cores() -> int:
    """Cores that this process may use: those of its affinity, as far as its control groups allow.

    A share of a core counts only if it is the only one.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:  # Of Linux alone.
        cores = os.cpu_count() or 1
    return max(1, int(min([cores, *_quotas()])))


def usable_memory() -> int:
    """Bytes of main memory that are free for this process, also by its control groups."""
    return int(max(0, min([_free_memory(), *_memory_left()])))


def _free_memory() -> int:
    """What the machine has free, its caches included."""
    lines = dict(line.split(":", 1) for line in _lines(_MEMORY) if ":" in line)
    if "MemAvailable" in lines:
        return int(lines["MemAvailable"].split()[0]) * 2**10
    if not hasattr(os, "sysconf"):
        return 2**63  # Unknown on this system: nothing is limited.
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _quotas() -> Iterator[float]:
    """How many cores' time each control group gives."""
    for folder in _folders("", ""):
        match _words(folder / "cpu.max"):
            case [most, period] if most.isdigit():
                yield int(most) / int(period)
    for mount in _CPU_FOLDERS:
        for folder in _folders(mount, "cpu"):
            given, span = (_words(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
            if given and span and int(given[0]) > 0:
                yield int(given[0]) / int(span[0])


def _memory_left() -> Iterator[int]:
    """Bytes that each control group has left; files that the kernel caches can be given up."""
    for controller, (limit, used, cached) in (("memory", _MEMORY_1), ("", _MEMORY_2)):
        for folder in _folders(controller, controller):
            match _words(folder / limit), _words(folder / used):
                case [most], [now] if most.isdigit():
                    details = dict(line.split() for line in _lines(folder / "memory.stat"))
                    yield int(most) - int(now) + int(details.get(cached, 0))


def _folders(mount: str, controller: str) -> Iterator[Path]:
    """The control groups of this process from its own up to the topmost.

    Args:
        mount: folder of a controller of version 1 below the mount point; "" for version 2.
        controller: name of it.
    """
    top = _GROUPS / mount
    for line in _lines(_OF_PROCESS):
        names, _, path = line.partition(":")[2].partition(":")
        if path and controller in names.split(","):
            own = top / path.lstrip("/")
            yield from (group for group in (own, *own.parents) if group.is_relative_to(top))
            return


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:  # Not on this system, or not to be seen from here.
        return []
