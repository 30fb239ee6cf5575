"""Devices by name: which there are, and which are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from benchmark.errors import UserError
from benchmark.records.devices import check_device, resolve_device, usable_device


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes this machine one with so many GPUs, and with or without Apple's."""

    def has(gpus: int, mps: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return has


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:3", "mps"])
def test_devices_are_known_by_name(name: str) -> None:
    check_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "CPU", "cuda:-1"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="unknown device .*; valid: auto, cpu, cuda, cuda:N, mps"):
        check_device(name)


def test_auto_takes_what_is_there(machine: Callable[..., None]) -> None:
    machine(0)
    assert resolve_device("auto") == resolve_device("cpu") == "cpu"
    machine(1)
    assert resolve_device("auto") == "cuda"
    machine(0, mps=True)
    assert resolve_device("auto") == "cpu" and resolve_device("mps") == "mps"


def test_gpus_are_counted_from_0(machine: Callable[..., None]) -> None:
    machine(2)
    for name in ("cpu", "cuda", "cuda:0", "cuda:1"):
        assert resolve_device(name) == name
    has = "which has: cpu, cuda, cuda:0, cuda:1; valid"
    with pytest.raises(UserError, match=f"device 'cuda:2' is not on this machine, {has}"):
        resolve_device("cuda:2")


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps"])
def test_a_device_that_is_not_there_is_refused(machine: Callable[..., None], name: str) -> None:
    machine(0)
    message = f"device '{name}' is not on this machine, which has: cpu; valid"
    with pytest.raises(UserError, match=message):
        resolve_device(name)


def test_an_unknown_device_is_none() -> None:
    with pytest.raises(UserError, match="unknown device 'gpu'"):
        resolve_device("gpu")


def test_another_machines_device_is_the_best_of_this_one(machine: Callable[..., None]) -> None:
    machine(0)
    assert [usable_device(name) for name in ("cuda", "auto", "cpu")] == ["cpu"] * 3
    machine(2)
    assert [usable_device(name) for name in ("cuda:1", "cuda:7")] == ["cuda:1", "cuda"]
