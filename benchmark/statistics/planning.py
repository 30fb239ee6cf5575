"""What planning buys: a planner's score less that of what does without its plan, by task."""

from __future__ import annotations

import pandas as pd

from benchmark.agents.builtin import PLANNERS, WITHOUT_PLANS
from benchmark.records.calibration_record import OTHER_STATE
from benchmark.statistics.differences import against, turned
from benchmark.statistics.reference_scales import DECIMALS
from benchmark.statistics.score_frames import AVERAGE

BEST, PLANLESS, ANOTHER = YARDSTICKS = ("best without plans", "no plan", "another state's plan")
"""The best built-in agent that does not plan, the variant `mlp` of the planner, which acts on what
its plan would be drawn from, and the planner itself with a plan of another state of the task."""

COLUMNS = (
    *("benchmark", "task", "agent", "yardstick", "other", "difference", "low", "high", "verdict"),
    *("basis", "seeds", "seeds_other", "decimals"),
)


def planning_frame(
    differences: pd.DataFrame, exchanged: pd.DataFrame, planner: str
) -> pd.DataFrame:
    """A planner against each of `YARDSTICKS`, on every task where both have a score.

    The best agent is chosen by the very scores that it is then compared by, which favours it.

    Args:
        differences: from `differences.difference_frame`.
        exchanged: from `calibration_frames.exchange_frame`.
        planner: name of an agent.

    Returns:
        Columns `benchmark`, `task`, `agent` (the planner), `yardstick`, `other` (an agent's name),
        `difference` (planner less other), `low`, `high` (its 95 % interval; NaN from one seed),
        `verdict` and `basis` (see `uncertainty.Estimate`), `seeds`, `seeds_other` and `decimals`
        (to print with); in the order of `differences`. No row unless the planner is one of
        `builtin.PLANNERS`.
    """
    is_meant = (differences["task"] != AVERAGE) & (planner in PLANNERS)
    pairs = against(differences[is_meant], planner)
    others = pairs[pairs["other"].isin(WITHOUT_PLANS)]
    best = others.loc[others.groupby("task", sort=False)["difference"].idxmin()]
    planless = pairs[pairs["other"] == f"{planner}.mlp"]
    parts = [
        best.assign(yardstick=BEST),
        planless.assign(yardstick=PLANLESS),
        _with_own_plan(exchanged, planner).assign(yardstick=ANOTHER, decimals=DECIMALS),
    ]
    known = [part[list(COLUMNS)] for part in parts if len(part)]
    frame = pd.concat(known) if known else pd.DataFrame(columns=list(COLUMNS))
    # A calibration does not know the benchmark of a user's own task, nor its decimals.
    for column in ("benchmark", "decimals"):
        known_of = differences.drop_duplicates("task").set_index("task")[column]
        frame[column] = frame["task"].map(known_of).fillna(frame[column])
    frame["decimals"] = frame["decimals"].astype(int)
    order = {task: place for place, task in enumerate(dict.fromkeys(frame["task"]))}
    return frame.sort_values("task", key=lambda tasks: tasks.map(order), kind="stable")


def measured_yardsticks(gains: pd.DataFrame) -> list[str]:
    """Those of `YARDSTICKS` that a `planning_frame` has any row of, in their order."""
    return [name for name in YARDSTICKS if name in set(gains["yardstick"])]


def _with_own_plan(exchanged: pd.DataFrame, planner: str) -> pd.DataFrame:
    """What the planner's own plan adds to that of another state."""
    rows = exchanged[(exchanged["agent"] == planner) & (exchanged["plan"] == OTHER_STATE)]
    changes = rows.rename(columns={"change": "difference"})
    return turned(changes).assign(other=planner, seeds_other=rows["seeds"])
