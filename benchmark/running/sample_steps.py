"""How many gradient steps a sample of a search gets: those that take as long as the present ones.

At `quick` and `standard` training takes every agent as long as every other. A sample with a wider
network or larger batches takes longer for a step, and gets fewer of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import AgentSettings
from benchmark.agents.training_costs import steps_for
from benchmark.evaluation.training_time import SAME_COST, Workload, may_change_cost
from benchmark.interface import Dataset, TaskInfo
from benchmark.resumable import takes_gradient_steps
from benchmark.running.search_space import Search

_SECONDS = 3.0  # About so long the longer of the trainings that are timed takes.
_ROUNDS = 2


def sample_steps(search: Search, settings: Mapping[str, Any], info: TaskInfo, data: Dataset) -> int:
    """The gradient steps of each training of a sample.

    Args:
        search: that tries it.
        settings: with which the sample's agent is made, which it can be.
        info: what the agent is told about its task.
        data: that it learns from.
    """
    run, present = search.run, {**search.run.settings, **search.present}
    learns = takes_gradient_steps(agent_class(run.source or run.agent))
    if not (learns and search.has_equal_seconds and _may_differ(settings, present, search.space)):
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


def _may_differ(
    settings: Mapping[str, Any], present: Mapping[str, Any], space: Mapping[str, Any]
) -> bool:
    """Whether a step may take another time: with another size or number, or with one that is 0."""
    pairs = [(settings[name], present[name]) for name in space]
    return any(
        bool(new) != bool(old) or (may_change_cost(new) and _plain(new) != _plain(old))
        for new, old in pairs
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value


def _workload(search: Search, settings: Mapping[str, Any], info: TaskInfo) -> Workload:
    run, sources = search.run, dict.fromkeys(settings, "the search")
    return Workload(
        AgentChoice(run.agent, run.source, run.source_hash),
        (run.task,),
        info,
        AgentSettings(run.steps, dict(settings), sources),
        search.device,
    )
