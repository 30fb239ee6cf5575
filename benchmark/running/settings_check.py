"""Tries all settings before any work starts, so that a misspelt one costs seconds and no run."""

from __future__ import annotations

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import agent_class, split_variant
from benchmark.agents.settings import resolve_settings
from benchmark.agents.settings_file import SettingsFile
from benchmark.running.compute import needs_of
from benchmark.running.grid import Grid


def check_settings(grid: Grid) -> None:
    """Makes every agent of a grid once for each task, on the processor, and looks at its needs.

    Raises:
        UserError: for the first that cannot be made, or needs what is none.
    """
    # Keeps MuJoCo out of --help.
    from benchmark.tasks.environments import task_info

    for agent in grid.agents:
        needs_of(agent_class(agent.source or agent.name))
    for task in grid.tasks:
        info = task_info(task)
        for agent in grid.agents:
            settings = resolve_settings(agent, task, grid.preset, user=grid.settings_file)
            make_agent(agent, info, settings, "cpu")


def has_own_settings(grid: Grid) -> bool:
    """Whether somebody else than this benchmark has set something, so that it was not tried yet."""
    own = all(split_variant(agent.name)[0] in BUILTIN for agent in grid.agents)
    return not own or grid.settings_file != SettingsFile()
