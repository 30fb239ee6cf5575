"""How many gradient steps a sample of a search gets: those that take as long as the present ones.

At `quick` and `standard` training takes every agent as long as every other. A sample with a wider
network or larger batches takes longer for a step, and gets fewer of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings
from benchmark.agents.training_costs import has_equal_seconds, steps_for
from benchmark.evaluation.training_time import SAME_COST, Workload
from benchmark.interface import Dataset, TaskInfo
from benchmark.running.search_space import Search

_SECONDS = 3.0  # About so long the longer of the trainings that are timed takes.
_ROUNDS = 2
_MAY_CHANGE_COST = ("int", "choice")  # Sizes and counts; no rate or weight does.


def sample_steps(search: Search, settings: Mapping[str, Any], info: TaskInfo, data: Dataset) -> int:
    """The gradient steps of each training of a sample.

    Args:
        search: that tries it.
        settings: with which the sample's agent is made.
        info: what the agent is told about its task.
        data: that it learns from.

    Raises:
        UserError: if an agent cannot be made.
    """
    run = search.run
    present = {**run.settings, **search.present}
    differing = [name for name in search.space if settings[name] != present[name]]
    if search.steps_asked is not None or not has_equal_seconds(run.preset):
        return run.steps
    if not any(search.space[name][0] in _MAY_CHANGE_COST for name in differing):
        return run.steps
    both = [_workload(search, values, info) for values in (present, settings)]
    for load in both:
        load.choose_lengths(data, _SECONDS)
    for _ in range(_ROUNDS):
        for load in both:
            load.time_turn(data)
    before, now = (load.cost() for load in both)
    seconds = before.training_seconds()
    if 1 / SAME_COST <= now.training_seconds() / seconds <= SAME_COST:
        return run.steps
    return steps_for(seconds, now)


def _workload(search: Search, settings: Mapping[str, Any], info: TaskInfo) -> Workload:
    run, sources = search.run, dict.fromkeys(settings, "the search")
    return Workload(
        AgentChoice(run.agent, run.source, run.source_hash),
        (run.task,),
        info,
        AgentSettings(run.steps, dict(settings), sources),
        search.device,
    )
