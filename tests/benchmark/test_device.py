"""Devices: what is asked for, and what this machine has."""

from __future__ import annotations

import pytest
import torch

from benchmark.device import check_device, resolve_device
from benchmark.errors import UserError


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:3", "mps"])
def test_devices_are_known_by_name(name: str) -> None:
    check_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "CPU", "cuda:-1"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="unknown device .*; valid: auto, cpu, cuda, cuda:N, mps"):
        check_device(name)


def test_auto_takes_what_is_there() -> None:
    assert resolve_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert resolve_device("cpu") == "cpu"


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="device 'cuda:99' is not on this machine, which has: cpu"):
        resolve_device("cuda:99")
