"""Records -> what an agent costs: the time of an action, and time and memory of training."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.statistics.score_frames import in_order, in_table_order

CONTROL_MS = 50.0  # Of a loop at 20 Hz.
_AS_LONG = 1.25  # How many times longer than another a training may be and still be as long.


def hardware(record: Record) -> str:
    """What a run's times were measured on: processor, and GPU or device."""
    machine = record.machine
    parts = (machine.get("processor"), machine.get("gpu") or machine.get("device"))
    return ", ".join(str(part) for part in parts if part) or "unknown"


def latency_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Mean and percentiles of the time of single `act` calls, over all samples of an agent.

    How long an action takes depends on the task: on how long its plans are, and for how many steps
    they are followed. So no time is of several benchmarks together.

    Returns:
        Columns `benchmark`, `agent`, `hardware`, `average`, `median`, `p95`, `p99` (milliseconds),
        `samples`; one row per agent of a benchmark, or more if it was timed on different hardware.
    """
    samples: dict[tuple[str, str, str], list[float]] = {}
    for record in in_table_order(records):
        if record.status in SCORED_STATUSES and record.latency_ms:
            cell = record.benchmark, record.run.agent, hardware(record)
            samples.setdefault(cell, []).extend(record.latency_ms)
    columns = ["benchmark", "agent", "hardware", "average", "median", "p95", "p99", "samples"]
    benchmarks = list(dict.fromkeys(benchmark for benchmark, _, _ in samples))
    agents = in_order((agent for _, agent, _ in samples), ROW_ORDER)

    def place(cell: tuple[str, str, str]) -> tuple[int, int, str]:
        return benchmarks.index(cell[0]), agents.index(cell[1]), cell[2]

    rows = [
        (*cell, np.mean(times), *np.percentile(times, [50, 95, 99]), len(times))
        for cell in sorted(samples, key=place)
        for times in [samples[cell]]
    ]
    return pd.DataFrame(rows, columns=columns)


def cost_frame(records: Iterable[Record]) -> pd.DataFrame:
    """What training took, for every agent of a benchmark on the hardware that it ran on.

    Returns:
        Columns `benchmark`, `agent`, `hardware`; of a run, the median over all scored ones:
        `seconds` (of training alone, without data, scores and evaluation), `steps` (gradient
        steps) and `updates` (of them a second); `parameters_least` and `parameters_most` (weights;
        they differ with the task); `peak_memory_mb` (of the run that took most), and `runs`. NaN
        where the records do not tell.
    """
    rows = [
        {
            "benchmark": record.benchmark,
            "agent": record.run.agent,
            "hardware": hardware(record),
            "seconds": record.seconds.get("fit", math.nan),
            "steps": math.nan if record.steps is None else record.steps,
            "parameters": math.nan if record.parameters is None else record.parameters,
            "peak_memory_mb": record.peak_memory_mb,
        }
        for record in in_table_order(records)
        if record.status in SCORED_STATUSES
    ]
    keys = ["benchmark", "agent", "hardware"]
    columns = [*keys, "seconds", "steps", "parameters", "peak_memory_mb"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], float))
    frame["updates"] = (frame["steps"] / frame["seconds"]).where(frame["seconds"] > 0)
    cells = frame.groupby(keys, sort=False)
    return cells.agg(
        seconds=("seconds", "median"),
        steps=("steps", "median"),
        updates=("updates", "median"),
        parameters_least=("parameters", "min"),
        parameters_most=("parameters", "max"),
        peak_memory_mb=("peak_memory_mb", "max"),
        runs=("seconds", "size"),
    ).reset_index()


def uneven_training(costs: pd.DataFrame) -> list[str]:
    """One sentence for every benchmark and hardware where training took some agents longer.

    Args:
        costs: from `cost_frame`.
    """
    learnt = costs[costs["steps"].ne(0) & costs["seconds"].gt(0)]
    sentences = []
    for (benchmark, machine), rows in learnt.groupby(["benchmark", "hardware"], sort=False):
        least, most = (
            rows.loc[index] for index in (rows["seconds"].idxmin(), rows["seconds"].idxmax())
        )
        if most["seconds"] > _AS_LONG * least["seconds"]:
            sentences.append(
                f"{benchmark}, on {machine}: training took from {least['seconds']:,.0f} s "
                f"({display_name(least['agent'])}) to {most['seconds']:,.0f} s "
                f"({display_name(most['agent'])})"
            )
    return sentences


def score_by_latency(aggregates: pd.DataFrame, latency: pd.DataFrame) -> pd.DataFrame:
    """What an agent scores on a benchmark and how long it takes to act there, where both are known.

    Times compare on the same hardware only: where one agent alone was timed, nothing does. Of all
    tasks together there is nothing either, as an agent has no one time on them.

    Args:
        aggregates: from `aggregates.aggregate_frame`.
        latency: from `latency_frame`.

    Returns:
        The aggregates with the columns `hardware` and `milliseconds` (mean of one action); a row
        for each hardware that an agent was timed on beside another.
    """
    timed = latency.rename(columns={"benchmark": "group", "average": "milliseconds"})
    keys = ["group", "agent"]
    points = aggregates.merge(timed[[*keys, "hardware", "milliseconds"]], on=keys)
    beside = points.groupby(["group", "hardware"])["agent"].transform("size")
    return points[beside > 1].reset_index(drop=True)
