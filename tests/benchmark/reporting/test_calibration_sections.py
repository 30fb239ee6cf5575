"""What was measured of agents stands in the report, as long as it is of its records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.records.calibration_record import (
    EXCHANGES,
    AskedLevel,
    CalibrationRecord,
    content_hash,
    write_calibration_record,
)
from benchmark.records.files import RunFiles, read_records
from benchmark.reporting.build import build_report
from benchmark.reporting.calibration_sections import calibration_sections
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, write_all

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE = "maze2d-umaze"
EPISODES = [600_000, 600_001]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two trainings of MAGE that follow, and one of DT that does not and makes no plans."""
    write_all(tmp_path, [completed(UMAZE, "mage", seed, 1.0) for seed in (0, 1)])
    write_all(tmp_path, [completed(UMAZE, "dt", 0, 1.0)])
    for agent, seed in (("mage", 0), ("mage", 1), ("dt", 0)):
        measure(tmp_path, agent, seed)
    return tmp_path


def measure(out: Path, agent: str, seed: int) -> None:
    run = f"{UMAZE}/{agent}/seed-{seed}"
    levels = [
        AskedLevel(
            level,
            [level, level + 1],
            [level, level + 1] if agent == "mage" else [0.0] * 2,
            [1.0] * 2,
        )
        for level in (0.5, 1.0)
    ]
    scores = {kind: [10.0 - index, 20.0 - index] for index, kind in enumerate(EXCHANGES)}
    write_calibration_record(
        out,
        CalibrationRecord(
            run,
            content_hash(RunFiles(out, run).record),
            "bbbb",
            EPISODES,
            asking_unit="advantage" if agent == "mage" else "share of the target return",
            levels=levels,
            exchange_scores=scores if agent == "mage" else {},
            plan_share=0.5 if agent == "mage" else None,
        ),
    )


def runs_of(out: Path) -> pd.DataFrame:
    return run_frame(read_records(out))


def test_tables_say_who_follows(out: Path) -> None:
    asked, plans = calibration_sections(out, runs_of(out))
    correlations, levels = asked.tables
    assert correlations.rows == [
        [UMAZE, "MAGE", "advantage", "1.00 [1.00, 1.00]", "2"],
        [UMAZE, "DT", "share of the target return", "0.00 [-, -]", "1"],
    ]
    assert levels.rows[0] == [UMAZE, "MAGE", "0.5", "1.00", "1.00", "1.0"]
    assert levels.rows[3] == [UMAZE, "DT", "1", "1.50", "0.00", "1.0"]
    assert "Episodes of a rollout, which no score is of: 2." in correlations.caption
    (plan_table,) = plans.tables
    assert plan_table.header[2:6] == ["own plan", "another episode's", "another state's", "random"]
    (row,) = plan_table.rows
    assert row[:4] == [UMAZE, "MAGE", "15.0", "14.0 (-1.0 [-1.0, -1.0] lower)"]
    assert row[-2:] == ["0.50 [0.50, 0.50]", "2"]
    assert plan_table.runs == {(0, 1): f"{UMAZE}/mage"}


def test_what_is_left_under_perturbations_stands_beside_the_score_without(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, agent, 0, 1.0) for agent in ("mage", "bc")])
    for agent, more in (("mage", {"start=5": [5.0, 7.0]}), ("bc", {})):
        run = f"{UMAZE}/{agent}/seed-0"
        scores = {"none": [10.0, 20.0], "delay=1": [8.0, 10.0], **more}
        record = CalibrationRecord(
            *(run, content_hash(RunFiles(tmp_path, run).record), "b", EPISODES),
            perturbed_scores=scores,
        )
        write_calibration_record(tmp_path, record)
    (section,) = calibration_sections(tmp_path, runs_of(tmp_path))
    (table,) = section.tables
    assert table.header[2:] == ["undisturbed", "delay=1", "start=5", "seeds"]
    assert [row[:3] for row in table.rows] == [[UMAZE, "MAGE", "15.0"], [UMAZE, "BC", "15.0"]]
    assert table.rows[0][3].startswith("9.0 (-6.0") and table.rows[0][4].startswith("6.0 (-9.0")
    assert table.rows[1][4:] == ["-", "1"]
    assert table.runs == {(0, 1): f"{UMAZE}/mage", (1, 1): f"{UMAZE}/bc"}


def test_the_report_has_tables_picture_and_numbers(out: Path) -> None:
    names = {path.name for path in build_report(out)}
    kinds = ("md", "tex", "csv", "png", "pdf")
    assert {f"calibration.{kind}" for kind in kinds} <= names
    assert {f"plan-worth.{kind}" for kind in kinds[:3]} <= names
    frame = pd.read_csv(out / "report" / "calibration.csv")
    assert frame["agent"].tolist() == ["mage"] * 4 + ["dt"] * 2
    assert np.allclose(frame["asked"], [1, 1.5] * 3)
    summary = (out / "report" / "summary.md").read_text(encoding="utf-8")
    assert "## Return asked and return reached" in summary and "## What a plan is worth" in summary
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert "What a plan is worth" in page


def test_what_was_measured_of_an_earlier_training_is_left_out(out: Path) -> None:
    write_all(out, [completed(UMAZE, "mage", 1, 2.0)])
    asked, plans = calibration_sections(out, runs_of(out))
    assert [row[-1] for row in (*asked.tables[0].rows, *plans.tables[0].rows)] == ["1"] * 3
    note = (
        "Left out, since their records are not those of the agents that were measured: "
        "maze2d-umaze/mage/seed-1; python -m benchmark.calibration measures them again."
    )
    assert note in asked.blocks and note in plans.blocks


def test_where_all_of_it_is_old_only_that_is_said(out: Path) -> None:
    write_all(out, [completed(UMAZE, "mage", seed, 2.0) for seed in (0, 1)])
    write_all(out, [completed(UMAZE, "dt", 0, 2.0)])
    (section,) = calibration_sections(out, runs_of(out))
    assert not section.tables and len(section.blocks) == 1


def test_what_nobody_has_measured_is_not_mentioned(out: Path) -> None:
    build_report(out)
    for path in out.glob("runs/*/*/calibration-*"):
        path.unlink()
    assert list(calibration_sections(out, runs_of(out))) == []
    build_report(out)
    left = {path.name for path in (out / "report").iterdir()}
    assert not any(name.startswith(("calibration", "plan-worth")) for name in left)
