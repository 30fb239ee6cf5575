"""Runs -> the headline of a report: what there is, what it may be used for, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from benchmark.agents.settings import PRESETS
from benchmark.records.text import counted, listed
from benchmark.statistics.score_frames import NEAR

_LOCAL_DATA = (
    "Published scores belong to published data: no number made on data that was collected locally "
    "(see the provenance table) is to be set beside them, whatever the preset."
)
_MARKS = (
    f"Bold marks the largest mean, underlining means within {NEAR} % of it; neither is a tested "
    "difference."
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
    seeds = runs["seed"].unique()
    return Headline(
        f"{counted(len(runs), 'run')}: {counts}. Seeds: {listed(sorted(seeds))}.",
        [
            ("What the numbers may be used for.", f"Preset {preset}: {purpose}. {_LOCAL_DATA}"),
            ("How sure they are.", f"{_certainty(len(seeds))} {_MARKS}"),
        ],
    )


def _certainty(seeds: int) -> str:
    if seeds == 1:
        return (
            "Every number comes from one training seed: no standard error can be given, and "
            "differences between agents may be chance."
        )
    rough = " From so few, the standard error is itself a rough guess." if seeds < 5 else ""
    return f"Every number is a mean over up to {seeds} training seeds ± its standard error.{rough}"
