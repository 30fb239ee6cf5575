"""The tables at the head of a report: agents over all tasks, tasks by agents, agents by agents."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.records.text import counted, listed
from benchmark.reporting.formats import Bar, Table
from benchmark.reporting.tables import number, with_interval
from benchmark.statistics.aggregates import Group
from benchmark.statistics.differences import pair_counts
from benchmark.statistics.leaderboard import CAP
from benchmark.statistics.marks import compared_tasks
from benchmark.statistics.provenance import task_title
from benchmark.statistics.reference_scales import RETURN
from benchmark.statistics.score_frames import AVERAGE, SCORED, in_order

_NOT_TIMED, _NONE = "not timed", "n/a"
_PARTIAL = "*"
_PARTIAL_MEANS = (
    f" {_PARTIAL}: some training seeds of the benchmark are not in this mean, or had no time for "
    "all of their gradient steps."
)
_IQM_COLUMN = 1


def leaderboard_table(board: pd.DataFrame, group: Group, scores: pd.DataFrame) -> Table:
    """One row per agent, the lowest mean rank first.

    Args:
        board: from `leaderboard.leaderboard_frame`.
        group: that it was made of.
        scores: likewise.
    """
    complete, compared = len(group.tasks), len(compared_tasks(scores))
    left_out = [display_name(name) for name in board["agent"] if name not in group.scores]
    why = f" n/a: {listed(left_out)} did not complete them." if left_out and complete else ""
    if returns := scores.loc[scores["scale"] == RETURN, "task"].nunique():
        why += (
            f" Left out, but for highest: {counted(returns, 'task')} whose scores are returns, "
            "which have no mean with those of others."
        )
    return Table(
        name="leaderboard",
        caption=f"Over the {counted(complete, 'task')} that all of these agents completed: "
        "interquartile mean (IQM) with its 95 % interval, mean rank (the lowest comes first), "
        f"shortfall (mean of what scores lack to {CAP:g}).{why} Highest: of "
        f"{counted(compared, 'task')}, how many it has the highest mean on, tested or not. Times "
        "go from the least to the most of benchmarks and machines, and compare on the same machine "
        "only.",
        header=[
            *("agent", "IQM", "mean rank", "highest", "shortfall"),
            *("ms per action", "training (s)"),
        ],
        rows=[
            [
                display_name(row.agent),
                _or(with_interval(row.iqm, row.iqm_low, row.iqm_high), _NONE),
                _or(number(row.mean_rank, 2), _NONE),
                str(row.highest),
                _or(number(row.optimality_gap), _NONE),
                _or(_span(row.ms_least, row.ms_most, decimals=2), _NOT_TIMED),
                _or(_span(row.seconds_least, row.seconds_most, decimals=0), _NOT_TIMED),
            ]
            for row in board.itertuples()
        ],
        bars=_bars(board),
        compact=True,
    )


def _or(text: str, instead: str) -> str:
    return instead if text == "-" else text


def _span(least: float, most: float, decimals: int) -> str:
    """From the least to the most: `2.40 to 81.00`, or one number if they are printed alike."""
    if math.isnan(least):
        return "-"
    ends = [f"{value:,.{decimals}f}" for value in (least, most)]
    return " to ".join(dict.fromkeys(ends))


def _bars(board: pd.DataFrame) -> Mapping[tuple[int, int], Bar]:
    """A bar for each interquartile mean, all on one scale that has 0 on it."""
    ends = board[["iqm", "iqm_low", "iqm_high"]]
    least, most = min(0.0, float(ends.min(axis=None))), max(0.0, float(ends.max(axis=None)))
    if not most > least:  # As where there is none.
        return {}
    return {
        (row, _IQM_COLUMN): Bar(*((end - least) / (most - least) for end in (low, middle, high, 0)))
        for row, (middle, low, high) in enumerate(ends.itertuples(index=False, name=None))
        if not math.isnan(middle)
    }


def heat_table(scores: pd.DataFrame) -> Table:
    """Tasks by agents of all benchmarks: means alone, shaded within each task.

    Args:
        scores: from `marks.with_marks`, without variants of MAGE.
    """
    of_tasks = scores[scores["task"] != AVERAGE]
    tasks, agents = list(of_tasks["task"].unique()), in_order(of_tasks["agent"], ROW_ORDER)
    places = {
        (tasks.index(cell.task), agents.index(cell.agent) + 1): cell
        for cell in of_tasks.itertuples()
    }
    titles = {cell.task: task_title(cell.task, (), cell.scale) for cell in of_tasks.itertuples()}
    partial = any(_is_partial(cell) for cell in places.values())
    scored = {place: cell.mean for place, cell in places.items() if cell.status == SCORED}
    return Table(
        name="heat-map",
        caption="Mean score of every agent on every task, shaded within each row from the lowest "
        "to the highest. Bold: higher than every other agent of the row by tested differences, "
        "each for itself; the sentence above corrects for the number of tasks, and may count "
        "fewer. Underlined: the highest mean, and those that cannot be told from it."
        f"{_PARTIAL_MEANS * partial}",
        header=["task", *map(display_name, agents)],
        rows=[
            [
                titles[task],
                *(
                    _mean(places[row, column]) if (row, column) in places else "not run"
                    for column in range(1, len(agents) + 1)
                ),
            ]
            for row, task in enumerate(tasks)
        ],
        bold=frozenset(place for place in scored if places[place].ahead),
        underlined=frozenset(place for place in scored if places[place].level),
        runs={
            (row, column): f"{task}/{agent}"
            for row, task in enumerate(tasks)
            for column, agent in enumerate(agents, start=1)
        },
        shades=_shades(scored),
        compact=True,
    )


def _mean(cell: pd.Series) -> str:
    if cell.status != SCORED:
        return str(cell.status)
    return f"{number(cell.mean, cell.decimals)}{_PARTIAL * _is_partial(cell)}"


def _is_partial(cell: pd.Series) -> bool:
    return bool(cell.status == SCORED and (cell.seeds < cell.seeds_planned or cell.capped > 0))


def _shades(means: Mapping[tuple[int, int], float]) -> Mapping[tuple[int, int], float]:
    """From 0 for the lowest mean of a row to 1 for the highest; none where all are equal."""
    by_row: dict[int, list[float]] = {}
    for (row, _), mean in means.items():
        by_row.setdefault(row, []).append(mean)
    ends = {row: (min(values), max(values)) for row, values in by_row.items()}
    return {
        (row, column): (mean - ends[row][0]) / (ends[row][1] - ends[row][0])
        for (row, column), mean in means.items()
        if ends[row][1] > ends[row][0]
    }


def pair_table(differences: pd.DataFrame) -> Table:
    """Agents by agents: on how many tasks one scores higher or lower, or cannot be told apart.

    Args:
        differences: one row of a single task or more, from `differences.difference_frame`.
    """
    counts = pair_counts(differences)
    agents = in_order(counts.index.get_level_values("agent"), ROW_ORDER)
    pairs = {
        pair: tuple(map(int, row))
        for pair, row in zip(counts.index, counts.to_numpy(), strict=True)
    }
    places = {
        (row, column): pairs[agent, other]
        for row, agent in enumerate(agents)
        for column, other in enumerate(agents, start=1)
        if (agent, other) in pairs
    }
    return Table(
        name="pairs",
        caption="Higher / lower: on how many tasks the agent at the left scores higher or lower "
        "than the one above, by the intervals of their differences; on the others the two cannot "
        "be told apart. Blue: higher on more tasks than lower; orange: lower on more.",
        header=["agent", *map(display_name, agents)],
        rows=[
            [
                display_name(agent),
                *(
                    " / ".join(map(str, places[row, column][:2]))
                    if (row, column) in places
                    else "-"
                    for column in range(1, len(agents) + 1)
                ),
            ]
            for row, agent in enumerate(agents)
        ],
        shades={
            place: (higher - lower) / (higher + lower + unsure)
            for place, (higher, lower, unsure) in places.items()
        },
        compact=True,
        dash="an agent and itself, or two without a task in common",
    )
