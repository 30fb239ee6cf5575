"""Runs -> what they were made with, in a few words each: the badges at the head of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.records.record import FIRST_SEARCH_SEED, SCORED_STATUSES
from benchmark.records.text import counted, listed
from benchmark.statistics.provenance import (
    PUBLISHED,
    goal_advantages,
    numbers_of_seeds,
    tasks_by_kind,
)
from benchmark.statistics.score_frames import NOT_EVALUATED

_DATA = {"re-creation": "re-created", "collected here": "recorded here", "own data": "own"}
_PRESETS = {
    "smoke": "smoke: the scores mean nothing",
    "quick": "quick: a small budget",
    "standard": "standard: an hour each",
    "paper": "paper: the published sizes",
}
_FEW = 6  # Seeds that are listed one by one.


@dataclass(frozen=True)
class Badge:
    """One fact on all runs.

    Attributes:
        topic: what it is about.
        text: the fact.
        caution: whether the numbers are to be trusted less for it.
    """

    topic: str
    text: str
    caution: bool = False


def badges(runs: pd.DataFrame) -> Iterator[Badge]:
    """The badges of a report.

    Args:
        runs: one row or more from `score_frames.run_frame`.
    """
    unscored = runs["status"].isin(SCORED_STATUSES) & ~runs["scored"]
    ended = runs["status"].mask(unscored, runs["status"] + f", {NOT_EVALUATED}")
    states = dict(ended.groupby(ended).size().items())
    yield Badge("Runs", _ended(states), set(states) != {"completed"})
    seeds, fewest = sorted(runs["seed"].unique()), numbers_of_seeds(runs)[0]
    yield Badge("Seeds", _seeds(seeds), fewest == 1 or seeds[-1] >= FIRST_SEARCH_SEED)
    preset = str(runs["preset"].iloc[0])
    yield Badge("Preset", _PRESETS.get(preset, preset), preset != "paper")
    kinds = tasks_by_kind(runs)
    yield Badge("Data", data_text(kinds), set(kinds) != {PUBLISHED})
    advantages = goal_advantages(runs)
    yield Badge("Goal", _goal(runs, advantages), bool(advantages))
    yield _commit(runs)


def _ended(states: Mapping[str, int]) -> str:
    """`12, all completed`, or `12: 11 completed, 1 failed`."""
    runs, (first, *more) = sum(states.values()), states
    if not more:
        return f"{runs:,}, {'all ' * (runs > 1)}{first}"
    return f"{runs:,}: {', '.join(f'{count:,} {state}' for state, count in states.items())}"


def _seeds(seeds: list[int]) -> str:
    is_range = len(seeds) > _FEW and seeds == list(range(seeds[0], seeds[-1] + 1))
    names = f"{seeds[0]} to {seeds[-1]}" if is_range else listed(seeds)
    searched = ", some of them searched on" if seeds[-1] >= FIRST_SEARCH_SEED else ""
    return f"{len(seeds):,} ({names}){searched}"


def data_text(kinds: Mapping[str, list[str]]) -> str:
    """What data it is, as in `re-created on 8 tasks, recorded here on 4`.

    Args:
        kinds: from `provenance.tasks_by_kind`.
    """
    if not kinds:
        return "none"
    if len(kinds) == 1:
        (kind,) = kinds
        return _DATA.get(kind, kind)
    first, *rest = (
        f"{_DATA.get(kind, kind)} on {counted(len(tasks), 'task')}" for kind, tasks in kinds.items()
    )
    return ", ".join([first, *(text.rpartition(" ")[0] for text in rest)])


def goal_text(advantages: Mapping[str, list[str]]) -> str:
    """Who is told the goal, as in `told to Diffuser alone on 3 tasks`.

    Args:
        advantages: one or more, from `provenance.goal_advantages`.
    """
    tasks = {task for known in advantages.values() for task in known}
    names = listed(map(display_name, advantages))
    return f"told to {names} and not to others, on {counted(len(tasks), 'task')}"


def _goal(runs: pd.DataFrame, advantages: Mapping[str, list[str]]) -> str:
    if advantages:
        return goal_text(advantages)
    scored = runs[runs["scored"] & runs["goal"].ne("none")]
    if scored.empty:
        return "these tasks have none to tell"
    hidden = scored.loc[scored["goal"].eq("hidden"), "task"].nunique()
    if hidden == scored["task"].nunique():
        return "hidden from all agents"
    but = f", hidden from all on {counted(hidden, 'task')}" if hidden else ""
    return f"known to all agents alike{but}"


def _commit(runs: pd.DataFrame) -> Badge:
    commits = sorted(runs.loc[runs["scored"], "commit"].str.split(", ").explode().unique())
    if len(commits) != 1:
        return Badge("Code", f"{len(commits)} commits" if commits else "no run", bool(commits))
    code, _, changed = commits[0].partition("-")
    if code == "unknown":
        return Badge("Code", "unknown commit", caution=True)
    text = f"one commit ({code[:7]}{', changed since' * bool(changed)})"
    return Badge("Code", text, bool(changed))
