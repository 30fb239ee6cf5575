"""One run: an agent learns one task from one seed and is scored; every outcome is a record."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.agents.registry import agent_class
from benchmark.agents.settings import PRESETS
from benchmark.errors import DatasetError, UserError, one_line
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.records import system
from benchmark.records.files import RunFiles, RunPlace, output_to, write_atomically
from benchmark.records.record import Record, RunSpec
from benchmark.running.compute import needs_of, set_threads
from benchmark.running.monitor import DivergedError, Links, StoppedError, Training
from benchmark.tasks import TASKS, Task

if TYPE_CHECKING:
    from benchmark.evaluation.rollout import EnvironmentPool

NO_LINKS = Links()


def run_trial(run: RunSpec, place: RunPlace, device: str, links: Links = NO_LINKS) -> Record | None:
    """Trains and scores one agent; goes on from the run's checkpoint if there is one.

    Whatever goes wrong ends in the record, not in an exception. What is printed goes to the
    run's log and the trained agent to its folder; writing the record is left to the caller.

    Args:
        run: the cell of the grid; its dataset is expected in Minari's folder.
        place: where.
        device: name of a torch device.
        links: to whoever waits for it.

    Returns:
        The record; None if the user asked to stop before the run was done.
    """
    files = RunFiles(place.out, run.name)
    found: dict[str, Any] = {"status": "completed", "seconds": {}}
    found["started"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    with output_to(files.log), _timed(found["seconds"], "total"):
        try:
            _train_and_score(run, place, device, links, found)
            found["machine"] = system.machine(device)
        except StoppedError:
            return None
        except DatasetError as error:
            found.update(status="no-dataset", reason=error.reason, remedy=error.remedy)
        except DivergedError as error:
            found.update(failure(run, str(error)), status="diverged")
            found["remedy"] = f"try a smaller learning rate; {found['remedy']}"
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
            found.update(failure(run, reason), traceback=traceback.format_exc())
    return new_record(run, peak_memory_mb=system.peak_memory_mb(), **found)


def failure(run: RunSpec, reason: str) -> dict[str, str]:
    """The fields of a record that say that a run failed, and why."""
    return {
        "status": "failed",
        "reason": " ".join(reason.split()),
        "remedy": f"see runs/{run.name}.log in the output folder, then run again with --resume",
    }


def new_record(run: RunSpec, status: str, **found: Any) -> Record:
    """A record with what is known of every run, however it ended."""
    return Record(
        run,
        status,
        benchmark=TASKS[run.task].benchmark,
        versions=system.versions(),
        commit=system.commit(),
        **found,
    )


def load_agent(folder: Path, device: str = "cpu") -> Agent:
    """Brings back a trained agent from the folder that its run left behind.

    Args:
        folder: such as `results/maze2d-quick/runs/maze2d-umaze/mage/seed-0`.
        device: name of a torch device.

    Raises:
        UserError: if it is not there, was altered, or is none of ours.
    """
    from benchmark.tasks.environments import task_info

    try:
        about = json.loads((folder / "agent.json").read_text(encoding="utf-8"))
        found = agent_class(about["source"] or about["agent"])
        agent = found(task_info(TASKS[about["task"]]), about["settings"], device)
        agent.load(folder / "weights")
    except Exception as error:  # Whatever a foreign file makes the readers raise.
        raise UserError(
            f"no agent can be loaded from {folder} ({type(error).__name__}: {one_line(error)}); "
            "expected the folder that a completed run left behind; train it again"
        ) from error
    return agent


def trained_task(folder: Path) -> str:
    """The name of the task that the agent in a run's folder was trained for."""
    return str(json.loads((folder / "agent.json").read_text(encoding="utf-8"))["task"])


def _train_and_score(
    run: RunSpec, place: RunPlace, device: str, links: Links, found: dict[str, Any]
) -> None:
    """Goes through the phases of a run, and puts what it learns into `found` as it goes."""
    from benchmark.evaluation.rollout import EnvironmentPool
    from benchmark.tasks.environments import task_info

    task = TASKS[run.task]
    info = task_info(task)
    found_class = agent_class(run.source or run.agent)
    set_threads(needs_of(found_class))
    agent = found_class(info, run.settings, device)
    found["goal"] = goal_knowledge(info, agent)
    found["config"] = _resolved_config(agent, run.settings)
    with _timed(found["seconds"], "data"):
        dataset, found["dataset"] = _dataset(run, place, task, info)
    task = task.scored_by(found["dataset"].get("reference_scores"))
    with EnvironmentPool(task) as pool:
        training = Training(run, agent, place, lambda: _tuning_score(agent, pool, run), links)
        try:
            found["status"] = training.fit(dataset)
        finally:
            found["seconds"] |= {"fit": training.seconds, "curve": training.scoring}
            found.update(steps=training.step, curve=training.points, resumed_at=training.resumed_at)
        if found["status"] == "capped":
            found["reason"] = (
                f"stopped after {run.max_minutes:g} minutes at gradient step {training.step:,} of "
                f"{run.steps:,}, and evaluated as it was"
            )
            found["remedy"] = "raise --max-minutes in another --out for the full budget"
        found["parameters"] = getattr(agent, "parameter_count", None)
        _save(agent, run, RunFiles(place.out, run.name).agent)
        _score(agent, pool, run, found)


def _score(agent: Agent, pool: EnvironmentPool, run: RunSpec, found: dict[str, Any]) -> None:
    """The reported score and latency."""
    from benchmark.evaluation.rollout import evaluate, evaluation_seeds, measure_latency

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


def _dataset(
    run: RunSpec, place: RunPlace, task: Task, info: TaskInfo
) -> tuple[Dataset, dict[str, Any]]:
    """The arrays that the command shares among its runs, or else this run's own copy."""
    from benchmark.data import load, open_shared

    loaded = open_shared(place.shared / task.name) or load(task, info, run.data)
    return loaded.dataset, loaded.about


def goal_knowledge(info: TaskInfo, agent: Any) -> str:
    """What an agent knows of the goal: `none` (there is none), `hidden`, `shown`, `in-painted`."""
    if not info.position_columns:
        return "none"
    if getattr(agent, "inpaints_goal", False):
        return "in-painted"
    return "shown" if info.goal_columns else "hidden"


def _tuning_score(agent: Agent, pool: EnvironmentPool, run: RunSpec) -> float:
    from benchmark.evaluation.rollout import evaluate, tuning_seeds

    scores = evaluate(agent, pool, tuning_seeds(PRESETS[run.preset].tuning_episodes)).scores
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
