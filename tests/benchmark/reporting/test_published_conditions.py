"""Runs of the published sizes that cannot be compared with published ones as they stand."""

from __future__ import annotations

from dataclasses import replace

from benchmark.reporting.published import published_table
from benchmark.reporting.published_conditions import differences, why_different
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed

PEN, PUBLISHED_DATA = "adroit-pen-human", {"id": "D4RL/pen/human-v2", "kind": "published"}


def test_fewer_gradient_steps_than_the_authors_are_said() -> None:
    records = [completed(PEN, "mage", 0, 1.0, preset="paper", steps=99, dataset=PUBLISHED_DATA)]
    assert differences(run_frame(records)) == ["fewer gradient steps"]
    runs = run_frame(records)
    found = published_table(score_frame(runs), runs)
    assert found is not None
    assert found.rows[0][1] == "measured (fewer gradient steps)"
    assert "some runs took fewer gradient steps than their authors'" in found.caption


def test_reference_returns_that_a_dataset_brought_are_said() -> None:
    records = [
        replace(
            completed(PEN, "mine", 0, 1.0, preset="paper", dataset=PUBLISHED_DATA),
            references=[137.93, 8820.51],
        )
    ]
    runs = run_frame(records)
    assert differences(runs) == ["other reference returns"]
    assert why_different(runs) == f"scored by reference returns of the data, not by D4RL's: {PEN}"


def test_measured_agents_are_called_as_in_other_tables() -> None:
    records = [completed(PEN, agent, 0, 1.0) for agent in ("my-agent", "random", "mage")]
    runs = run_frame(records)
    found = published_table(score_frame(runs), runs)
    assert found is not None
    names = {row[0] for row in found.rows}
    assert {"my-agent", "random", "MAGE"} <= names and "SAC-N" in names


def test_a_table_without_a_score_compares_nothing() -> None:
    runs = run_frame([failed(PEN, "mage", 0)])
    assert differences(runs) == ["preset quick"]
    found = published_table(score_frame(runs), runs)
    assert found is not None and "No run here has a score to compare." in found.caption
