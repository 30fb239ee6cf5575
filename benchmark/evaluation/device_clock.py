"""Time and memory that a device takes, counted when it is done."""

from __future__ import annotations

import time

import torch


def seconds_now(device: str) -> float:
    """Seconds, of which only differences count.

    On a processor they are those that this process computed. A GPU works on when a call has
    returned: there it is the time of day once all that was asked of it is done.

    Args:
        device: name of a torch device.
    """
    if device == "cpu":
        return time.process_time()
    if device == "mps":
        torch.mps.synchronize()
    else:
        torch.cuda.synchronize(device)
    return time.perf_counter()


def forget_peak(device: str) -> None:
    """Lets the next `peak_bytes` count from now on."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: str) -> int | None:
    """The most that tensors took on a GPU at a time; None on other devices, which do not tell."""
    return torch.cuda.max_memory_allocated(device) if device.startswith("cuda") else None
