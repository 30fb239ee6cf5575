"""What runs will cost, before they are started: training, evaluation, and what goes on around them.

Seconds are those of the machine on which costs were measured
(`benchmark.agents.training_costs`), on one core and without a GPU.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.agents.builtin import BUILTIN, LEARNING_AGENTS
from benchmark.agents.registry import AgentChoice, split_variant
from benchmark.agents.settings import find_preset, resolve_settings
from benchmark.agents.training_costs import AgentCost, Calibration, read_calibration
from benchmark.records.capacity import usable_cores
from benchmark.running.grid import Grid
from benchmark.tasks import Task

# Measured with the agents of the comparison at `smoke`, beside what their records account for.
COMMAND_SECONDS = 15.0  # Until Ray has started, and for the report.
RUN_SECONDS = 6.0  # For the process of a run and its imports.
_LATENCY_CALLS, _LATENCY_SECONDS = 60, 5.0  # See `rollout.measure_latency`.
_SIDE_BY_SIDE = 10  # Environments; so many make a call of `act` that was timed.
_MEASURED_BENCHMARK = "adroit"  # Stands for those that were not timed at a preset.


@dataclass(frozen=True)
class CostEstimate:
    """What a command will take.

    Attributes:
        core_seconds: of all runs together.
        seconds: from its start to its end.
    """

    core_seconds: float
    seconds: float


def estimate(grid: Grid, pending: Sequence[tuple[str, str]], workers: int) -> CostEstimate:
    """Adds up what runs take, each on one core.

    Args:
        grid: that they belong to.
        pending: (task, agent) of each, in the order of running.
        workers: runs at a time; 0 for one after another, as with 1.
    """
    if not pending:
        return CostEstimate(0.0, 0.0)
    agents = {agent.name: agent for agent in grid.agents}
    tasks = {task.name: task for task in grid.tasks}
    kinds = dict.fromkeys(pending)
    cost = {kind: run_seconds(grid, tasks[kind[0]], agents[kind[1]]) for kind in kinds}
    runs = [cost[kind] for kind in pending]
    return CostEstimate(sum(runs), COMMAND_SECONDS + _side_by_side(runs, workers))


def run_seconds(grid: Grid, task: Task, agent: AgentChoice) -> float:
    """What one run takes: its process, training, the scores of its curve, and the evaluation."""
    calibration = _calibration(grid.preset, task.benchmark)
    if calibration is None:
        raise AssertionError(f"no costs were measured at preset {grid.preset}")
    costs = _costs(calibration, agent, task.name)
    training = max((_training_seconds(grid, task, agent, cost) for cost in costs), default=0.0)
    if grid.max_minutes is not None:
        training = min(training, 60 * grid.max_minutes)
    act = max((cost.act_seconds for cost in costs), default=0.0)
    return RUN_SECONDS + training + _playing_seconds(grid, task, calibration, act)


def _calibration(preset: str, benchmark: str) -> Calibration | None:
    return read_calibration(preset, benchmark) or read_calibration(preset, _MEASURED_BENCHMARK)


def _costs(calibration: Calibration, agent: AgentChoice, task: str) -> list[AgentCost]:
    """Of an agent; one that is not built in may cost as much as any."""
    base, _ = (agent.name, "") if agent.source else split_variant(agent.name)
    if base in BUILTIN and base not in LEARNING_AGENTS:
        return []
    own = [cost for cost in calibration.agents if cost.agent == agent.name]
    own = own or [cost for cost in calibration.agents if cost.agent == base or base not in BUILTIN]
    return [cost for cost in own if task in cost.tasks] or own


def _training_seconds(grid: Grid, task: Task, agent: AgentChoice, cost: AgentCost) -> float:
    base, _ = (agent.name, "") if agent.source else split_variant(agent.name)
    steps = grid.steps or grid.settings_file.said_steps([base, agent.name], task.name)
    if steps is None:
        return cost.training_seconds()
    if base in BUILTIN:
        return cost.training_seconds(steps)
    # Its own steps take it as long as theirs take the others, so others take it less or more.
    own = resolve_settings(agent, task, grid.preset, user=grid.settings_file).steps
    return cost.training_seconds(round(cost.steps * steps / own))


def _playing_seconds(grid: Grid, task: Task, calibration: Calibration, act_seconds: float) -> float:
    """For the scores of the curve and of the evaluation, and for the latency."""
    if not grid.evaluated:
        return 0.0
    preset = find_preset(grid.preset)
    episodes = grid.episodes or preset.episodes
    batches = [*_batches(episodes), *_batches(preset.tuning_episodes) * preset.curve_scores]
    # A call of `act` for few environments takes about as long as for many.
    played = sum(
        task.max_steps * (act_seconds + size * calibration.env_seconds) for size in batches
    )
    making = calibration.make_seconds * max(batches)
    calls = max(_LATENCY_CALLS, min(task.max_steps, _LATENCY_SECONDS / max(act_seconds, 1e-6)))
    return played + making + calls * (act_seconds + calibration.env_seconds)


def _batches(episodes: int) -> list[int]:
    """How many episodes are played side by side, turn after turn."""
    full, left = divmod(episodes, _SIDE_BY_SIDE)
    return [_SIDE_BY_SIDE] * full + [left] * bool(left)


def _side_by_side(runs: Sequence[float], workers: int) -> float:
    """When the last run ends, if each starts on the worker that is free first."""
    workers = min(max(workers, 1), len(runs))
    # Runs that are more than the cores share them.
    slower = max(1.0, workers / usable_cores())
    free = [0.0] * workers
    for seconds in runs:
        heapq.heapreplace(free, free[0] + slower * seconds)
    return max(free)
