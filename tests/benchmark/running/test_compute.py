"""What runs are computed on: devices that are there, and what agents need."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.running.compute import (
    Compute,
    Needs,
    check_ray,
    needs_of,
    set_threads,
    torch_gpus,
)
from tests.benchmark.records.test_devices import machine

__all__ = ["machine"]  # A fixture.


def _agent(**needs: Any) -> type[Any]:
    return type("Mine", (), {"needs": needs} if needs else {})


def test_an_agent_may_declare_its_needs() -> None:
    assert needs_of(_agent()) == Needs(threads=1, memory_gb=2.0, gpu_memory_gb=4.0)
    assert needs_of(_agent(threads=2)) == Needs(2, 2.0, 4.0)
    own = {"threads": 3, "memory_gb": 8, "gpu_memory_gb": 0.5}
    assert needs_of(_agent(**own)) == Needs(threads=3, memory_gb=8, gpu_memory_gb=0.5)


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"cores": 2}, "unknown need 'cores' of Mine; valid: threads, memory_gb, gpu_memory_gb"),
        ({"threads": 0}, "need threads of Mine is 0; valid: a whole number above 0"),
        ({"gpu_memory_gb": -0.5}, "need gpu_memory_gb of Mine is -0.5; valid: a number above 0"),
        ({"threads": True}, "need threads of Mine is True; valid: a whole number above 0"),
        ({"memory_gb": "much"}, "need memory_gb of Mine is 'much'; valid: a number above 0"),
        ({"memory_gb": math.nan}, "need memory_gb of Mine is nan; valid: a number above 0"),
        ({"memory_gb": math.inf}, "need memory_gb of Mine is inf; valid: .* at most 1,048,576"),
        ({"gpu_memory_gb": 8 * 2**30}, "need gpu_memory_gb of Mine is 8589934592; valid: .* at mo"),
        ({"threads": 1.5}, "need threads of Mine is 1.5; valid: a whole number above 0"),
        ({"threads": 2.0}, "need threads of Mine is 2.0; valid: a whole number above 0"),
        ({"threads": 10**6}, "need threads of Mine is 1000000; valid: .* at most 4,096"),
        ({"memory_gb": 10**400}, "need memory_gb of Mine is 1000.*; valid: a number above 0, at m"),
        (
            {"threads": 10**5000},
            "need threads of Mine is an object of type int that cannot be printed; valid",
        ),
        ({"threads": None}, "need threads of Mine is None; valid: a whole number"),
    ],
)
def test_bad_needs_are_named(needs: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        needs_of(_agent(**needs))


def test_needs_that_are_no_dict_are_named() -> None:
    mine = type("Mine", (), {"needs": ["threads"]})
    with pytest.raises(UserError, match=r"needs of Mine are \['threads'\]; valid: a dict of t"):
        needs_of(mine)


def test_numbers_of_other_libraries_become_pythons_own() -> None:
    needs = needs_of(_agent(threads=np.int64(3), memory_gb=np.float32(0.5)))
    assert needs == Needs(3, 0.5)
    assert [type(value) for value in (needs.threads, needs.memory_gb)] == [int, float]


@pytest.mark.parametrize(("device", "gpus"), [("cuda", 2), ("cuda:1", 0), ("cpu", 0), ("auto", 0)])
def test_gpus_are_shared_out_where_none_is_given_by_number(
    machine: Callable[..., None], device: str, gpus: int
) -> None:
    machine(2)
    assert torch_gpus(device) == gpus


def test_where_runs_are_trained_is_told_to_people() -> None:
    assert Compute("cuda", 1).place == "cuda"
    assert Compute("auto", 1, "host:1").place == "the Ray cluster at host:1"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"workers": 0, "address": "auto"}, "--address auto .* --workers 0 in this process"),
        ({"workers": 0, "address": "a:1", "debugger": True}, "--address a:1 .* --pdb in this"),
        ({"workers": 3, "debugger": True}, "--pdb needs runs in this process, and --workers 3"),
    ],
)
def test_what_needs_this_process_and_others_is_refused(given: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Compute("cpu", **given)


def test_a_ray_that_is_not_there_is_named_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match="is not installed; .*pip install.* --workers 0$"):
        check_ray()
    with pytest.raises(UserError, match="'ray.tune.'`; there is no search$"):
        check_ray("; there is no search")


def test_a_process_has_the_threads_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", threads.append)
    set_threads(Needs(threads=3))
    assert threads == [3]
