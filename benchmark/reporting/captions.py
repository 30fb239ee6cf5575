"""What the caption of a table says of the runs behind it."""

from __future__ import annotations

import pandas as pd

from benchmark.agents.agent_facts import IN_PAINTED
from benchmark.agents.builtin import display_name
from benchmark.records.text import counted, listed
from benchmark.statistics.provenance import KIND_WORDS
from benchmark.statistics.reference_scales import D4RL, RETURN, SUCCESS, task_scales
from benchmark.tasks import TASKS

MARKS = (
    "Bold is a tested difference: the mean is higher than that of every other agent of its row, "
    "each time by more than the 95 % interval of the difference (paired episodes; no correction "
    "for how many rows there are). Underlined, where no mean is bold: the largest mean, and those "
    "that cannot be told from it. Where the largest mean is of one training seed nothing is marked."
)
MAX_DESCRIBED, MAX_LISTED = 4, 12
"""Datasets in a caption: more have no sizes, and still more are only counted."""

_GOALS = {"hidden": "hidden from", "shown": "shown to", IN_PAINTED: "fixed into the plans of"}


def conditions(runs: pd.DataFrame, *, goal: bool = True) -> str:
    """What must be said of the runs with a score behind a table: preset, budget, data, goal.

    Args:
        runs: from `score_frames.run_frame`.
        goal: whether to say who knows the goal.
    """
    scored = runs[runs["scored"]]
    preset = f"Preset {listed(runs['preset'])}"
    if scored.empty:
        return f"{preset}. Data: none, no run was completed."
    steps = _span(scored["steps"], "gradient step")
    episodes = _span(scored["episodes"], "evaluation episode")
    budget = f"{preset}, {steps} and {episodes} a run"
    return f"{budget}. Data: {_data(scored)}.{_goals(scored) if goal else ''}"


def score_words(runs: pd.DataFrame) -> str:
    """What the scores of some tasks are: none of them is called normalised that is not.

    Args:
        runs: from `score_frames.run_frame`.
    """
    if not (runs["scored"].any() or runs["task"].isin(TASKS).any()):
        return "score"  # Of a user's tasks, on whatever scale.
    scales = set(task_scales(runs).values())
    if scales == {RETURN}:
        return "undiscounted return"
    words = "normalised score, 0 and 100 at the task's own reference returns"
    if scales <= {SUCCESS, RETURN}:
        words = "success in percent"
    elif scales <= {D4RL, RETURN, SUCCESS}:
        words = "D4RL-normalised score"
    if SUCCESS in scales and words != "success in percent":
        words += " (of OGBench: success in percent)"
    return f"{words}, or the return where a row says so" if RETURN in scales else words


def uneven_goals(runs: pd.DataFrame) -> str:
    """Who knows the goal, where not all agents know as much of it; else empty."""
    scored = runs[runs["scored"]]
    return _goals(scored) if scored["goal"].nunique() > 1 else ""


def _span(values: pd.Series, what: str) -> str:
    low, high = values.min(), values.max()
    return counted(low, what) if low == high else f"{low:,} to {high:,} {what}s"


def _data(scored: pd.DataFrame) -> str:
    """What was learnt from; the sizes of many datasets are left to the provenance table."""
    sets = scored.drop_duplicates(["dataset", "data_words"])
    if len(sets) <= MAX_DESCRIBED:
        return ", ".join(f"{row.dataset} ({row.data_words})" for row in sets.itertuples())
    ids = {kind: group["dataset"].unique() for kind, group in sets.groupby("kind", sort=False)}
    many = sum(map(len, ids.values())) > MAX_LISTED
    parts = [
        f"{KIND_WORDS.get(kind, kind)}: "
        f"{counted(len(names), 'dataset') if many else ', '.join(names)}"
        for kind, names in ids.items()
    ]
    return f"{'; '.join(parts)}. The provenance table has their sizes"


def _goals(scored: pd.DataFrame) -> str:
    agents = {
        words: scored.loc[scored["goal"] == goal, "agent"].map(display_name)
        for goal, words in _GOALS.items()
        if (scored["goal"] == goal).any()
    }
    same_goal = len(agents) == 1
    parts = [
        f"{words} {'all agents' if same_goal and names.nunique() > 1 else listed(names)}"
        for words, names in agents.items()
    ]
    return f" Goal: {'; '.join(parts)}." if parts else ""
