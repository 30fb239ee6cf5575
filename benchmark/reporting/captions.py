"""What the caption of a table says of the runs behind it."""

from __future__ import annotations

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.records.text import counted, listed

MAX_LISTED = 12  # dataset ids in a caption; more are only counted
_GOALS = {"hidden": "hidden from", "shown": "shown to", "in-painted": "fixed into the plans of"}


def conditions(runs: pd.DataFrame) -> str:
    """What a caption must say of the runs with a score behind it: preset, budget, data, goal."""
    scored = runs[runs["scored"]]
    preset = f"Preset {listed(runs['preset'])}"
    if scored.empty:
        return f"{preset}. Data: none, no run was completed."
    data = scored.groupby("source", sort=False)["dataset"].unique()
    sources = "; ".join(f"{_datasets(ids)} ({source})" for source, ids in data.items())
    steps = _span(scored["steps"], "gradient step")
    episodes = _span(scored["episodes"], "evaluation episode")
    budget = f"{preset}, {steps} and {episodes} a run"
    return f"{budget}. Data: {sources}.{_goals(scored)}"


def _span(values: pd.Series, what: str) -> str:
    low, high = values.min(), values.max()
    return counted(low, what) if low == high else f"{low:,} to {high:,} {what}s"


def _datasets(ids: list[str]) -> str:
    if len(ids) > MAX_LISTED:
        return f"{len(ids)} datasets, listed in the provenance table"
    return ", ".join(ids)


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
