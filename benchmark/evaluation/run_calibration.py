"""Measures trained agents of an output folder: returns asked and reached, plans, perturbations.

Like a video, that is after the score is recorded, from the files that a run has left behind.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from benchmark.agents.saved import WEIGHTS, load_agent, trained_task
from benchmark.errors import UserError, one_line
from benchmark.evaluation.asked_returns import can_be_asked, reach_asked_returns
from benchmark.evaluation.episode_seeds import following_seeds
from benchmark.evaluation.perturbations import Perturbation
from benchmark.evaluation.plan_worth import plan_worth
from benchmark.evaluation.rollout import EnvironmentPool, evaluate
from benchmark.interface import Agent, PlanFollower, ReturnConditioned
from benchmark.records import system
from benchmark.records.calibration_record import (
    FAILED,
    MEASURED,
    NOTHING,
    UNDISTURBED,
    CalibrationRecord,
    calibration_of,
    content_hash,
    is_of_record,
    read_calibrations,
    write_calibration_record,
)
from benchmark.records.files import RunFiles
from benchmark.records.record import Record
from benchmark.records.text import listed
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment, task_info


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
    out: Path,
    records: Sequence[Record],
    episodes: int,
    device: str,
    jobs: int,
    perturbations: Sequence[Perturbation] = (),
) -> Iterator[CalibrationOutcome]:
    """Measures trained agents, each in its turn, and writes what was measured beside each record.

    Args:
        out: the folder that was `--out` of the runs.
        records: of runs whose agents are there.
        episodes: two or more for each rollout.
        device: name of a torch device.
        jobs: processes.
        perturbations: to be measured in place of returns and plans.
    """
    outcome = partial(_outcome, out, episodes=episodes, device=device, perturbations=perturbations)
    if jobs == 1:
        yield from map(outcome, records)
        return
    # Torch and MuJoCo do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        waiting = [pool.submit(outcome, record) for record in records]
        try:
            yield from (future.result() for future in as_completed(waiting))
        except BrokenProcessPool as error:
            raise UserError(
                "a process that measured was killed, for its memory perhaps; fewer --jobs, and "
                "--resume, measure the rest"
            ) from error
        except BaseException:  # Whoever asks to stop is not to wait for hours of work.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _outcome(
    out: Path, record: Record, episodes: int, device: str, perturbations: Sequence[Perturbation]
) -> CalibrationOutcome:
    """Measures one run; whatever its agent raises costs only this one."""
    name, begin = record.run.name, time.perf_counter()
    try:
        calibration = calibrate_run(out, record, episodes, device, perturbations)
    except UserError as error:
        return CalibrationOutcome(name, FAILED, str(error))
    except Exception as error:  # Of somebody else's agent.
        return CalibrationOutcome(name, FAILED, f"{type(error).__name__}: {one_line(error)}")
    if calibration is None:
        return CalibrationOutcome(
            name, NOTHING, "is not asked for returns, and makes no plans to exchange"
        )
    seconds = time.perf_counter() - begin
    spent = seconds + (calibration.seconds or 0.0)  # Also on what was measured before, and stays.
    write_calibration_record(out, replace(calibration, seconds=spent))
    return CalibrationOutcome(name, MEASURED, f"measured in {seconds:.0f} s")


def calibrate_run(
    out: Path,
    record: Record,
    episodes: int,
    device: str,
    perturbations: Sequence[Perturbation] = (),
) -> CalibrationRecord | None:
    """All that can be measured of one trained agent; None where there is nothing.

    What was measured before of the same agent in the same way, and is not measured now, stays.

    Args:
        out: the folder that was `--out` of the run.
        record: of the run.
        episodes: two or more for each rollout.
        device: name of a torch device.
        perturbations: to be measured in place of returns and plans.

    Raises:
        UserError: if the agent cannot be loaded.
    """
    files = RunFiles(out, record.run.name)
    agent: Agent = load_agent(files.agent, device)
    is_asked, follows_plan = can_be_asked(agent), isinstance(agent, PlanFollower)
    if not (is_asked or follows_plan or perturbations):
        return None
    row = trained_task(files.agent)
    task = row.scored_by(record.dataset.get("reference_scores"))
    calibration = _with_what_was_measured(_to_measure(out, record, episodes, device), out)
    if perturbations:
        return replace(
            calibration,
            perturbed_scores=calibration.perturbed_scores
            | perturbed_scores(agent, task, calibration.episode_seeds, perturbations),
        )
    return _asked_and_planned(agent, task, calibration)


def _to_measure(out: Path, record: Record, episodes: int, device: str) -> CalibrationRecord:
    """Of which agent, and how, before anything is measured."""
    files, started = RunFiles(out, record.run.name), datetime.now(timezone.utc)
    return CalibrationRecord(
        run=record.run.name,
        record_hash=content_hash(files.record),
        weights_hash=content_hash(files.agent / WEIGHTS),
        episode_seeds=following_seeds(episodes),
        versions=system.versions(),
        commit=system.commit(),
        machine=system.machine(device),
        started=started.isoformat(timespec="seconds"),
    )


_OF_AGENT = ("run", "record_hash", "weights_hash")
_OF_MEASURING = ("episode_seeds", "versions", "commit", "machine")


def _with_what_was_measured(calibration: CalibrationRecord, out: Path) -> CalibrationRecord:
    """With what was measured of the same agent, on the same episodes, in the same way."""
    before = calibration_of(out, calibration.run)
    if before is None or _differences(before, calibration, (*_OF_AGENT, *_OF_MEASURING)):
        return calibration
    return replace(before, started=calibration.started)


def _differences(
    before: CalibrationRecord, now: CalibrationRecord, names: Sequence[str]
) -> list[str]:
    return [name for name in names if getattr(before, name) != getattr(now, name)]


def check_nothing_is_lost(
    out: Path,
    records: Sequence[Record],
    episodes: int,
    device: str,
    perturbations: Sequence[Perturbation] = (),
) -> None:
    """Makes sure that nothing is replaced but what is measured anew.

    Arguments as of `calibrate_runs`.

    Raises:
        UserError: if something else was measured of an agent in another way, which cannot stand in
            one file with what is to be measured now.
    """
    if not records:
        return
    now = _to_measure(out, records[0], episodes, device)
    before = {one.run: one for one in read_calibrations(out) if is_of_record(out, one)}
    asked = {perturbation.name for perturbation in perturbations} | {UNDISTURBED}
    for name in (record.run.name for record in records):
        if name not in before:
            continue
        kept = before[name]
        if perturbations:
            lost = ["returns asked"] * bool(kept.levels) + ["plans"] * bool(kept.exchange_scores)
            lost += [one for one in kept.perturbed_scores if one not in asked]
        else:
            lost = [one for one in kept.perturbed_scores if one != UNDISTURBED]
        different = _differences(kept, now, _OF_MEASURING)
        if lost and different:
            path = RunFiles(out, name).calibration
            raise UserError(
                f"{path} has {listed(lost)}, measured with {_in_words(kept, different)}, and would "
                "lose that; measure in the same way, or delete that file first"
            )


def _in_words(kept: CalibrationRecord, different: Sequence[str]) -> str:
    """In what an earlier measurement differs from the one that is asked for."""
    words = {
        "episode_seeds": f"--episodes {len(kept.episode_seeds)}",
        "versions": "other versions of libraries",
        "commit": f"the code of commit {(kept.commit or 'unknown')[:12]}",
        "machine": f"another machine or device ({kept.machine.get('device', 'unknown')})",
    }
    return listed(words[name] for name in different)


def perturbed_scores(
    agent: Agent, task: Task, seeds: list[int], perturbations: Sequence[Perturbation]
) -> dict[str, list[float]]:
    """Name of each perturbation, `UNDISTURBED` first -> scores of the same episodes.

    Args:
        agent: trained.
        task: which it plays.
        seeds: of the environments.
        perturbations: what is done to them.
    """
    makers = {UNDISTURBED: make_environment} | {one.name: one.make for one in perturbations}
    scores = {}
    for name, make in makers.items():
        with EnvironmentPool(task, make) as pool:
            scores[name] = evaluate(agent, pool, seeds).scores
    return scores


def _asked_and_planned(
    agent: Agent, task: Task, calibration: CalibrationRecord
) -> CalibrationRecord:
    """Adds the returns that are asked and reached, and what plans are worth."""
    seeds, info = calibration.episode_seeds, task_info(task)
    with EnvironmentPool(task) as pool:
        if can_be_asked(agent) and isinstance(agent, ReturnConditioned):
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
