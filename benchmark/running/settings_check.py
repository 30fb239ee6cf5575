"""Tries all settings before any work starts, so that a misspelt one costs seconds and no run."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.agents.builtin import BUILTIN, GOAL_AGENTS
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import agent_class, split_variant
from benchmark.agents.settings import resolve_settings
from benchmark.agents.settings_file import SettingsFile
from benchmark.data.recorded_spaces import info_of
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Agent
from benchmark.running.compute import needs_of
from benchmark.running.grid import Grid
from benchmark.tasks import TASKS


def check_settings(grid: Grid) -> None:
    """Makes every agent of a grid once for each task, on the processor, and looks at its needs.

    Environments of users' tasks are tried as well.

    Raises:
        UserError: for the first that cannot be made, or needs what is none.
    """
    for agent in grid.agents:
        needs_of(agent_class(agent.source or agent.name))
    for task in grid.tasks:
        if task.name not in TASKS and grid.evaluated:
            from benchmark.tasks.environments import (
                check_environment,
            )  # Keeps MuJoCo out of --help.

            check_environment(task)
    for _ in made_agents(grid, "cpu"):
        pass  # It is made, and that is all.


def made_agents(grid: Grid, device: str) -> Iterator[Agent]:
    """Each agent of a grid, untrained, task after task.

    Args:
        grid: whose agents have their settings of its preset and its file.
        device: name of a torch device.

    Raises:
        UserError: for one that cannot be made, or data whose spaces cannot be read.
    """
    for task in grid.tasks:
        try:
            info = info_of(task, grid.data_of(task), evaluated=grid.evaluated)
        except DatasetError as error:
            raise UserError(str(error)) from error
        for agent in grid.agents:
            settings = resolve_settings(agent, task, grid.preset, user=grid.settings_file)
            yield make_agent(agent, info, settings, device)


def may_be_refused(grid: Grid) -> bool:
    """Whether an agent of the grid was never tried on its tasks as it is asked for, or cannot do.

    Built-in agents with the settings of this benchmark were tried on the tasks of the table; those
    that learn to reach goals are refused where a task shows none.
    """
    names = {split_variant(agent.name)[0] for agent in grid.agents}
    own = names <= set(BUILTIN) and all(task.name in TASKS for task in grid.tasks)
    shown = names.isdisjoint(GOAL_AGENTS) or all(task.hindsight for task in grid.tasks)
    return not (own and shown) or grid.settings_file != SettingsFile()
