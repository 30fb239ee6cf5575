"""A trained agent's folder, and what a record says of an agent.

::

    agent.json   what it was trained on, and the settings it was made with
    weights/     what the agent itself has saved
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from benchmark.agents.registry import agent_class
from benchmark.errors import UserError, one_line
from benchmark.interface import Agent, TaskInfo
from benchmark.records.files import write_atomically
from benchmark.records.record import RunSpec
from benchmark.tasks import TASKS

_METADATA, _WEIGHTS = "agent.json", "weights"


def save_agent(agent: Agent, run: RunSpec, folder: Path) -> None:
    """Keeps an agent; `agent.json` comes last, so a folder that has it is whole."""
    if folder.exists():
        shutil.rmtree(folder)
    (folder / _WEIGHTS).mkdir(parents=True)
    agent.save(folder / _WEIGHTS)
    metadata = {key: getattr(run, key) for key in ("task", "agent", "seed", "source", "settings")}
    write_atomically(folder / _METADATA, json.dumps(metadata, indent=1))


def load_agent(folder: Path, device: str = "cpu") -> Agent:
    """Brings back a trained agent from the folder that its run left behind.

    It is made with the settings that it was trained with, whatever its task's are today.

    Args:
        folder: such as `results/maze2d-quick/runs/maze2d-umaze/mage/seed-0`.
        device: name of a torch device.

    Raises:
        UserError: if it is not there, was altered, or is none of ours.
    """
    from benchmark.tasks.environments import task_info  # keeps MuJoCo out of --help

    with _whole(folder):
        metadata = _metadata(folder)
        agent_cls = agent_class(metadata["source"] or metadata["agent"])
        agent = agent_cls(task_info(TASKS[metadata["task"]]), metadata["settings"], device)
        agent.load(folder / _WEIGHTS)
        return agent


def trained_task(folder: Path) -> str:
    """The name of the task that the agent in a run's folder was trained for."""
    return str(_metadata(folder)["task"])


def trained_seed(folder: Path) -> int:
    """The training seed of the agent in a run's folder.

    Runs of older versions do not say it; all of them played the episodes of training seed 0.

    Raises:
        UserError: if there is no agent.
    """
    with _whole(folder):
        return int(_metadata(folder).get("seed", 0))


@contextlib.contextmanager
def _whole(folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Whatever a foreign file makes the readers raise.
        raise UserError(
            f"no agent can be loaded from {folder} ({type(error).__name__}: {one_line(error)}); "
            "expected the folder that a completed run left behind; train it again"
        ) from error


def _metadata(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / _METADATA).read_text(encoding="utf-8"))
    return values


def goal_knowledge(info: TaskInfo, agent: Any) -> str:
    """What an agent knows of the goal: `none` (there is none), `hidden`, `shown`, `in-painted`."""
    if not info.position_columns:
        return "none"
    if getattr(agent, "inpaints_goal", False):
        return "in-painted"
    return "shown" if info.goal_columns else "hidden"


def resolved_config(agent: Agent, settings: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of an agent as JSON has them; only those it was given if it has no config."""
    config = getattr(agent, "config", None)
    resolved = asdict(config) if is_dataclass(config) and not isinstance(config, type) else settings
    values: dict[str, Any] = json.loads(json.dumps(resolved, default=str))
    return values
