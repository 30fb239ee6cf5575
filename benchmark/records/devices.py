"""Devices of this machine by their names."""

from __future__ import annotations

import re

from benchmark.errors import UserError

_VALID = "valid: auto, cpu, cuda, cuda:N, mps"
_AUTO = "--device auto takes a CUDA GPU if there is one, and else the processor"


def check_device(name: str) -> None:
    """Refuses what is no device at all; does not look at the machine.

    Raises:
        UserError: for an unknown name.
    """
    if not re.fullmatch(r"auto|cpu|cuda|cuda:\d+|mps", name, re.ASCII):
        raise UserError(f"unknown device {name!r}; {_VALID}; {_AUTO}")


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
            f"{_VALID}; {_AUTO}"
        )
    return name


def usable_device(name: str) -> str:
    """A device of this machine for what was trained on one that may be of another machine."""
    try:
        return resolve_device(name)
    except UserError:
        return resolve_device("auto")
