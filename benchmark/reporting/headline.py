"""Runs -> the headline of a report: what there is, what it may be used for, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from benchmark.agents.settings import PRESETS
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.text import counted, listed
from benchmark.statistics.provenance import KIND_WORDS, PUBLISHED
from benchmark.statistics.score_frames import NEAR

_PUBLISHED_DATA = "Published scores belong to published data"
_OTHER_DATA = (
    f"{_PUBLISHED_DATA}: no number on other data is to be set beside them, whatever the preset. "
    "Here these are on other data, as the names of their rows say: {}."
)
_MARKS = (
    f"Bold marks the largest mean, underlining means within {NEAR} % of it; neither is a tested "
    "difference. Those that were tested have a section of their own, and say higher, lower or "
    "cannot tell."
)


@dataclass(frozen=True)
class Headline:
    """What stands above all sections of a report, as plain text.

    Attributes:
        text: how many runs there are, how they ended, and from which seeds.
        notes: what else is to be known before reading on: (what it is about, the text).
    """

    text: str
    notes: list[tuple[str, str]]


def headline(runs: pd.DataFrame) -> Headline:
    """The headline of a report.

    Args:
        runs: one row or more from `score_frames.run_frame`.
    """
    preset = str(runs["preset"].iloc[0])
    purpose = PRESETS[preset].purpose if preset in PRESETS else "not a preset of this version"
    states = runs.groupby("status").size().items()
    counts = ", ".join(f"{count} {state}" for state, count in states)
    seeds = sorted(runs["seed"].unique())
    use = f"Preset {preset}: {purpose}. {_data(runs)}{_searched(seeds)}"
    return Headline(
        f"{counted(len(runs), 'run')}: {counts}. Seeds: {listed(seeds)}.",
        [
            ("What the numbers may be used for.", use),
            ("How sure they are.", f"{_certainty(len(seeds))} {_MARKS}"),
        ],
    )


def _searched(seeds: Sequence[int]) -> str:
    """That some of these training seeds are not for reported scores."""
    searched = [seed for seed in seeds if seed >= FIRST_SEARCH_SEED]
    if not searched:
        return ""
    return (
        f" Training seeds of {FIRST_SEARCH_SEED} and above are those that settings are searched "
        f"on ({listed(searched)}): scores from them may be of settings that were chosen for them, "
        "and are not to be reported."
    )


def _data(runs: pd.DataFrame) -> str:
    """Which tasks were not learnt from published data."""
    scored = runs[runs["scored"]]
    other = scored[scored["kind"].ne(PUBLISHED)]
    if scored.empty:
        return f"{_PUBLISHED_DATA}."
    if other.empty:
        return f"{_PUBLISHED_DATA}, from which all of this was learnt."
    kinds = other.groupby("kind", sort=False)["task"].unique()
    parts = (f"{KIND_WORDS.get(kind, kind)}: {listed(tasks)}" for kind, tasks in kinds.items())
    return _OTHER_DATA.format("; ".join(parts))


def _certainty(seeds: int) -> str:
    if seeds == 1:
        return (
            "Every number comes from one training seed: no standard error can be given, and of no "
            "two agents can be told which scores higher."
        )
    rough = " From so few, the standard error is itself a rough guess." if seeds < 5 else ""
    return (
        f"Every number is a mean over up to {seeds} training seeds ± its standard error, which "
        f"holds the luck of training and of the evaluation episodes.{rough}"
    )
