"""Which means of a table stand out: by tested differences, not by size alone."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchmark.statistics.differences import both_ways
from benchmark.statistics.score_frames import AVERAGE, SCORED
from benchmark.statistics.uncertainty import HIGHER

MARKS = ("highest", "ahead", "level")
_ROW = ["benchmark", "task"]


def with_marks(scores: pd.DataFrame, differences: pd.DataFrame) -> pd.DataFrame:
    """Scores with what their differences tell, task by task and average by average.

    Args:
        scores: from `score_frames.score_frame`.
        differences: of the same values, from `differences.difference_frame`; agents that it leaves
            out have no mark, and do not count for those of others.

    Returns:
        The scores with three more columns. `highest`: no printed mean of the row is larger, and
        one is smaller. `ahead`: the mean is larger than that of every other agent, and zero lies
        outside the interval of each of these differences. `level`: nobody is ahead, and the mean
        cannot be told from the largest, or is it. From one training seed nobody is ahead or level.
    """
    if scores.empty:
        return scores
    sides = dict(iter(both_ways(differences).groupby(_ROW)))
    compared = scores["agent"].isin({*differences["agent"], *differences["other"]})
    marks = {
        mark
        for row, cells in scores[compared & scores["status"].eq(SCORED)].groupby(_ROW)
        if row in sides
        for mark in _marks(cells, sides[row])
    }
    columns = {name: [(index, name) in marks for index in scores.index] for name in MARKS}
    return scores.assign(**columns)


def _marks(cells: pd.DataFrame, sides: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """The marks of one row of a table: (label in the index, mark).

    Args:
        cells: of the agents with a mean.
        sides: their differences, both ways.
    """
    # As tables print it: pandas rounds 53.15 to 53.2, Python to 53.1, since it is a little less.
    decimals = int(cells["decimals"].iloc[0])
    printed = cells["mean"].map(lambda mean: round(float(mean), decimals))
    if printed.nunique() < 2:  # Without a rival, or with none but equals.
        return
    yield from ((index, "highest") for index in printed.index[printed.eq(printed.max())])
    top = cells.loc[cells["mean"].idxmax()]
    if top["seeds"] < 2:
        return
    beaten = sides.loc[sides["agent"].eq(top["agent"]) & sides["verdict"].eq(HIGHER), "other"]
    level = cells.index[~cells["agent"].isin(beaten)]  # The largest mean itself among them.
    mark = "ahead" if len(level) == 1 else "level"
    yield from ((index, mark) for index in level)


def highest_counts(scores: pd.DataFrame) -> dict[str, int]:
    """Agent -> on how many tasks its mean is the highest, alone or with others.

    Args:
        scores: from `with_marks`.
    """
    of_tasks = scores[scores["task"] != AVERAGE]
    return {str(a): int(n) for a, n in of_tasks.groupby("agent")["highest"].sum().items()}


def compared_tasks(scores: pd.DataFrame) -> list[str]:
    """The tasks on which two agents or more have a mean, in table order.

    Args:
        scores: from `score_frames.score_frame`, without variants of MAGE.
    """
    shown = scores[scores["status"].eq(SCORED) & scores["task"].ne(AVERAGE)]
    counts = shown.groupby("task", sort=False).size()
    return [str(task) for task in counts.index[counts >= 2]]
