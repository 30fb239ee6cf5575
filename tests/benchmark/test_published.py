from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.costs import latency_frame
from benchmark.errors import UserError
from benchmark.markup import Table
from benchmark.published import (
    differences,
    published_frame,
    published_latency_table,
    published_table,
    reference_file,
)
from benchmark.record import Record
from benchmark.report import build_report
from benchmark.statistics import run_frame, score_frame
from benchmark.suites import SUITES
from tests.benchmark.made_up import completed, write_all

PEN, UMAZE = "adroit-pen-human", "maze2d-umaze"
PUBLISHED_DATA = {"id": "D4RL/pen/human-v2", "source": "Minari", "hash": "aaaa"}


def table(records: list[Record]) -> Table:
    runs = run_frame(records)
    found = published_table(score_frame(runs), runs)
    assert found is not None
    return found


def row(found: Table, agent: str, origin: str) -> list[str]:
    (texts,) = [each[2:] for each in found.rows if each[:2] == [agent, origin]]
    return texts


def test_every_published_number_has_a_source() -> None:
    assert published_frame("scores.csv")["source"].notna().all()
    assert published_frame("latency.csv")["source"].notna().all()


def test_published_agents_are_called_as_here() -> None:
    agents = set(published_frame("scores.csv")["agent"])
    assert {"td3bc", "bc10"} <= agents and not {"td3_bc", "bc-10"} & agents


def test_measured_stand_beside_published_with_their_source() -> None:
    found = table([completed(PEN, agent, 0, 70.0) for agent in ("mage", "bc")])
    assert found.header == ["agent", "from", PEN]
    assert [each[:2] for each in found.rows[:3]] == [
        ["MAGE", "measured"],
        ["BC", "measured"],
        ["BC", "published [1]"],
    ]
    assert row(found, "BC", "measured") == ["70.0 ± -"]
    assert found.runs == {(0, 2): f"{PEN}/mage", (1, 2): f"{PEN}/bc"}
    assert row(found, "BC", "published [1]") == ["71.0"]
    assert row(found, "SAC-N", "published [1]") == ["6.9"]
    assert "published [1]: CORL README, offline, last scores" in found.caption


def test_two_sources_of_one_agent_have_a_row_each() -> None:
    found = table([completed(UMAZE, "iql", 0, 40.0)])
    rows = sorted(each[2] for each in found.rows if each[0] == "IQL")
    assert rows == ["40.0 ± -", "42.1", "47.4"]


def test_a_published_average_stands_beside_one_over_the_same_tasks() -> None:
    records = [completed(task, "mage", 0, 100.0) for task in SUITES["maze2d"]]
    found = table(records)
    assert found.header[-1] == "average"
    assert row(found, "MAGE", "published [3]") == ["-", "-", "-", "153.3"]
    assert not any("153.3" in each for each in table(records[:2]).rows)


def test_what_differs_from_the_published_is_said_plainly() -> None:
    found = table([completed(UMAZE, "mage", 0, 1.0)])
    assert "Not to be compared as they stand" in found.caption
    assert "preset quick, a much smaller budget" in found.caption
    assert "locally collected data, not the published: maze2d-umaze" in found.caption
    assert "other data or by another protocol: maze2d-umaze" in found.caption


def test_the_published_data_at_the_published_size_compares() -> None:
    records = [completed(PEN, "mage", 0, 1.0, preset="paper", dataset=PUBLISHED_DATA)]
    assert differences(run_frame(records)) == []
    assert "Same data and published sizes" in table(records).caption


def test_a_benchmark_that_nobody_reports_has_no_table() -> None:
    runs = run_frame([completed("own-task", "mage", 0, 1.0)])
    assert published_table(score_frame(runs), runs) is None


def test_latency_of_both_kinds_is_kept_apart() -> None:
    found = published_latency_table(latency_frame([completed(UMAZE, "mage", 0, 1.0)]))
    rows = {each[0]: each[1:3] for each in found.rows}
    assert rows["MAGE"] == ["27.3", "2.00"]
    assert rows["TT"] == ["12863", "-"]
    assert "do not compare" in found.caption


def test_published_numbers_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.published._FOLDERS", (tmp_path / "a", tmp_path / "b"))
    assert reference_file("scores.csv") is None
    with pytest.raises(UserError, match="a/scores.csv, .*b/scores.csv; .* leave out --with-publ"):
        published_frame("scores.csv")


def test_an_installed_copy_has_a_place_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.published._FOLDERS", (tmp_path / "a", tmp_path))
    (tmp_path / "scores.csv").write_text("agent\nbc-10\n")
    assert list(published_frame("scores.csv")["agent"]) == ["bc10"]


@pytest.mark.usefixtures("undrawn")
def test_the_report_has_them_only_if_asked(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, "iql", 0, 40.0)])
    assert r"published \[1\]" not in build_report(tmp_path)[-1].read_text()
    summary = build_report(tmp_path, with_published=True)[-1].read_text()
    assert r"published \[1\]" in summary and "12863" in summary
    assert "published" in (tmp_path / "report" / "scores-maze2d.tex").read_text()
