"""On a GPU time counts once its work is done."""

from __future__ import annotations

import time

import pytest
import torch

from benchmark.evaluation import device_clock
from benchmark.evaluation.device_clock import forget_peak, peak_bytes, seconds_now


def test_a_processor_counts_what_this_process_computes() -> None:
    begin = seconds_now("cpu")
    time.sleep(0.05)
    assert seconds_now("cpu") - begin < 0.04


def test_a_gpu_is_waited_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: asked.append(device))
    monkeypatch.setattr(
        device_clock, "time", type("Clock", (), {"perf_counter": lambda: float(len(asked))})
    )
    assert seconds_now("cuda:1") == 1.0 and asked == ["cuda:1"]


def test_a_processor_does_not_tell_its_memory() -> None:
    forget_peak("cpu")
    assert peak_bytes("cpu") is None


@pytest.mark.gpu
def test_a_peak_is_of_its_own_time() -> None:
    held = torch.zeros(2**20, device="cuda")
    del held
    forget_peak("cuda")
    small = torch.zeros(2**10, device="cuda")
    assert 0 < (peak_bytes("cuda") or 0) < 2**20 and small.sum() == 0
