"""What planning buys -> a section of a report: a table and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from benchmark import plots
from benchmark.agents.builtin import display_name
from benchmark.records.calibration_record import CalibrationRecord
from benchmark.records.text import listed
from benchmark.reporting.blocks import Picture, Section
from benchmark.reporting.captions import conditions, score_words
from benchmark.reporting.difference_table import difference_text
from benchmark.reporting.formats import Table
from benchmark.statistics.calibration_frames import exchange_frame
from benchmark.statistics.frames import Frames
from benchmark.statistics.planning import (
    ANOTHER,
    BEST,
    PLANLESS,
    measured_yardsticks,
    planning_frame,
)
from benchmark.statistics.provenance import task_titles

_CAPTION = (
    "What {planner} scores beyond {yardsticks}, with 95 % intervals; right of the line it scores "
    "higher. Without an interval: one training seed."
)
_YARDSTICKS = {
    BEST: "the best agent without plans",
    PLANLESS: "its own variant without a plan",
    ANOTHER: "itself with another state's plan",
}


def planning_section(
    frames: Frames, calibrations: Sequence[CalibrationRecord]
) -> Iterator[Section]:
    """One section where the reference is a planner that something can be set against, or none.

    Args:
        frames: of all records.
        calibrations: of agents whose records these are.
    """
    plain = frames.plain
    gains = planning_frame(plain.differences, exchange_frame(calibrations), plain.reference)
    if gains.empty:
        return
    planner, titles = display_name(plain.reference), task_titles(plain.runs)
    picture = Picture(
        "planning-gains",
        "Scores beyond those without the plan, by task",
        _CAPTION.format(
            planner=planner,
            yardsticks=listed(_YARDSTICKS[name] for name in measured_yardsticks(gains)),
        ),
        plots.planning_figure(gains.assign(task=gains["task"].map(titles))),
    )
    table = planning_table(gains, plain.runs)
    yield Section(
        "What planning buys", [table, picture], "planning", gains.drop(columns="decimals")
    )


def planning_table(gains: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Tasks by yardsticks, from `planning.planning_frame`; `runs` from `score_frames.run_frame`."""
    titles, planner = task_titles(runs), display_name(gains["agent"].iloc[0])
    shown = gains.rename(columns={"difference": "value"})
    cells = {(row.task, row.yardstick): row for row in shown.itertuples()}
    headings = {
        BEST: f"{planner} - the best without plans",
        PLANLESS: f"{planner} - {planner}.mlp",
        ANOTHER: f"{planner} - with another state's plan",
    }
    measured = measured_yardsticks(gains)
    explained = {
        BEST: " The best without plans: of the built-in agents that do not plan, the one of the "
        "highest mean, chosen by these very scores, which favours it.",
        PLANLESS: f" {planner}.mlp: the returns and conditions of {planner}, read by a network "
        "without a plan.",
        ANOTHER: f" Another state's plan: {planner} itself, following what it planned elsewhere in "
        "the task.",
    }
    of_cells = runs[runs["task"].isin(gains["task"])]
    return Table(
        name="planning",
        caption=f"By how much {planner} scores higher than what does without its plan: difference "
        f"of the means ({score_words(of_cells)}) with its 95 % interval over training seeds and "
        f"evaluation episodes.{''.join(explained[name] for name in measured)}",
        shared=conditions(of_cells),
        dash="not measured there",
        header=["task", *(headings[name] for name in measured)],
        rows=[
            [titles[task], *(_cell(cells.get((task, name))) for name in measured)]
            for task in gains["task"].unique()
        ],
        long=True,
    )


def _cell(gain: Any) -> str:
    """A difference; the best agent without plans is named, as it is another on every task."""
    if gain is None:
        return "-"
    other = f" ({display_name(gain.other)})" if gain.yardstick == BEST else ""
    return f"{difference_text(gain)}{other}"
