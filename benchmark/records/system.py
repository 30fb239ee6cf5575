"""What a number came out of: code, libraries, machine and memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmark.records.capacity import usable_cores
from benchmark.records.parts import Origin

LIBRARIES = (
    "mage-bench",
    "torch",
    "numpy",
    "d3rlpy",
    "diffusers",
    "minari",
    "gymnasium",
    "gymnasium-robotics",
    "mujoco",
    "ray",
)

# Python compiles what it runs, and a larger repository need not say that git ignores it.
_COMPILED = ":(exclude)*__pycache__*"
_CODE = ("mage", "baselines", "benchmark", "constraints.txt", "pyproject.toml", _COMPILED)


def origin(benchmark: str) -> Origin:
    """What every record says of the code that made it.

    Args:
        benchmark: the suite that the run's task belongs to.
    """
    return Origin(benchmark, versions(), commit())


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that can change a score."""
    installed = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            installed[library] = version(library)
        except PackageNotFoundError:
            continue
    return installed


def commit() -> str | None:
    """This code's commit, None outside a checkout; `-dirty` if a file was changed or is new."""
    module = Path(__file__).resolve()
    # What a hook or a shell tells git of another checkout is not meant for this one.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(module.parents[2]), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=ours)
        return done.stdout.strip()

    try:
        # An installed copy can lie inside somebody else's checkout.
        git("ls-files", "--error-unmatch", str(module))
        head = git("rev-parse", "HEAD")
        # Only code, its settings and its libraries count: records change with every run.
        # A new file can stand before another of its name, or hold what is looked for in a folder.
        changed = git("status", "--porcelain", "--untracked-files=normal", "--", *_CODE)
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head}-dirty" if changed else head


def machine(device: str) -> dict[str, Any]:
    """Processor, cores and niceness of this process, and the device that networks ran on."""
    parts: dict[str, Any] = {
        "processor": _processor(),
        "cores": usable_cores(),
        "system": platform.platform(),
        "device": device,
    }
    if hasattr(os, "nice"):  # Not on Windows.
        parts["niceness"] = os.nice(0)
    if device.startswith("cuda"):
        import torch  # Not needed without a GPU.

        parts["gpu"] = torch.cuda.get_device_name(device)
    return parts


def peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far, in MiB; None where no system tells."""
    peak = peak_memory()
    return None if peak is None else peak / 2**20


def peak_memory() -> int | None:
    """Largest resident memory of this process so far, in bytes; None where no system tells.

    So far: since its start, or since `reset_peak_memory`.
    """
    if (peak := linux_figure("status", "VmHWM")) is not None:
        return peak
    try:
        import resource
    except ImportError:  # Windows has none.
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 2**10  # Bytes there, KiB elsewhere.


def reset_peak_memory() -> bool:
    """Lets `peak_memory` begin anew with what is resident now; False where no system can."""
    try:
        # See "clear_refs" in proc(5).
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    except OSError:
        return False
    return True


def linux_figure(file: str, name: str) -> int | None:
    """A figure in bytes that Linux has of this process, in `/proc/self`; None elsewhere."""
    try:
        lines = Path("/proc/self", file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 2**10


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
