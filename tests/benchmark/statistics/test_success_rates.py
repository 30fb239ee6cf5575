"""The share of solved episodes, and that it is n/a where a task defines none."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed

UMAZE = "maze2d-umaze"


def cell(frame: pd.DataFrame, agent: str) -> Any:
    return frame[frame["agent"].eq(agent)].iloc[0]


def test_success_rate_in_percent_or_none() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0, successes=[True, True, True, False]),
        completed(UMAZE, "mage", 1, 9.0, successes=[False, True]),
        completed(UMAZE, "bc", 0, 1.0, successes=[]),
    ]
    frame = score_frame(run_frame(records), "success_rate")
    # 75 and 50 percent; seeds count alike, however many episodes they had.
    assert cell(frame, "mage")["mean"] == (75.0 + 50.0) / 2
    assert cell(frame, "mage")["standard_error"] == 12.5
    assert cell(frame, "bc")["status"] == "n/a"
    # Records of before hold one for each episode, where the task defines none.
    (row,) = run_frame([completed("hopper-medium", "bc", 0, 1.0)]).to_dict("records")
    assert math.isnan(row["success_rate"])
