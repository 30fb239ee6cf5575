"""Tested differences between agents: a table of one agent against all others, and words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.records.text import counted, listed
from benchmark.reporting.captions import conditions, score_words
from benchmark.reporting.formats import Table
from benchmark.reporting.tables import with_interval
from benchmark.statistics.differences import against
from benchmark.statistics.provenance import task_title, task_titles
from benchmark.statistics.reference_scales import DECIMALS
from benchmark.statistics.score_frames import AVERAGE, in_order
from benchmark.statistics.uncertainty import PAIRED, VERDICTS

ONE_IN_TWENTY = (
    "Where nothing differs, one in twenty of such intervals excludes zero by chance, so among many "
    "comparisons some say higher or lower wrongly."
)


def difference_table(differences: pd.DataFrame, runs: pd.DataFrame, reference: str) -> Table:
    """Tasks by agents: by how much the reference scores higher than each, and what that tells.

    Args:
        differences: from `differences.difference_frame`.
        runs: from `score_frames.run_frame`.
        reference: name of the agent that all others are set against.
    """
    name, shown = display_name(reference), against(differences, reference)
    cells = {
        (row.benchmark, row.task, row.other): row
        for row in shown.rename(columns={"difference": "value"}).itertuples()
    }
    others, titles = in_order(shown["other"], ROW_ORDER), task_titles(runs)
    kinds = runs[runs["scored"]].groupby("benchmark")["kind"].unique()
    averaged = {name: task_title(name, kinds.get(name, ())) for name in runs["benchmark"].unique()}
    rows = [
        [
            f"average of {averaged[benchmark]}" if task == AVERAGE else titles[task],
            *(
                difference_text(cells[benchmark, task, other])
                if (benchmark, task, other) in cells
                else "-"
                for other in others
            ),
        ]
        for benchmark, group in runs.groupby("benchmark", sort=False)
        for task in [*group["task"].unique(), AVERAGE]
        if any((benchmark, task, other) in cells for other in others)
    ]
    return Table(
        name="differences",
        caption=f"By how much {name} scores higher than each other agent: difference of the "
        f"means ({score_words(runs)}), its 95 % interval over training seeds and evaluation "
        "episodes, "
        f"and what it tells of {name}: higher or lower where zero lies outside the interval, else "
        "cannot tell. Episodes that both agents played are paired.",
        shared=conditions(runs),
        dash="one of the two has no score there",
        header=["task", *(f"{name} - {display_name(other)}" for other in others)],
        rows=rows,
        long=True,
    )


def difference_text(difference: Any) -> str:
    """A difference with its interval and verdict: `-9.5 [-17.7, -1.3] lower`.

    Args:
        difference: an `uncertainty.Estimate`, or a row of `differences.difference_frame`.
    """
    decimals = getattr(difference, "decimals", DECIMALS)
    interval = with_interval(difference.value, difference.low, difference.high, decimals)
    text = f"{interval} {difference.verdict}"
    return text if difference.basis == PAIRED else f"{text} ({difference.basis})"


def verdicts(differences: pd.DataFrame, runs: pd.DataFrame, reference: str) -> Iterator[str]:
    """What the table says, in words: a sentence for every agent, and how many can be wrong.

    Args:
        differences: from `differences.difference_frame`.
        runs: from `score_frames.run_frame`.
        reference: name of the agent that all others are set against.
    """
    titles, name = task_titles(runs), display_name(reference)
    of_tasks = differences[differences["task"] != AVERAGE]
    shown = against(of_tasks, reference)
    for other in in_order(shown["other"], ROW_ORDER):
        rows = shown[shown["other"] == other]
        tasks = {verdict: rows.loc[rows["verdict"] == verdict, "task"] for verdict in VERDICTS}
        parts = [
            f"{verdict} on {listed(named.map(titles))}"
            for verdict, named in tasks.items()
            if len(named)
        ]
        yield f"{name} against {display_name(other)}: {'; '.join(parts)}."
    counts = of_tasks["verdict"].value_counts()
    shares = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    yield (
        f"The CSV file beside it has all pairs of agents: {counted(len(of_tasks), 'comparison')} "
        f"on single tasks, {shares}. {ONE_IN_TWENTY}"
    )
