"""What agents need, and what is set aside for them."""

from __future__ import annotations

import os
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.running.needs import Needs, needs_of, ray_resources, total_memory


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
        ({"threads": 0}, "need threads of Mine is 0; valid: a number above 0"),
        ({"gpu_memory_gb": -0.5}, "need gpu_memory_gb of Mine is -0.5; valid: a number above 0"),
        ({"threads": True}, "need threads of Mine is True; valid: a number above 0"),
        ({"memory_gb": "much"}, "need memory_gb of Mine is 'much'; valid: a number above 0"),
    ],
)
def test_bad_needs_are_named(needs: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        needs_of(_agent(**needs))


def test_resources_are_never_more_than_there_is() -> None:
    resources = ray_resources(Needs(threads=10_000, memory_gb=1e6), None)
    assert resources == {"CPU": os.cpu_count(), "memory": total_memory() / 2}


def test_resources_are_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.running.needs.os.cpu_count", lambda: 8)
    monkeypatch.setattr("benchmark.running.needs.total_memory", lambda: 32 * 2**30)
    assert ray_resources(Needs(3, 1.5), None) == {"CPU": 3.0, "memory": 1.5 * 2**30}
    assert ray_resources(Needs(9, 16.5), None) == {"CPU": 8.0, "memory": 16 * 2**30}
    monkeypatch.setattr("benchmark.running.needs.os.cpu_count", lambda: None)
    assert ray_resources(Needs(9), None)["CPU"] == 1


@pytest.mark.parametrize(
    ("gpu_gb", "needed", "share"),
    [
        *((80.0, 4.0, 0.05), (16.0, 4.0, 0.25), (2.0, 4.0, 1.0), (4.0, 4.0, 1.0)),
        # Upwards in hundredths: 4 / 7 is 0.571; 10 / 80 is 0.125.
        *((7.0, 4.0, 0.58), (80.0, 10.0, 0.13)),
    ],
)
def test_runs_share_a_gpu_by_its_memory(gpu_gb: float, needed: float, share: float) -> None:
    assert ray_resources(Needs(gpu_memory_gb=needed), gpu_gb)["GPU"] == share
