"""A run of the past -> the command that does it again."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from benchmark.agents.settings import PRESETS
from benchmark.records.record import RunSpec

SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class Rerun:
    """How to do one run again, as lines for a shell.

    Attributes:
        settings: writes the file of settings that the command reads; None if it needs none.
        command: `python -m benchmark.run` with everything that makes the run what it was.
    """

    settings: str | None
    command: str


def rerun(run: RunSpec) -> Rerun:
    """How to do a run again, with the same code and data, in an output folder of its own.

    Gradient steps and settings are spelled out even where they are the preset's: to know those,
    the agent's class would have to be imported, and they may have changed since.
    """
    options = {"--tasks": run.task, "--agents": run.source or run.agent, "--seeds": f"{run.seed},"}
    options |= {"--preset": run.preset, "--steps": str(run.steps)}
    if run.preset not in PRESETS or run.episodes != PRESETS[run.preset].episodes:
        options["--episodes"] = str(run.episodes)
    if run.data != "auto":
        options["--data"] = run.data
    if run.max_minutes is not None:
        options["--max-minutes"] = str(run.max_minutes)
    if run.settings:
        options["--config"] = SETTINGS_FILE
    options["--out"] = f"results/rerun/{run.name}"
    parts = [part for option in options.items() for part in option]
    return Rerun(_settings_line(run), shlex.join(["python", "-m", "benchmark.run", *parts]))


def _settings_line(run: RunSpec) -> str | None:
    if not run.settings:
        return None
    content = {"tasks": {run.task: {run.agent: run.settings}}}
    # Not `echo`, which in some shells takes a backslash for the start of an escape.
    return f"printf '%s\\n' {shlex.quote(json.dumps(content))} > {SETTINGS_FILE}"
