"""The measurement of collating writes what it says, and builds a real report."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.cli.selfcheck.command import collation_rows
from benchmark.cli.selfcheck.reports import Collation, measure_collation, synthetic_records
from benchmark.records.files import read_records


def test_made_up_records_are_distinct_and_of_many_cells() -> None:
    records = list(synthetic_records(1000))
    assert len({record.run.name for record in records}) == 1000
    assert len({(record.run.task, record.run.agent) for record in records}) == 400
    assert {len(record.curve) for record in records if record.status == "completed"} == {50}
    assert {record.run.agent for record in records if record.status == "failed"} == {"agent-1"}


@pytest.mark.slow
def test_a_report_is_built_and_measured(tmp_path: Path) -> None:
    found = measure_collation(tmp_path, 20)
    assert len(list(read_records(tmp_path))) == found.records == 20
    assert (tmp_path / "report" / "summary.md").exists()
    assert (tmp_path / "report" / "report.html").stat().st_size == found.page
    assert found.collating > 0 and found.reporting > 0
    assert found.peak > 2**20 and found.stored > 20 * 1000


def test_the_table_names_the_aims() -> None:
    rows = collation_rows(Collation(10_000, 3 * 2**20, 4.44, 12.34, 5 * 2**20, 2**29))
    assert rows == [
        ("10,000 records", "3 MiB", ""),
        ("reading and collating them", "4.4 s", "under 20 s"),
        ("tables, pictures and page of them", "12.3 s", ""),
        ("size of the page", "5.0 MiB", "under 15 MiB"),
        ("peak memory of the process", "512 MiB", "under 1,024 MiB"),
    ]
