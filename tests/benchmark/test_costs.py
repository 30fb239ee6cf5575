from __future__ import annotations

import math

import pandas as pd

from benchmark.costs import cost_frame, latency_frame, score_by_latency
from tests.benchmark.made_up import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
GPU = {"processor": "Chip 1", "device": "cuda", "gpu": "Card 2"}


def test_latency_over_all_samples_of_an_agent() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0, latency_ms=[float(n) for n in range(51)]),
        completed(MEDIUM, "mage", 0, 1.0, latency_ms=[float(n) for n in range(51, 101)]),
        completed(UMAZE, "bc", 0, 1.0, latency_ms=[]),
        failed(UMAZE, "dt", 0, latency_ms=[9.0]),
    ]
    (row,) = latency_frame(records).to_dict("records")
    expected = {
        "agent": "mage",
        "hardware": "Chip 1, cpu",
        "average": 50.0,
        "median": 50.0,
        "p95": 95.0,
        "p99": 99.0,
    }
    assert row == {**expected, "samples": 101}


def test_latency_is_not_pooled_over_hardware() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), completed(UMAZE, "mage", 1, 1.0, machine=GPU)]
    assert list(latency_frame(records)["hardware"]) == ["Chip 1, Card 2", "Chip 1, cpu"]


def test_costs_are_the_median_over_runs_and_the_largest_memory() -> None:
    records = [
        completed(task, "mage", 0, 1.0, seconds={"fit": fit}, steps_taken=100, **more)
        for task, fit, more in (
            (UMAZE, 10.0, {"parameters": 7, "peak_memory_mb": 5.0}),
            (MEDIUM, 20.0, {"parameters": 9, "peak_memory_mb": 6.0}),
            ("maze2d-large", 50.0, {"parameters": 8, "peak_memory_mb": 4.0}),
        )
    ]
    (row,) = cost_frame([*records, failed(UMAZE, "bc", 0)]).to_dict("records")
    assert (row["benchmark"], row["agent"], row["hardware"]) == ("maze2d", "mage", "Chip 1, cpu")
    # Of 100 steps in 10, 20 and 50 seconds the median rate is 5 a second.
    assert (row["seconds"], row["steps"], row["updates"], row["runs"]) == (20.0, 100.0, 5.0, 3)
    assert (row["parameters_least"], row["parameters_most"]) == (7.0, 9.0)
    assert row["peak_memory_mb"] == 6.0


def test_costs_that_no_record_tells_are_not_a_number() -> None:
    (row,) = cost_frame([completed(UMAZE, "mage", 0, 1.0)]).to_dict("records")
    assert all(math.isnan(row[name]) for name in ("seconds", "updates", "peak_memory_mb"))
    assert cost_frame([]).empty


def test_score_and_latency_on_the_hardware_that_most_agents_were_timed_on() -> None:
    records = [completed(UMAZE, agent, 0, 1.0) for agent in ("mage", "bc")]
    latency = latency_frame([*records, completed(UMAZE, "dt", 0, 1.0, machine=GPU)])
    aggregates = pd.DataFrame({"group": "maze2d", "agent": ["mage", "bc", "dt"], "iqm": 1.0})
    points = score_by_latency(aggregates, latency)
    assert dict(zip(points["agent"], points["milliseconds"], strict=True)) == {"mage": 2, "bc": 2}
    assert set(points["hardware"]) == {"Chip 1, cpu"}
