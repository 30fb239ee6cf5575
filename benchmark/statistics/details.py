"""Records -> each run as plain values: how it was trained, and the command that does it again.

Most of it is the same for many runs; `Shared` keeps equal values in memory once.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from benchmark.agents.settings import PRESETS
from benchmark.records.record import DATA_CHOICES, Record, RunSpec
from benchmark.statistics.score_frames import in_table_order
from benchmark.tasks.task import asked_as
from benchmark.tasks.task_registry import OF_DATASET

# Data that is had by a rule; all other is had by its id.
_DATA_OF_KIND = {"published": "minari", "collected here": "local"}
SETTINGS_FILE = "settings.json"
_SPEC = ("episodes", "data", "max_minutes", "source")
_RECORD = (
    *("traceback", "config", "parameters", "dataset", "seconds", "peak_memory_mb", "versions"),
    *("commit", "machine", "started", "resumed_at", "clipped_actions"),
)
SHARED_FIELDS = ("traceback", "config", "dataset", "versions", "machine")
"""Fields of a record that many have in common."""
_COLUMNS = (
    *("run", "settings_line", "command", "budget", "steps_taken", "ended_before"),
    *(*_SPEC, *_RECORD),
)


class Shared:
    """Gives equal plain values one place in memory: 10,000 runs differ in few settings."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def __call__(self, value: Any) -> Any:
        """The first value that was equal to this one; values are of the kinds that JSON has."""
        return self._kept.setdefault(json.dumps(value), value)


def details_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row per record, in table order, of plain values.

    Returns:
        Columns `run` (its name), `settings_line` and `command` (see `Rerun`), `budget` and
        `steps_taken` (gradient steps), `ended_before` (see `earlier_ends`); `episodes`, `data`,
        `max_minutes` and `source` of the run's spec; `traceback`, `config`, `parameters`,
        `dataset`, `seconds`, `peak_memory_mb`, `versions`, `commit`, `machine`, `started`,
        `resumed_at` and `clipped_actions` of its record.
    """
    shared = Shared()
    rows = []
    for record in in_table_order(records):
        ends = earlier_ends(record)
        again = rerun(record.run, record.dataset, ends)
        row = {"run": record.run.name, "command": again.command, "budget": record.run.steps}
        row |= {"settings_line": shared(again.settings), "steps_taken": record.steps}
        row |= {"ended_before": ends}
        row |= {name: getattr(record.run, name) for name in _SPEC}
        rows.append(row | {name: getattr(record, name) for name in _RECORD})
    # As objects: with missing numbers among them, whole ones would become fractions.
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)


def earlier_ends(record: Record) -> list[int]:
    """Numbers of gradient steps at which a run had ended before it was given more of them."""
    parts = record.trained_with
    return [
        part["steps"]
        for part, later in pairwise(parts)
        if part.get("steps") == later["from"] and part["steps"] < record.run.steps
    ]


@dataclass(frozen=True)
class Rerun:
    """How to do one run again, as lines for a shell.

    Attributes:
        settings: writes the file of settings that the command reads; None if it needs none.
        command: `python -m benchmark.run` with everything that makes the run what it was; of a run
            that was given more gradient steps after it had ended, one line for each time.
    """

    settings: str | None
    command: str


def rerun(run: RunSpec, dataset: Mapping[str, Any], ends: Sequence[int] = ()) -> Rerun:
    """How to do a run again, with the same code and data, in an output folder of its own.

    Gradient steps and settings are spelled out even where they are the preset's: to know those,
    the agent's class would have to be imported, and they may have changed since. So is the data,
    which `--data auto` may choose otherwise another time.

    Args:
        run: what to do again.
        dataset: `dataset` of its record.
        ends: where it had ended before it was given more gradient steps.
    """
    # The checkout of the record may be an old one, which reads no `seed-4`.
    flags: list[str] = []
    options = {"--tasks": asked_as(run.task, run.task_source)}
    options |= {"--agents": run.source or run.agent, "--seeds": f"{run.seed},"}
    options |= {"--preset": run.preset, "--steps": ""}
    if not run.evaluated:
        flags.append("--no-evaluation")
    elif run.preset not in PRESETS or run.episodes != PRESETS[run.preset].episodes:
        options["--episodes"] = str(run.episodes)
    options |= _data_option(run, dataset)
    if run.max_minutes is not None:
        options["--max-minutes"] = str(run.max_minutes)
    if run.settings:
        options["--config"] = SETTINGS_FILE
    options["--out"] = f"results/rerun/{run.name}"
    commands: list[str] = []
    for steps in (*ends, run.steps):
        options["--steps"] = str(steps)
        parts = [*(part for option in options.items() for part in option), *flags]
        parts += ["--resume"] * bool(commands)
        commands.append(shlex.join(["python", "-m", "benchmark.run", *parts]))
    return Rerun(_settings_line(run), "\n".join(commands))


def _data_option(run: RunSpec, dataset: Mapping[str, Any]) -> dict[str, str]:
    """What makes a command take the data of a run; nothing where its record does not say it."""
    kind = dataset.get("kind")
    if kind in _DATA_OF_KIND:
        return {"--data": _DATA_OF_KIND[kind]}
    if run.task_source == f"{OF_DATASET}{dataset.get('id')}":
        return {}
    if kind is not None:
        return {"--dataset": f"{run.task}={dataset['id']}"}
    if run.data not in DATA_CHOICES:
        return {"--dataset": f"{run.task}={run.data}"}
    return {} if run.data == "auto" else {"--data": run.data}


def _settings_line(run: RunSpec) -> str | None:
    if not run.settings:
        return None
    content = {"tasks": {run.task: {run.agent: run.settings}}}
    # Not `echo`, which in some shells takes a backslash for the start of an escape.
    return f"printf '%s\\n' {shlex.quote(json.dumps(content))} > {SETTINGS_FILE}"
