"""One run: an agent learns one task from one seed and is scored; every outcome is a record."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from benchmark import origin
from benchmark.errors import DatasetError
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.presets import CURVE_LOSSES, PRESETS
from benchmark.record import Record, RunSpec, write_atomically
from benchmark.registry import agent_class
from benchmark.tasks import TASKS, Task

if TYPE_CHECKING:
    from benchmark.evaluate import EnvironmentPool


def agent_folder(out: Path, run: RunSpec) -> Path:
    """Where the trained agent of a run is kept."""
    return out / "runs" / run.name


def log_path(out: Path, run: RunSpec) -> Path:
    """Where everything is kept that a run printed."""
    return out / "runs" / f"{run.name}.log"


def run_trial(run: RunSpec, out: Path, device: str) -> Record:
    """Trains and scores one agent.

    Whatever goes wrong ends in the record, not in an exception. What is printed goes to the
    run's log and the trained agent to its folder; writing the record is left to the caller.

    Args:
        run: the cell of the grid; its dataset is expected in Minari's folder.
        out: the output folder.
        device: name of a torch device.
    """
    found: dict[str, Any] = {"status": "completed", "seconds": {}}
    found["started"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    with output_to(log_path(out, run)), _timed(found["seconds"], "total"):
        try:
            _train_and_score(run, out, device, found)
            found["machine"] = origin.machine(device)
        except DatasetError as error:
            found.update(status="no-dataset", reason=error.reason, remedy=error.remedy)
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
            found.update(failure(out, run, reason), traceback=traceback.format_exc())
    return new_record(run, peak_memory_mb=origin.peak_memory_mb(), **found)


def failure(out: Path, run: RunSpec, reason: str) -> dict[str, str]:
    """The fields of a record that say that a run failed, and why."""
    return {
        "status": "failed",
        "reason": " ".join(reason.split()),
        "remedy": f"see {log_path(out, run)}, then run again with --resume",
    }


def new_record(run: RunSpec, status: str, **found: Any) -> Record:
    """A record with what is known of every run, however it ended."""
    return Record(
        run,
        status,
        benchmark=TASKS[run.task].benchmark,
        versions=origin.versions(),
        commit=origin.commit(),
        **found,
    )


@contextlib.contextmanager
def output_to(path: Path) -> Iterator[TextIO]:
    """Sends all output of this process to a file, also that of compiled libraries.

    Yields:
        A stream to where standard output went before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
        try:
            _flush()
            for descriptor in kept:
                os.dup2(file.fileno(), descriptor)
            with open(kept[1], "w", encoding="utf-8", closefd=False) as before:
                yield before
        finally:
            _flush()
            for descriptor, copy in kept.items():
                os.dup2(copy, descriptor)
                os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def load_agent(folder: Path, device: str = "cpu") -> Agent:
    """Brings back a trained agent from the folder that its run left behind.

    Args:
        folder: such as `results/maze2d-quick/runs/maze2d-umaze/mage/seed-0`.
        device: name of a torch device.
    """
    from benchmark.environments import task_info

    about = json.loads((folder / "agent.json").read_text(encoding="utf-8"))
    found = agent_class(about["source"] or about["agent"])
    agent = found(task_info(TASKS[about["task"]]), about["settings"], device)
    agent.load(folder / "weights")
    return agent


def _train_and_score(run: RunSpec, out: Path, device: str, found: dict[str, Any]) -> None:
    """Goes through the phases of a run, and puts what it learns into `found` as it goes."""
    import torch

    from benchmark.environments import task_info
    from benchmark.evaluate import EnvironmentPool

    torch.set_num_threads(1)  # Runs share the machine, one core each.
    task = TASKS[run.task]
    info = task_info(task)
    found_class = agent_class(run.source or run.agent)
    found["goal"] = goal_knowledge(info, found_class)
    with _timed(found["seconds"], "data"):
        dataset, found["dataset"] = _dataset(run, out, task, info)
    task = task.scored_by(found["dataset"].get("reference_scores"))
    agent = found_class(info, run.settings, device)
    found["config"] = _resolved_config(agent, run.settings)
    with EnvironmentPool(task) as pool:
        curve = LearningCurve(run, lambda: _tuning_score(agent, pool, run.preset))
        found["curve"] = curve.points
        try:
            with _timed(found["seconds"], "fit"):
                agent.fit(dataset, steps=run.steps, seed=run.seed, progress=curve)
        finally:
            found["seconds"]["fit"] -= curve.seconds
        curve.check_budget()
        found["parameters"] = getattr(agent, "parameter_count", None)
        _save(agent, run, agent_folder(out, run))
        _score(agent, pool, run, found)


def _score(agent: Agent, pool: EnvironmentPool, run: RunSpec, found: dict[str, Any]) -> None:
    """The reported score and latency."""
    from benchmark.evaluate import evaluate, evaluation_seeds, measure_latency

    with _timed(found["seconds"], "evaluate"):
        evaluation = evaluate(agent, pool, evaluation_seeds(run.episodes))
        found["latency_ms"] = measure_latency(agent, pool)
    found.update(
        score=sum(evaluation.scores) / len(evaluation.scores),
        scores=evaluation.scores,
        returns=evaluation.returns,
        successes=evaluation.successes,
        lengths=evaluation.lengths,
        episode_seeds=evaluation.seeds,
    )


def _dataset(run: RunSpec, out: Path, task: Task, info: TaskInfo) -> tuple[Dataset, dict[str, Any]]:
    """The arrays that the command shares among its runs, or else this run's own copy."""
    from benchmark.datasets import load, open_shared, shared_folder

    loaded = open_shared(shared_folder(out, task.name)) or load(task, info, run.data)
    return loaded.dataset, loaded.about


def goal_knowledge(info: TaskInfo, agent: type[Any]) -> str:
    """What an agent knows of the goal: `none` (there is none), `hidden`, `shown`, `in-painted`."""
    if not info.position_columns:
        return "none"
    if not info.goal_columns:
        return "hidden"
    return "in-painted" if getattr(agent, "inpaints_goal", False) else "shown"


class LearningCurve:
    """A run's progress callback: keeps losses, and scores on tuning seeds, at a few steps.

    Attributes:
        points: dicts of `step`, losses and, at some steps, `score`.
        seconds: spent on scores so far, which is no time of training.
    """

    def __init__(self, run: RunSpec, score: Callable[[], float]) -> None:
        self.points: list[dict[str, float]] = []
        self.seconds = 0.0
        self._budget = run.steps
        self._last_step = 0
        self._score = score
        self._score_steps = spread(run.steps, PRESETS[run.preset].curve_scores)
        self._steps = self._score_steps | spread(run.steps, CURVE_LOSSES)

    def __call__(self, step: int, metrics: Mapping[str, float | Callable[[], float]]) -> None:
        """See `benchmark.interface.Progress`.

        Raises:
            RuntimeError: for a step that does not follow the last, or lies beyond the budget.
        """
        if not self._last_step < step <= self._budget:
            raise RuntimeError(
                f"agent reported gradient step {step} after {self._last_step} of {self._budget}"
            )
        self._last_step = step
        if step not in self._steps:
            return
        losses = {name: float(loss() if callable(loss) else loss) for name, loss in metrics.items()}
        begin = time.perf_counter()  # Not earlier: a loss may have to wait for its gradient step.
        score = {"score": self._score()} if step in self._score_steps else {}
        self.seconds += time.perf_counter() - begin
        self.points.append({**losses, "step": step, **score})

    def check_budget(self) -> None:
        """Refuses a run that trained too little; an agent without gradient steps reports none.

        Raises:
            RuntimeError: if the steps reported are not the budget.
        """
        if self._last_step not in (0, self._budget):
            raise RuntimeError(f"agent took {self._last_step} of {self._budget} gradient steps")


def spread(total: int, points: int) -> set[int]:
    """Up to `points` equally spaced steps of 1 to `total`, the last one always among them."""
    return {-(-total * point // points) for point in range(1, points + 1)}


def _tuning_score(agent: Agent, pool: EnvironmentPool, preset: str) -> float:
    from benchmark.evaluate import evaluate, tuning_seeds

    scores = evaluate(agent, pool, tuning_seeds(PRESETS[preset].tuning_episodes)).scores
    return sum(scores) / len(scores)


def _resolved_config(agent: Agent, settings: Mapping[str, Any]) -> dict[str, Any]:
    config = getattr(agent, "config", None)
    resolved = asdict(config) if is_dataclass(config) and not isinstance(config, type) else settings
    plain: dict[str, Any] = json.loads(json.dumps(resolved, default=str))
    return plain


def _save(agent: Agent, run: RunSpec, folder: Path) -> None:
    """Keeps an agent; `agent.json` comes last, so a folder that has it is whole."""
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "weights").mkdir(parents=True)
    agent.save(folder / "weights")
    about = {key: getattr(run, key) for key in ("task", "agent", "source", "settings")}
    write_atomically(folder / "agent.json", json.dumps(about, indent=1))


@contextlib.contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    begin = time.perf_counter()
    try:
        yield
    finally:
        seconds[phase] = time.perf_counter() - begin
