"""One run: an agent learns one task from one seed and is scored; every outcome is a record."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from benchmark.agents.agent_facts import goal_knowledge, parameter_count, resolved_config
from benchmark.agents.model_card import write_model_card
from benchmark.agents.registry import class_of_run
from benchmark.agents.saved import has_agent, save_agent
from benchmark.agents.settings import PRESETS
from benchmark.data import load, open_shared
from benchmark.data.recorded_spaces import info_of
from benchmark.errors import DatasetError, one_line, printable
from benchmark.evaluation.episode_seeds import evaluation_seeds, tuning_seeds
from benchmark.evaluation.rollout import (
    EnvironmentPool,
    evaluate,
    measure_latency,
)
from benchmark.interface import Agent
from benchmark.records import system
from benchmark.records.disk import disk_trouble
from benchmark.records.files import RunFiles, RunPlace, output_to
from benchmark.records.going_on import ended_before, record_to_keep
from benchmark.records.parts import EvaluationPart, Failure, TrainingPart, assemble
from benchmark.records.record import NORMALISED, RETURNS, SUCCESSES, Record, RunSpec
from benchmark.running.compute import needs_of, set_threads
from benchmark.running.curves.run_curve import RunCurve
from benchmark.running.monitor import Callbacks, DivergedError, StoppedError, TrainingMonitor
from benchmark.tasks import find_task
from benchmark.tasks.task_registry import benchmark_of

NO_CALLBACKS = Callbacks()

_SHARED = (
    "This run shares the process of its command (--workers 0): what it prints goes to the "
    "terminal, and here only the error that ends it."
)

# Losses square sums of rewards, and settings are made for rewards of about 1.
_LARGE_REWARD = 1e6


def run_trial(
    run: RunSpec,
    place: RunPlace,
    device: str,
    callbacks: Callbacks = NO_CALLBACKS,
    *,
    own_process: bool = True,
) -> Record | None:
    """Trains and scores one agent; goes on from the run's checkpoint if there is one.

    An agent that is not to be evaluated is trained and kept. Whatever goes wrong ends in the
    record, not in an exception. The trained agent goes to its folder; writing the record is left to
    the caller.

    Args:
        run: the cell of the grid; its dataset is expected in Minari's folder.
        place: where.
        device: name of a torch device.
        callbacks: called while it goes on.
        own_process: whether this process has no other work. What it prints then goes to the run's
            log; else it goes where it went before, and the log has only the error that ends the
            run.

    Returns:
        The record; None if the user asked to stop before the run was done.
    """
    training = TrainingPart()
    with contextlib.closing(RunCurve(run, place, training, callbacks)) as curve:
        callbacks = replace(callbacks, curve=curve)
        record = _run_phases(run, place, device, callbacks, training, own_process=own_process)
        if record is not None:
            try:
                curve.end(record)
            except OSError as error:  # A disk that is full costs no score.
                callbacks.note(f"{run.name}: its curve is not whole: {one_line(error)}")
    return record


def _run_phases(
    run: RunSpec,
    place: RunPlace,
    device: str,
    callbacks: Callbacks,
    training: TrainingPart,
    *,
    own_process: bool,
) -> Record | None:
    """As `run_trial`; what is known of the training goes to the part that is given."""
    started, began = datetime.now(timezone.utc), time.perf_counter()
    evaluation = EvaluationPart()
    machine: dict[str, Any] = {}
    failure: Failure | None = None
    peak_is_own = own_process or system.reset_peak_memory()
    with _log(RunFiles(place.out, run.name).log, own_process) as log:
        try:
            machine = system.machine(device)
            _train_and_score(run, place, device, callbacks, training, evaluation)
        except StoppedError:
            return None
        except DatasetError as error:
            failure = Failure(error.status, error.reason, error.remedy)
        except DivergedError as error:
            callbacks.failed(error)
            failure = _diverged(run, error)
        except (Exception, SystemExit) as error:
            callbacks.failed(error)
            # Ray's streams take no text that is not UTF-8.
            print(printable(traceback.format_exc()), file=log)
            reason = f"{type(error).__name__}: {error}".removesuffix(": ")
            failure = Failure.of(run, reason, traceback.format_exc())
            if way_out := disk_trouble(error, place.out, Path(tempfile.gettempdir())):
                failure = replace(failure, remedy=f"{way_out}; {failure.remedy}")
    origin = replace(
        system.origin(benchmark_of(run.task, run.task_source)),
        machine=machine,
        peak_memory_mb=system.peak_memory_mb() if peak_is_own else None,
        started=started.isoformat(timespec="seconds"),
        total_seconds=time.perf_counter() - began,
    )
    record = assemble(run, origin, training, evaluation, failure)
    files = RunFiles(place.out, run.name)
    if has_agent(files.agent):
        with contextlib.suppress(OSError):  # A disk that is full costs the card, but no score.
            write_model_card(record_to_keep(files.record, record), files.agent)
    return record


@contextlib.contextmanager
def _log(path: Path, own_process: bool) -> Iterator[TextIO]:
    """A run's log for as long as it goes on: what is written to it, and all output if it may."""
    if own_process:
        with output_to(path):
            yield sys.stderr
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", buffering=1) as log:
        print(_SHARED, file=log)
        yield log


def _diverged(run: RunSpec, error: DivergedError) -> Failure:
    """What to say of a run that would diverge again: the data's fault, if its rewards are huge."""
    reason = str(error)
    way_out = "so try other settings, such as a smaller learning rate, with --config"
    if error.largest_reward > _LARGE_REWARD:
        reason += f", learning from rewards as large as {error.largest_reward:.3g}"
        way_out = (
            "since losses square sums of such rewards, more than float32 can hold or settings are "
            "made for; divide the rewards of the dataset so that they are about 1, and train"
        )
    return Failure(
        "diverged",
        reason,
        f"see runs/{run.name}.log in the output folder; it would again, {way_out} in another --out",
    )


def _train_and_score(
    run: RunSpec,
    place: RunPlace,
    device: str,
    callbacks: Callbacks,
    training: TrainingPart,
    evaluation: EvaluationPart,
) -> None:
    """Goes through the phases of a run, and fills the parts of its record as it goes."""
    task = find_task(run.task, run.task_source, run.task_hash)
    info = info_of(task, run.data, evaluated=run.evaluated)
    agent_cls = class_of_run(run)
    set_threads(needs_of(agent_cls))
    agent = agent_cls(info, run.settings, device)
    training.goal = goal_knowledge(info, agent)
    training.config = resolved_config(agent, run.settings)
    with _timed(training.seconds, "data"):
        # The arrays that the command shares among its runs, or else this run's own copy.
        loaded = open_shared(place.shared / task.name) or load(task, info, run.data)
    training.dataset = loaded.metadata
    task = task.scored_by(loaded.metadata.get("reference_scores"))
    training.scale = NORMALISED if task.references else RETURNS
    if task.score_is_success:
        training.scale = SUCCESSES
    training.references = list(task.references or ())
    with EnvironmentPool(task) as pool:

        def tuning_score() -> float:
            seeds = tuning_seeds(PRESETS[run.preset].tuning_episodes)
            return evaluate(agent, pool, seeds).mean_score

        data_hash = loaded.metadata.get("hash")
        monitor = TrainingMonitor(run, agent, place, data_hash, tuning_score, callbacks)
        try:
            training.status = monitor.fit(loaded.dataset)
        finally:
            training.seconds |= {"fit": monitor.seconds, "curve": monitor.scoring}
            training.steps, training.curve = monitor.step, monitor.points
            training.resumed_at = monitor.resumed_at
            training.trained_with = monitor.parts if monitor.resumed_at else []
        if training.status == "capped":
            training.reason = (
                f"stopped after {run.max_minutes:g} minutes at gradient step {monitor.step:,} of "
                f"{run.steps:,}, and {'evaluated' if run.evaluated else 'kept'} as it was"
            )
            training.remedy = "it goes on with --resume and a larger --max-minutes, or none"
        training.parameters = parameter_count(agent)
        files = RunFiles(place.out, run.name)
        folder, had_score = files.agent, ended_before(files.record, run) is not None
        if not had_score:
            shutil.rmtree(folder, ignore_errors=True)  # It would be of another try.
            save_agent(agent, run, folder, info)
        if run.evaluated:
            _score(agent, pool, run, evaluation)
        if had_score:  # The agent of before belongs to the record until there is another.
            save_agent(agent, run, folder, info)


def _score(agent: Agent, pool: EnvironmentPool, run: RunSpec, part: EvaluationPart) -> None:
    """The reported score and latency."""
    with _timed(part.seconds, "evaluate"):
        evaluation = evaluate(agent, pool, evaluation_seeds(run.episodes, run.seed))
        part.latency_ms = measure_latency(agent, pool)
    part.score = evaluation.mean_score
    part.scores, part.returns = evaluation.scores, evaluation.returns
    part.successes, part.lengths = evaluation.successes, evaluation.lengths
    part.episode_seeds, part.clipped_actions = evaluation.seeds, evaluation.clipped_actions


@contextlib.contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    begin = time.perf_counter()
    try:
        yield
    finally:
        seconds[phase] = time.perf_counter() - begin
