"""The report says what planning buys, or nothing where nobody plans."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmark.records.calibration_record import EXCHANGES, CalibrationRecord
from benchmark.reporting.build import build_report
from benchmark.reporting.planning_section import planning_section
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, write_all

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE, LARGE = "maze2d-umaze", "maze2d-large"
RECORDS = [
    completed(task, agent, seed, score + seed)
    for task, scores in {
        UMAZE: {"mage": 50, "mage.mlp": 45, "iql": 40, "bc": 20},
        LARGE: {"mage": 70, "iql": 60, "bc": 80},
    }.items()
    for agent, score in scores.items()
    for seed in (0, 1)
]


def test_a_row_for_each_task_and_a_column_for_each_yardstick_that_was_measured() -> None:
    (section,) = planning_section(collate(RECORDS), [])
    (table,) = section.tables
    assert table.header == ["task", "MAGE - the best without plans", "MAGE - MAGE.mlp"]
    (umaze, best, mlp), (large, best_in_large, nothing) = table.rows
    assert (umaze, large, nothing) == (UMAZE, LARGE, "-")
    assert best.startswith("10.0 [") and best.endswith("(IQL)")
    assert best_in_large.startswith("-10.0 [") and best_in_large.endswith("(BC)")
    assert mlp.startswith("5.0 [") and "MAGE" not in mlp
    (picture,) = section.pictures
    assert picture.caption.startswith(
        "What MAGE scores beyond the best agent without plans, its own variant without a plan, with"
    )
    assert "MAGE.mlp: the returns" in table.caption and "Another state's" not in table.caption


def test_exchanged_plans_stand_beside_it() -> None:
    scores = {kind: [10.0, 20.0] for kind in EXCHANGES}
    calibrations = [
        CalibrationRecord(f"{UMAZE}/mage/seed-{seed}", "a", "b", [1, 2], exchange_scores=scores)
        for seed in (0, 1)
    ]
    (section,) = planning_section(collate(RECORDS), calibrations)
    assert section.tables[0].header[-1] == "MAGE - with another state's plan"
    assert section.tables[0].rows[0][-1].startswith("0.0 [")


@pytest.mark.parametrize("agents", [["iql", "bc"], ["mage"]])
def test_without_a_planner_or_a_yardstick_there_is_no_section(agents: list[str]) -> None:
    records = [record for record in RECORDS if record.run.agent in agents]
    assert list(planning_section(collate(records), [])) == []


def test_the_report_has_table_picture_and_numbers(tmp_path: Path) -> None:
    write_all(tmp_path, RECORDS)
    names = {path.name for path in build_report(tmp_path)}
    assert {"planning.md", "planning.tex", "planning-gains.png", "planning-gains.pdf"} <= names
    frame = pd.read_csv(tmp_path / "report" / "planning.csv")
    assert frame["other"].tolist() == ["iql", "mage.mlp", "bc"]
    assert "## What planning buys" in (tmp_path / "report" / "summary.md").read_text("utf-8")
    build_report(tmp_path, reference="iql")
    assert not list((tmp_path / "report").glob("planning*"))
