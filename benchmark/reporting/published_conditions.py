"""In what measured scores differ from published ones: data, sizes, steps, scale."""

from __future__ import annotations

from functools import cache

import pandas as pd

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.records.text import listed
from benchmark.statistics.provenance import PUBLISHED, task_titles
from benchmark.statistics.reference_scales import OWN
from benchmark.tasks import TASKS

DIFFERENT_DATA = "different data"
_PAPER, _FEWER_STEPS = "paper", "fewer gradient steps"
_OTHER_SCALE = "other reference returns"


def differences(runs: pd.DataFrame) -> list[str]:
    """In what scores differ from published ones, in a word or two each; empty if they compare.

    Args:
        runs: of one or several tasks, from `score_frames.run_frame`.

    Returns:
        `different data` if what was learnt from is not the published set, or if what is published
        was learnt from other data than that, or by another protocol; the preset if it is not that
        of the published sizes, and `fewer gradient steps` where it is, but a run took fewer; and
        `other reference returns` where a dataset has brought its own.
    """
    scored = runs[runs["scored"]]
    elsewhere = any(published_as(task) is None for task in scored["task"].unique())
    different = [DIFFERENT_DATA] * bool(elsewhere or scored["kind"].ne(PUBLISHED).any())
    # Also where no run has a score.
    different += [f"preset {preset}" for preset in runs["preset"].unique() if preset != _PAPER]
    different += [_FEWER_STEPS] * _has_fewer_steps(scored)
    return different + [_OTHER_SCALE] * bool(scored["scale"].eq(OWN).any())


def _has_fewer_steps(scored: pd.DataFrame) -> bool:
    """Whether a run of the published sizes took fewer gradient steps than these have."""
    cells = scored[scored["preset"] == _PAPER]
    return any(
        row.steps < _paper_steps(row.agent, row.task)
        for row in cells[["agent", "task", "steps"]].drop_duplicates().itertuples()
    )


@cache
def _paper_steps(agent: str, task: str) -> int:
    """Gradient steps of a built-in agent at the published sizes; 0 where these are not known."""
    if agent not in LEARNING_AGENTS or task not in TASKS:
        return 0
    return resolve_settings(AgentChoice(agent), TASKS[task], _PAPER).steps


def why_different(runs: pd.DataFrame) -> str:
    """What the differences of a benchmark's runs are, in full."""
    scored = runs[runs["scored"]]
    titles, other = task_titles(runs), scored.loc[scored["kind"].ne(PUBLISHED), "task"].unique()
    elsewhere = [task for task in scored["task"].unique() if published_as(task) is None]
    parts = [
        f"preset {preset} has a much smaller budget"
        for preset in scored["preset"].unique()
        if preset != _PAPER
    ]
    if _has_fewer_steps(scored):
        parts.append("some runs took fewer gradient steps than their authors'")
    if len(other):
        parts.append(
            f"not learnt from the published data: {listed(titles[task] for task in other)}"
        )
    if others := sorted(scored.loc[scored["scale"].eq(OWN), "task"].unique()):
        parts.append(f"scored by reference returns of the data, not by D4RL's: {listed(others)}")
    if elsewhere:
        parts.append(f"published on other data or by another protocol: {listed(elsewhere)}")
    return "; ".join(parts)


def published_as(task: str) -> str | None:
    """What a task is called where it is published; None if it is not."""
    return TASKS[task].published_as if task in TASKS else None
