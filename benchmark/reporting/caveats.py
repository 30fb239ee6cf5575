"""What is to be known of the numbers of a report before they are used: said once, for all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmark.agents.settings import PRESETS
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.text import listed
from benchmark.reporting.captions import MARKS, conditions
from benchmark.statistics.frames import Frames
from benchmark.statistics.provenance import (
    KIND_WORDS,
    PUBLISHED,
    numbers_of_seeds,
    seeds_text,
    tasks_by_kind,
)
from benchmark.statistics.verdict import LEVEL

_PUBLISHED_DATA = "Published scores belong to published data"
_OTHER_DATA = (
    f"{_PUBLISHED_DATA}: no number on other data is to be set beside them, whatever the preset. "
    "Here these are on other data, as the tables of their benchmarks say too: {}."
)
_CHANCE = (
    "At the head of the report one thing is tested of an agent on each task: that it scores higher "
    "than every other agent, or that the best scores higher than it. All of these tests together "
    f"are corrected after Holm, at {LEVEL:.0%}, so that fewer tasks count than are bold. What "
    "holds of other training seeds and episodes may not hold of other tasks."
)


def caveats(frames: Frames) -> Iterator[tuple[str, str]]:
    """What holds for many tables: (what it is about, the text).

    Args:
        frames: of all records, of which there is one or more.
    """
    runs = frames.runs
    preset, seeds = str(runs["preset"].iloc[0]), sorted(runs["seed"].unique())
    purpose = PRESETS[preset].purpose if preset in PRESETS else "not a preset of this version"
    use = f"Preset {preset}: {purpose}. {_data(runs)}{_searched(seeds)}"
    yield "What the numbers may be used for.", use
    yield "How sure they are.", _certainty(runs)
    yield "How means are marked.", MARKS
    yield "What is called more than chance.", _CHANCE
    for benchmark, part in frames.by_benchmark():
        yield f"What {benchmark} was run with.", conditions(part.runs)


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
    kinds = tasks_by_kind(runs)
    other = {kind: tasks for kind, tasks in kinds.items() if kind != PUBLISHED}
    if not kinds:
        return f"{_PUBLISHED_DATA}."
    if not other:
        return f"{_PUBLISHED_DATA}, from which all of this was learnt."
    parts = (f"{KIND_WORDS.get(kind, kind)}: {listed(tasks)}" for kind, tasks in other.items())
    return _OTHER_DATA.format("; ".join(parts))


def _certainty(runs: pd.DataFrame) -> str:
    fewest, most = numbers_of_seeds(runs)
    if most == 1:
        return (
            "Every number comes from one training seed: no standard error can be given, and of no "
            "two agents can be told which scores higher."
        )
    rough = " From fewer than five, the standard error is itself a rough guess." * (fewest < 5)
    single = " Of one seed there is none." * (fewest == 1)
    return (
        f"Every number is a mean over {seeds_text(runs)} ± its standard error, which holds the "
        f"luck of training and of the evaluation episodes.{rough}{single}"
    )
