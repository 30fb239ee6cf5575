"""Files of settings that replace an agent's own, as the search for settings writes them.

A file is JSON: what an agent does on every task, and, with precedence, what on one task::

    {"agents": {"iql": {"expectile": 0.8}},
     "tasks": {"maze2d-umaze": {"iql": {"expectile": 0.9, "weight_temp": 10.0}}},
     "samples": {"maze2d-umaze": {"iql": 16}},
     "datasets": {"adroit-door-*": "rebuilt/door/expert-v0"}}

`samples` says how many settings a search tried for those of a task.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.agents.registry import agent_names
from benchmark.errors import LISTING, UserError, unknown_name
from benchmark.tasks import known_tasks

_FORM = (
    '{"agents": {AGENT: {SETTING: VALUE}}, "tasks": {TASK: {AGENT: {SETTING: VALUE}}}, '
    '"samples": {TASK: {AGENT: NUMBER}}, "steps": {TASK: {AGENT: {PRESET: NUMBER}}}, '
    '"datasets": {TASK: DATASET}}'
)
_PARTS = ("agents", "tasks", "samples", "steps", "datasets")

FILE = "file of settings"
"""What a file is called, for people, before its name."""
SET_OPTION = "--set"
"""The option of settings on the command line, and where these are said to be from."""


@dataclass(frozen=True)
class SettingsFile:
    """The user's settings, of a file and of the command line; they replace preset's and task's.

    Attributes:
        agents: agent -> setting -> value, on every task.
        tasks: task -> agent -> setting -> value, on this task only.
        samples: task -> agent -> how many settings were tried for those of this task.
        steps: task -> agent -> preset -> gradient steps in which the settings of this task train
            for as long as others at the preset.
        datasets: name or glob of tasks -> id of the dataset that they are learned from.
        command: agent -> setting -> value of the command line, which replace those of the file.
        origin: what the file is called, for people.
    """

    agents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tasks: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    samples: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    command: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    origin: str = field(default=FILE, compare=False)

    def for_agent(self, agent: str, task: str) -> dict[str, Any]:
        """What the file says of an agent; what it says of it on this task comes last."""
        return {**self.agents.get(agent, {}), **self.tasks.get(task, {}).get(agent, {})}

    def steps_at(self, agent: str, task: str, preset: str) -> dict[str, int]:
        """The steps that a search found to take as long as others' at a preset; none elsewhere."""
        steps = self.steps.get(task, {}).get(agent, {}).get(preset)
        return {} if steps is None else {"steps": steps}

    def said_steps(self, agents: Sequence[str], task: str) -> int | None:
        """The steps that the user names himself of an agent, its variant last; None for none."""
        said: dict[str, Any] = {}
        for name in agents:
            said |= {**self.for_agent(name, task), **self.command.get(name, {})}
        return said.get("steps")


def read_settings_file(path: Path | None, agents: Collection[str] | None = None) -> SettingsFile:
    """Reads a file of settings; whether an agent knows them is seen when it is made.

    Args:
        path: of the file; None for no settings.
        agents: names that it may speak of beside the registered ones; None allows any name.

    Raises:
        UserError: for a file that cannot be read or is not of this form, for a name that is there
            twice, and for an unknown task or agent.
    """
    if path is None:
        return SettingsFile()
    content = _table(_read(path), path, "the file")
    for part in content:
        if part not in _PARTS:
            raise UserError(
                f"{path}: unknown part {part!r}; valid: {', '.join(_PARTS)}; expected {_FORM}"
            )
    return SettingsFile(
        agents=_by_agent(content.get("agents", {}), path, "agents", agents),
        tasks={
            task: _by_agent(of_task, path, f"tasks.{task}", agents)
            for task, of_task in _by_task(content, path, "tasks").items()
        },
        samples={
            task: _numbers(of_task, path, f"samples.{task}", "samples")
            for task, of_task in _by_task(content, path, "samples").items()
        },
        steps={
            task: {
                agent: _numbers(of_agent, path, f"steps.{task}.{agent}", "gradient steps")
                for agent, of_agent in _table(of_task, path, f"steps.{task}").items()
            }
            for task, of_task in _by_task(content, path, "steps").items()
        },
        datasets=_datasets(content.get("datasets", {}), path),
        origin=f"{FILE} {path}",
    )


def _by_task(content: Mapping[str, Any], path: Path, part: str) -> dict[str, Any]:
    """Checks the tasks of a table of task -> whatever."""
    table, known = _table(content.get(part, {}), path, part), known_tasks()
    for task in table:
        if task not in known:
            raise unknown_name(f"task below {part} in {path}:", task, known, listing=LISTING)
    return table


def _numbers(value: Any, path: Path, where: str, what: str) -> dict[str, int]:
    """Checks a table of name -> number of samples or gradient steps."""
    table = _table(value, path, where)
    for name, number in table.items():
        if type(number) is not int or number < 1:
            raise UserError(
                f"{path}: {where}.{name} is {number!r}, which is no number of {what}; valid: "
                "1 or more"
            )
    return table


def _datasets(value: Any, path: Path) -> dict[str, str]:
    """Checks a table of task -> dataset; whether both are there is seen when data is chosen."""
    datasets = _table(value, path, "datasets")
    for task, dataset_id in datasets.items():
        if not isinstance(dataset_id, str):
            raise UserError(
                f"{path}: datasets.{task} is {dataset_id!r}, which is no id of a dataset; "
                f"expected {_FORM}"
            )
    return datasets


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_repeats)
    except OSError as error:
        raise UserError(
            f"{FILE} {path} cannot be read ({error.strerror}); name one that the search "
            f"for settings wrote, or write one: {_FORM}"
        ) from error
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}, line {error.lineno}, column {error.colno}: no valid JSON ({error.msg}); "
            f"expected {_FORM}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: {error}; expected {_FORM}") from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, of which Python would otherwise keep the last of several equal names."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is there twice in one table")
    return dict(pairs)


def _by_agent(
    value: Any, path: Path, where: str, agents: Collection[str] | None
) -> dict[str, dict[str, Any]]:
    """Checks a table of agent -> setting -> value."""
    of_agents = _table(value, path, where)
    for name in of_agents:
        if agents is not None and name not in (known := {*agents, *agent_names()}):
            kind = f"agent below {where} in {path}:"
            raise unknown_name(kind, name, known, listing=LISTING)
    return {name: _table(own, path, f"{where}.{name}") for name, own in of_agents.items()}


def _table(value: Any, path: Path, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{path}: {where} is {value!r}, which is no table; expected {_FORM}")
    return value
