"""Measures trained agents of an output folder: what they are asked and reach, what plans are worth.

Like a video, that is after the score is recorded, from the files that a run has left behind.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from benchmark.agents.saved import WEIGHTS, load_agent, trained_task
from benchmark.errors import UserError, one_line
from benchmark.evaluation.asked_returns import can_be_asked, reach_asked_returns
from benchmark.evaluation.episode_seeds import following_seeds
from benchmark.evaluation.plan_worth import plan_worth
from benchmark.evaluation.rollout import EnvironmentPool
from benchmark.interface import Agent, PlanFollower, ReturnConditioned
from benchmark.records import system
from benchmark.records.calibration_record import (
    FAILED,
    MEASURED,
    NOTHING,
    CalibrationRecord,
    content_hash,
    write_calibration_record,
)
from benchmark.records.files import RunFiles
from benchmark.records.record import Record
from benchmark.tasks.environments import task_info


@dataclass(frozen=True)
class CalibrationOutcome:
    """How the measuring of one run ended.

    Attributes:
        run: its name.
        status: `MEASURED`; `NOTHING` where its agent neither is asked nor makes plans; `FAILED`.
        text: what happened, in one line.
    """

    run: str
    status: str
    text: str


def calibrate_runs(
    out: Path, records: Sequence[Record], episodes: int, device: str, jobs: int
) -> Iterator[CalibrationOutcome]:
    """Measures trained agents, each in its turn, and writes what was measured beside each record.

    Args:
        out: the folder that was `--out` of the runs.
        records: of runs whose agents are there.
        episodes: two or more for each rollout.
        device: name of a torch device.
        jobs: processes.
    """
    if jobs == 1:
        yield from (_outcome(out, record, episodes, device) for record in records)
        return
    # Torch and MuJoCo do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        waiting = [pool.submit(_outcome, out, record, episodes, device) for record in records]
        try:
            yield from (future.result() for future in as_completed(waiting))
        except BaseException:  # Whoever asks to stop is not to wait for hours of work.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _outcome(out: Path, record: Record, episodes: int, device: str) -> CalibrationOutcome:
    """Measures one run; whatever its agent raises costs only this one."""
    name, begin = record.run.name, time.perf_counter()
    try:
        calibration = calibrate_run(out, record, episodes, device)
    except UserError as error:
        return CalibrationOutcome(name, FAILED, str(error))
    except Exception as error:  # Of somebody else's agent.
        return CalibrationOutcome(name, FAILED, f"{type(error).__name__}: {one_line(error)}")
    if calibration is None:
        return CalibrationOutcome(
            name, NOTHING, "is not asked for returns, and makes no plans to exchange"
        )
    seconds = time.perf_counter() - begin
    write_calibration_record(out, replace(calibration, seconds=seconds))
    return CalibrationOutcome(name, MEASURED, f"measured in {seconds:.0f} s")


def calibrate_run(
    out: Path, record: Record, episodes: int, device: str
) -> CalibrationRecord | None:
    """All that can be measured of one trained agent; None where there is nothing.

    Args:
        out: the folder that was `--out` of the run.
        record: of the run.
        episodes: two or more for each rollout.
        device: name of a torch device.

    Raises:
        UserError: if the agent cannot be loaded.
    """
    files, started = RunFiles(out, record.run.name), datetime.now(timezone.utc)
    agent: Agent = load_agent(files.agent, device)
    is_asked, follows_plan = can_be_asked(agent), isinstance(agent, PlanFollower)
    if not is_asked and not follows_plan:
        return None
    row = trained_task(files.agent)
    task, info = row.scored_by(record.dataset.get("reference_scores")), task_info(row)
    seeds = following_seeds(episodes)
    calibration = CalibrationRecord(
        record.run.name,
        content_hash(files.record),
        content_hash(files.agent / WEIGHTS),
        seeds,
        versions=system.versions(),
        commit=system.commit(),
        machine=system.machine(device),
        started=started.isoformat(timespec="seconds"),
    )
    with EnvironmentPool(task) as pool:
        if is_asked and isinstance(agent, ReturnConditioned):
            calibration = replace(
                calibration,
                asking_unit=agent.asking_unit,
                discount=agent.requested_discount,
                levels=reach_asked_returns(agent, agent, pool, seeds),
            )
        if isinstance(agent, PlanFollower):
            worth = plan_worth(agent, agent, pool, seeds, (info.action_low, info.action_high))
            calibration = replace(
                calibration,
                exchange_scores=worth.scores,
                plan_share=None if worth.share != worth.share else worth.share,
                states=worth.states,
            )
    return calibration
