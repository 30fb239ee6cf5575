"""What training and acting cost, as measured, and the steps of `quick` and `standard` that follow.

One rule makes the budget of `quick`: training takes every agent as long as every other, on every
task. `python -m benchmark.updates --calibrate` times all of them in turns on one machine, and
writes a file for each preset and benchmark into `measured_costs/`. The steps of `quick` are read
from there and come from nowhere else, and those of `standard`, whose networks are the same, follow
from the same costs; `--dry-run` reads there what a run will cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from benchmark.agents.builtin import TIMED_AGENTS
from benchmark.records.files import write_atomically
from benchmark.tasks import Task

COSTS_FOLDER = Path(__file__).with_name("measured_costs")
BUDGETED_PRESET = "quick"
TARGET_SECONDS = 300.0  # Of training, for every agent at `quick`.
LONGER_SECONDS = {"standard": 3600.0}  # At presets that cost as much a step.


@dataclass(frozen=True)
class AgentCost:
    """What an agent costs on the tasks where it is trained alike, in seconds of one core.

    Attributes:
        agent: its name.
        tasks: names of tasks.
        steps: gradient steps of the preset.
        step_seconds: of a gradient step, in the mean over all stages of training.
        fixed_seconds: of training, whatever the number of steps.
        act_seconds: of a call of `act` for ten environments.
    """

    agent: str
    tasks: tuple[str, ...]
    steps: int
    step_seconds: float
    fixed_seconds: float
    act_seconds: float

    def training_seconds(self, steps: int | None = None) -> float:
        """How long training takes, by default with the steps of the preset."""
        return self.fixed_seconds + self.step_seconds * (self.steps if steps is None else steps)


@dataclass(frozen=True)
class Calibration:
    """The costs of all agents on a benchmark at a preset, all timed together.

    Attributes:
        preset: its name.
        benchmark: its name.
        measured: when, on which machine, with which versions and how, for people.
        make_seconds: to make and reset one environment.
        env_seconds: of a step of one environment.
        agents: of every agent in `TIMED_AGENTS`; one has several where tasks differ in cost.
    """

    preset: str
    benchmark: str
    measured: Mapping[str, Any]
    make_seconds: float
    env_seconds: float
    agents: tuple[AgentCost, ...]

    def cost(self, agent: str, task: str) -> AgentCost | None:
        """Of an agent on a task; None if it was not timed."""
        fitting = (cost for cost in self.agents if cost.agent == agent and task in cost.tasks)
        return next(fitting, None)


def has_equal_seconds(preset: str) -> bool:
    """Whether training takes every agent as long as every other."""
    return preset in (BUDGETED_PRESET, *LONGER_SECONDS)


def steps_for(seconds: float, cost: AgentCost) -> int:
    """The gradient steps that fill so many seconds of training, in three digits."""
    steps = (seconds - cost.fixed_seconds) / cost.step_seconds
    return max(1, int(float(f"{steps:.3g}")))


def budgeted_steps(agent: str, task: Task, preset: str) -> int | None:
    """The steps that the calibration gives an agent, or a yardstick; None where it gives none."""
    if not has_equal_seconds(preset) or agent not in TIMED_AGENTS:
        return None
    calibration = read_calibration(preset, task.benchmark)
    cost = calibration.cost(agent, task.name) if calibration else None
    return cost.steps if cost else None


@cache
def read_calibration(preset: str, benchmark: str) -> Calibration | None:
    """What was measured, or follows from what was; None if nothing was."""
    path = costs_path(preset, benchmark)
    if path.exists():
        return parse_calibration(path.read_text(encoding="utf-8"))
    seconds = LONGER_SECONDS.get(preset)
    shorter = read_calibration(BUDGETED_PRESET, benchmark) if seconds else None
    if seconds is None or shorter is None:
        return None
    agents = (replace(cost, steps=steps_for(seconds, cost)) for cost in shorter.agents)
    return replace(shorter, preset=preset, agents=tuple(agents))


def with_costs(kept: Calibration, timed: Calibration, reference: str) -> Calibration:
    """What was measured of all agents, and of some of them, or of new ones, again.

    Args:
        kept: of all.
        timed: of some, with the reference among them; its costs count in proportion to that.
        reference: name of the agent that both hold; what is kept of it stays.
    """
    before = {
        row: kept.cost(reference, row.tasks[0]) for row in timed.agents if row.agent == reference
    }
    factor = median(
        cost.training_seconds() / row.training_seconds(cost.steps)
        for row, cost in before.items()
        if cost
    )
    rows = [
        replace(
            row,
            step_seconds=factor * row.step_seconds,
            fixed_seconds=factor * row.fixed_seconds,
            act_seconds=factor * row.act_seconds,
        )
        for row in timed.agents
        if row.agent != reference
    ]
    if seconds := kept.measured.get("target_seconds"):
        rows = [replace(row, steps=steps_for(seconds, row)) for row in rows]
    names = sorted({row.agent for row in rows})
    added = {**timed.measured, "agents": names, "beside": reference, "factor": round(factor, 4)}
    added.pop("target_seconds", None)
    # What was added before, unless all of it was timed again.
    earlier = [one for one in kept.measured.get("added", ()) if not {*one["agents"]} <= {*names}]
    measured = {**kept.measured, "added": [*earlier, added]}
    others = [row for row in kept.agents if row.agent not in names]
    return replace(kept, measured=measured, agents=(*others, *rows))


def costs_path(preset: str, benchmark: str, folder: Path = COSTS_FOLDER) -> Path:
    """Where the costs of a benchmark at a preset are kept."""
    return folder / f"{preset}-{benchmark}.json"


def parse_calibration(text: str) -> Calibration:
    """Undoes `calibration_text`."""
    parts = json.loads(text)
    costs = [{**row, "tasks": tuple(row["tasks"])} for row in parts.pop("agents")]
    return Calibration(**parts, agents=tuple(AgentCost(**row) for row in costs))


def calibration_text(calibration: Calibration) -> str:
    """As JSON, with an agent in each line."""
    parts = asdict(calibration)
    rows = ",\n  ".join(json.dumps(row) for row in parts.pop("agents"))
    head = json.dumps(parts, indent=1).removesuffix("\n}")
    return f'{head},\n "agents": [\n  {rows}\n ]\n}}\n'


def write_calibration(calibration: Calibration, folder: Path) -> Path:
    """Writes the costs of a benchmark, and returns where they are."""
    path = costs_path(calibration.preset, calibration.benchmark, folder)
    write_atomically(path, calibration_text(calibration))
    read_calibration.cache_clear()
    return path
