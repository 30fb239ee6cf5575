"""Whether training may go on from a checkpoint, and what each part of it was trained with.

A checkpoint is of a run that was interrupted, or of one that has ended and is to get more steps.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark.agents.registry import class_of_run
from benchmark.errors import UserError
from benchmark.records import system
from benchmark.records.files import RunFiles
from benchmark.records.going_on import ended_before
from benchmark.records.record import RunSpec
from benchmark.resumable import Resumable, takes_gradient_steps, trains_longer
from benchmark.running.checkpoint import (
    checkpoint_metadata,
    load_checkpoint,
    remove_checkpoint,
)

# All else in a run's spec says how it is scored, how long it may take, or where things are found.
_OF_TRAINING = ("task", "agent", "seed", "preset", "steps", "settings")
# What differs between two checkpoints, for people.
_WORDS = {
    "dataset": "the content of its dataset",
    "agent_file": "the file of its agent",
    "task_file": "the file of its task",
}


def training_basis(
    run: RunSpec, agent_class: type[Any], dataset_hash: str | None
) -> dict[str, Any]:
    """All that must be the same for training to go on: options, data, the agent's code, the task's.

    Args:
        run: the cell of the grid.
        agent_class: which lies in a file.
        dataset_hash: of the content of its dataset.

    Returns:
        Values as they come back from JSON, where a tuple is a list.
    """
    basis: dict[str, Any] = {name: getattr(run, name) for name in _OF_TRAINING}
    basis |= {"dataset": dataset_hash, "agent_file": run.source_hash or _file_hash(agent_class)}
    if run.task_hash is not None:
        basis["task_file"] = run.task_hash
    values: dict[str, Any] = json.loads(json.dumps(basis))
    return values


def _file_hash(agent_class: type[Any]) -> str | None:
    try:
        return hashlib.sha256(Path(inspect.getfile(agent_class)).read_bytes()).hexdigest()[:16]
    except (OSError, TypeError):  # Of a class that was made in no file.
        return None


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """In what two bases differ, in words; empty if training may go on, also with more steps."""
    names = [name for name in now if name not in before or before[name] != now[name]]
    if "steps" in names and before.get("steps", now["steps"]) < now["steps"]:
        names.remove("steps")
    return ", ".join(_WORDS.get(name, name) for name in names)


def training_part(step: int, steps: int) -> dict[str, Any]:
    """What a part of training is trained with.

    Args:
        step: gradient steps taken before it begins.
        steps: of the whole training, as it was asked for then.
    """
    return {
        **{"from": step, "steps": steps},
        **{"versions": system.versions(), "commit": system.commit()},
    }


def checkpoint_to_go_on(
    run: RunSpec,
    agent: object,
    files: RunFiles,
    basis: Mapping[str, Any],
    note: Callable[[str], None],
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The checkpoint that a run goes on from; one of another training is removed.

    Args:
        run: what is to be trained.
        agent: not fitted yet.
        files: of the run.
        basis: of the training.
        note: is given what people should know of, in one line.

    Returns:
        The state and its metadata; None if the run starts anew.

    Raises:
        UserError: if the checkpoint cannot be trusted; or if it does not fit a run that has ended
            and is to get more steps: what it has is not to be replaced by something else.
    """
    checkpoint = load_checkpoint(files.checkpoint)
    problem = "there is no checkpoint"
    if checkpoint is not None:
        state, metadata = checkpoint
        before = metadata.get("basis", {})
        different = differences(before, basis)
        more_steps = before.get("steps") != basis["steps"]
        able = trains_longer(type(agent)) if more_steps else isinstance(agent, Resumable)
        if able and not different:
            return state, metadata
        problem = (
            f"its checkpoint at gradient step {metadata['step']:,} is of another training, in "
            f"which {different or ('steps' if more_steps else 'the agent')} differed"
        )
    record = ended_before(files.record, run)
    if record and record.status == "completed" and takes_gradient_steps(agent):
        raise UserError(f"training cannot go on: {problem}; {_AS_IT_WAS}")
    if checkpoint is not None:
        remove_checkpoint(files.checkpoint)
        note(f"starts anew: {problem}")
    return None


_AS_IT_WAS = "put it back as it was, or choose another --out"


def check_goes_on(run: RunSpec, folder: Path, out: str) -> None:
    """Makes sure that a run that has ended can go on with more steps; its data is seen later.

    Args:
        run: as it is asked for now.
        folder: where its files lie.
        out: what the user calls that place.

    Raises:
        UserError: if its agent cannot, or its checkpoint is gone or is of another training.
    """
    agent_class = class_of_run(run)
    if not takes_gradient_steps(agent_class):
        return  # All that it learns is learned anew, at once.
    to_more = f"{run.name} in {out} has ended, and cannot go on to {run.steps:,} gradient steps"
    if not trains_longer(agent_class):
        lacks = "says trains_longer = False"
        if not issubclass(agent_class, Resumable):
            lacks = "has no training_state and resume"
        raise UserError(
            f"{to_more}: the class of {run.agent} {lacks}; leave it out of --agents, or choose "
            "another --out to train it from the start"
        )
    metadata = checkpoint_metadata(RunFiles(folder, run.name).checkpoint)
    if metadata is None:
        raise UserError(
            f"{to_more}: there is no checkpoint of it, which older versions did not keep; choose "
            "another --out to train it from the start"
        )
    before = metadata["basis"]
    if before["steps"] > run.steps:
        raise UserError(
            f"{to_more}: it was going on to {before['steps']:,}; ask for --steps "
            f"{before['steps']} or more, or choose another --out"
        )
    if different := differences(before, training_basis(run, agent_class, before["dataset"])):
        raise UserError(
            f"{to_more}: its checkpoint is of another training, in which {different} differed; "
            f"{_AS_IT_WAS}"
        )


def check_interrupted(run: RunSpec, folder: Path, out: str) -> None:
    """Makes sure that the checkpoint of an interrupted run is not replaced by other options.

    Files and data that changed, which nobody asks for by an option, are seen when it begins: it
    then starts anew.

    Args:
        run: as it is asked for now.
        folder: where its files lie.
        out: what the user calls that place.

    Raises:
        UserError: if it was begun with other settings or another preset, with more steps, or with
            fewer where its agent cannot go on with more.
    """
    checkpoint = RunFiles(folder, run.name).checkpoint
    metadata = checkpoint_metadata(checkpoint)
    if metadata is None:
        return
    more_steps = trains_longer(class_of_run(run))
    before, now = metadata["basis"], json.loads(json.dumps(asdict(run)))
    for name in ("preset", "settings", "steps"):
        was, asked = before.get(name, now[name]), now[name]
        if was == asked or (name == "steps" and was < asked and more_steps):
            continue
        if name == "settings":
            was, asked = without(was, asked), without(asked, was)
        raise UserError(
            f"{run.name} in {out} was interrupted at gradient step {metadata['step']:,} with "
            f"{name} {was!r}, now asked with {asked!r}; use the same options, or choose "
            f"another --out; to begin anew here, delete {checkpoint}"
        )


def without(settings: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that others have not, or have otherwise."""
    return {
        name: value
        for name, value in settings.items()
        if name not in others or others[name] != value
    }
