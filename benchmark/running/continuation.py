"""Whether training may go on from a checkpoint, and what each part of it was trained with."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.records import system
from benchmark.records.record import RunSpec

# All else in a run's spec says how it is scored, how long it may take, or where things are found.
_OF_TRAINING = ("task", "agent", "seed", "preset", "steps", "settings")
# What differs between two checkpoints, for people.
_WORDS = {
    "dataset": "the content of its dataset",
    "agent_file": "the file of its agent",
    "task_file": "the file of its task",
}


def training_basis(run: RunSpec, agent: object, dataset_hash: str | None) -> dict[str, Any]:
    """All that must be the same for training to go on: options, data, the agent's code, the task's.

    Args:
        run: the cell of the grid.
        agent: whose class lies in a file.
        dataset_hash: of the content of its dataset.

    Returns:
        Values as they come back from JSON, where a tuple is a list.
    """
    basis: dict[str, Any] = {name: getattr(run, name) for name in _OF_TRAINING}
    basis |= {"dataset": dataset_hash, "agent_file": run.source_hash or _file_hash(type(agent))}
    if run.task_hash is not None:
        basis["task_file"] = run.task_hash
    values: dict[str, Any] = json.loads(json.dumps(basis))
    return values


def _file_hash(agent_cls: type) -> str | None:
    try:
        return hashlib.sha256(Path(inspect.getfile(agent_cls)).read_bytes()).hexdigest()[:16]
    except (OSError, TypeError):  # Of a class that was made in no file.
        return None


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """In what two bases differ, in words; empty if they do not."""
    names = [name for name in now if name not in before or before[name] != now[name]]
    return ", ".join(_WORDS.get(name, name) for name in names)


def training_part(step: int) -> dict[str, Any]:
    """What a part of training that begins after so many gradient steps is trained with."""
    return {"from": step, "versions": system.versions(), "commit": system.commit()}
