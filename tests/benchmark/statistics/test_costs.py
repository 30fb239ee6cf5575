from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from benchmark.statistics.costs import (
    cost_frame,
    hardware,
    latency_frame,
    score_by_latency,
    uneven_training,
)
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
GPU = {"processor": "Chip 1", "device": "cuda", "gpu": "Card 2"}


def test_latency_over_all_samples_of_an_agent() -> None:
    # 0, 1, ..., 100, but for the last, which is 605: a hundredth of the samples lie above 99, five
    # above 95, and the mean is 5 more than the median.
    records = [
        completed(UMAZE, "mage", 0, 1.0, latency_ms=[float(n) for n in range(51)]),
        completed(MEDIUM, "mage", 0, 1.0, latency_ms=[float(n) for n in [*range(51, 100), 605]]),
        completed(UMAZE, "bc", 0, 1.0, latency_ms=[]),
        failed(UMAZE, "dt", 0, latency_ms=[9.0]),
    ]
    (row,) = latency_frame(records).to_dict("records")
    expected = {
        "benchmark": "maze2d",
        "agent": "mage",
        "hardware": "Chip 1, cpu",
        "average": 55.0,
        "median": 50.0,
        "p95": 95.0,
        "p99": 99.0,
    }
    assert row == {**expected, "samples": 101}


def test_latency_is_not_pooled_over_hardware() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), completed(UMAZE, "mage", 1, 1.0, machine=GPU)]
    assert list(latency_frame(records)["hardware"]) == ["Chip 1, Card 2", "Chip 1, cpu"]


def test_latency_is_not_pooled_over_benchmarks() -> None:
    records = [
        completed(UMAZE, "bc", 0, 1.0, latency_ms=[3.0]),
        completed(MEDIUM, "mage", 0, 1.0, latency_ms=[2.0, 4.0]),
        completed("adroit-pen-human", "mage", 0, 1.0, latency_ms=[80.0]),
    ]
    rows = latency_frame(records)[["benchmark", "agent", "average", "samples"]]
    assert list(rows.itertuples(index=False, name=None)) == [
        ("adroit", "mage", 80.0, 1),
        ("maze2d", "mage", 3.0, 2),
        ("maze2d", "bc", 3.0, 1),
    ]


def test_costs_are_the_median_over_runs_and_the_largest_memory() -> None:
    told = (
        (UMAZE, 10.0, 400, {"parameters": 7, "peak_memory_mb": 5.0}),
        (MEDIUM, 20.0, 100, {"parameters": 9, "peak_memory_mb": 6.0}),
        ("maze2d-large", 90.0, 900, {"parameters": 8, "peak_memory_mb": 4.0}),
    )
    records = [
        completed(
            *(task, "mage", 0, 1.0),
            seconds={"data": 1000.0, "fit": fit, "evaluate": 3000.0, "total": 5000.0},
            steps=1000,
            steps_taken=steps,
            **more,
        )
        for task, fit, steps, more in told
    ]
    (row,) = cost_frame([*records, failed(UMAZE, "bc", 0)]).to_dict("records")
    # Rates are 40, 5 and 10 steps a second; the middle one is not 400 steps in 20 seconds.
    assert row == {
        **{"benchmark": "maze2d", "agent": "mage", "hardware": "Chip 1, cpu", "seconds": 20.0},
        **{"steps": 400.0, "updates": 10.0, "parameters_least": 7.0, "parameters_most": 9.0},
        **{"peak_memory_mb": 6.0, "runs": 3},
    }


def test_costs_are_told_apart_by_benchmark_agent_and_hardware() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0, seconds={"fit": 1.0}),
        completed(UMAZE, "bc", 0, 1.0, seconds={"fit": 2.0}),
        completed("adroit-pen-human", "mage", 0, 1.0, seconds={"fit": 3.0}),
        completed(UMAZE, "mage", 1, 1.0, seconds={"fit": 4.0}, machine=GPU),
    ]
    frame = cost_frame(records)[["benchmark", "agent", "hardware", "seconds", "runs"]]
    assert list(frame.itertuples(index=False, name=None)) == [
        ("adroit", "mage", "Chip 1, cpu", 3.0, 1),
        ("maze2d", "mage", "Chip 1, cpu", 1.0, 1),
        ("maze2d", "mage", "Chip 1, Card 2", 4.0, 1),
        ("maze2d", "bc", "Chip 1, cpu", 2.0, 1),
    ]


def test_capped_runs_cost_and_are_timed_and_training_of_no_time_has_no_rate() -> None:
    record = completed(UMAZE, "mage", 0, 1.0, seconds={"fit": 0.5}, steps_taken=10)
    assert cost_frame([record])["updates"].tolist() == [20.0]
    record = replace(record, seconds={"fit": 0.0})
    capped = replace(record, status="capped")
    (row,) = cost_frame([capped]).to_dict("records")
    assert (row["seconds"], row["steps"]) == (0.0, 10.0)
    assert math.isnan(row["updates"])
    assert list(latency_frame([capped])["samples"]) == [3]


def test_hardware_is_the_processor_and_the_gpu_or_else_the_device() -> None:
    machines = (GPU, {"processor": "Chip 1", "device": "cpu"}, {"gpu": "Card 2"}, {})
    told = [hardware(completed(UMAZE, "mage", 0, 1.0, machine=each)) for each in machines]
    assert told == ["Chip 1, Card 2", "Chip 1, cpu", "Card 2", "unknown"]


def test_costs_that_no_record_tells_are_not_a_number() -> None:
    (row,) = cost_frame([completed(UMAZE, "mage", 0, 1.0)]).to_dict("records")
    assert all(math.isnan(row[name]) for name in ("seconds", "updates", "peak_memory_mb"))
    assert cost_frame([]).empty


def test_training_that_was_longer_for_some_agents_is_named_on_each_hardware() -> None:
    seconds = {"mage": 126.0, "dt": 100.0, "bc": 110.0}
    records = [completed(UMAZE, agent, 0, 1.0, seconds={"fit": s}) for agent, s in seconds.items()]
    records.append(completed(UMAZE, "random", 0, 1.0, seconds={"fit": 0.1}, steps_taken=0))
    records.append(completed(UMAZE, "iql", 0, 1.0, seconds={"fit": 1.0}, machine=GPU))
    assert uneven_training(cost_frame(records)) == [
        "maze2d, on Chip 1, cpu: training took from 100 s (DT) to 126 s (MAGE)"
    ]
    # A quarter more is as long.
    assert uneven_training(cost_frame(records[1:])) == []
    as_long = completed(UMAZE, "mage", 0, 1.0, seconds={"fit": 125.0})
    assert uneven_training(cost_frame([as_long, *records[1:]])) == []
    assert uneven_training(cost_frame([])) == []


def test_an_agent_has_its_time_on_each_benchmark_and_hardware_where_it_was_timed() -> None:
    # The mean of each, which is not its median; on the other hardware MAGE is faster.
    times = {"mage": [1.0, 2.0, 9.0], "bc": [0.0, 1.0, 8.0]}
    records = [completed(UMAZE, agent, 0, 1.0, latency_ms=each) for agent, each in times.items()]
    records += [
        completed(UMAZE, agent, 1, 1.0, latency_ms=[time], machine=GPU)
        for agent, time in (("mage", 0.5), ("bc", 0.25))
    ]
    records += [
        completed("adroit-pen-human", agent, 0, 1.0, latency_ms=[time])
        for agent, time in (("mage", 80.0), ("dt", 5.0))
    ]
    latency = latency_frame([*records, failed(UMAZE, "dt", 0)])
    cells = [(group, agent) for group in ("adroit", "maze2d") for agent in ("mage", "bc", "dt")]
    aggregates = pd.DataFrame([*cells, ("all tasks", "mage")], columns=["group", "agent"])
    points = score_by_latency(aggregates.assign(iqm=range(7)), latency)
    assert list(points.itertuples(index=False, name=None)) == [
        ("adroit", "mage", 0, "Chip 1, cpu", 80.0),
        ("adroit", "dt", 2, "Chip 1, cpu", 5.0),
        ("maze2d", "mage", 3, "Chip 1, Card 2", 0.5),
        ("maze2d", "mage", 3, "Chip 1, cpu", 4.0),
        ("maze2d", "bc", 4, "Chip 1, Card 2", 0.25),
        ("maze2d", "bc", 4, "Chip 1, cpu", 3.0),
    ]


def test_times_of_agents_that_never_shared_hardware_do_not_compare() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0), completed(UMAZE, "bc", 0, 1.0, machine=GPU)]
    aggregates = pd.DataFrame({"group": "maze2d", "agent": ["mage", "bc"], "iqm": [7, 8]})
    assert score_by_latency(aggregates, latency_frame(records)).empty
