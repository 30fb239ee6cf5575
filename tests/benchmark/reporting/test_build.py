from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.reporting import build
from benchmark.reporting.build import build_report, printed_score_tables
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed, without_data, write_all

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with finished, failed and missing runs of two benchmarks."""
    records = [
        *(
            completed(task, "mage", seed, 50.0 + seed)
            for task in (UMAZE, MEDIUM)
            for seed in (0, 1)
        ),
        *(completed(UMAZE, "bc", seed, 5.0) for seed in (0, 1)),
        failed(MEDIUM, "bc", 0),
        *(without_data(PEN, agent, 0) for agent in ("mage", "bc")),
    ]
    write_all(tmp_path / "out", records)
    return tmp_path / "out"


def test_report_has_tables_pictures_and_a_summary_at_the_end(out: Path) -> None:
    paths = build_report(out)
    assert paths[-1] == out / "report" / "summary.md"
    expected = {f"{kind}-maze2d.{end}" for kind in ("scores", "curves") for end in ("png", "pdf")}
    expected |= {"curves-maze2d.csv", "score-latency.csv"}
    tables = ("scores-maze2d", "scores-adroit", "differences", "aggregates", "latency", "costs")
    for name in (*tables, "leaderboard", "planning", "provenance"):
        expected |= {f"{name}.{end}" for end in ("md", "tex", "csv")}
    for name in ("intervals", "improvement", "planning-gains", "score-latency"):
        expected |= {f"{name}.{end}" for end in ("png", "pdf")}
    assert {path.name for path in paths} == {*expected, "report.html", "summary.md"}
    # A later report removes what it no longer makes, if it knows the name.
    assert all(build._OWN_FILE.fullmatch(path.name) for path in paths[:-1])
    # Nothing temporary stays behind.
    assert {path.name for path in (out / "report").iterdir()} == {path.name for path in paths}


def test_summary_tells_the_whole_story(out: Path) -> None:
    summary = build_report(out)[-1].read_text(encoding="utf-8")
    assert summary.startswith("# Report\n\n**MAGE has the highest mean on maze2d-umaze.")
    assert "- **Runs:** 9: 6 completed, 1 failed, 2 no-dataset\n- **Seeds:** 2 (0, 1)\n" in summary
    assert "**What the numbers may be used for.** Preset quick" in summary
    assert "a mean over 2 training seeds" in summary
    assert "n/a (dataset)" in summary
    assert "n/a (1 of 2 missing)" in summary
    for reason, remedy in (
        ("no network", "--data local"),
        ("RuntimeError: diverged", "see its log"),
    ):
        assert re.search(rf"\| *{re.escape(reason)} .*{remedy}", summary)
    assert "there is no record of it" in summary
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", summary):
        assert (out / "report" / picture).is_file()
    assert summary.count("![") == 6
    assert "maze2d: task maze2d-medium is left out: no complete score of BC." in summary


def test_summary_names_conditions_that_differ(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, "mage", seed, 1.0, steps=100 + seed) for seed in (0, 1)])
    summary = build_report(tmp_path)[-1].read_text(encoding="utf-8")
    assert "## Not the same everywhere" in summary
    assert "trained for different numbers of gradient steps: 100, 101" in summary


def test_summary_folds_many_commits(tmp_path: Path) -> None:
    write_all(tmp_path, (completed(UMAZE, "mage", n, 1.0, commit=f"c{n}") for n in range(3)))
    summary = build_report(tmp_path)[-1].read_text(encoding="utf-8")
    count = "quick: run from different commits (3)"
    assert f"<details><summary>{count}</summary>\n\nc0, c1, c2\n\n</details>" in summary


def test_one_seed_is_called_what_it_is(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, "mage", 0, 1.0)])
    summary = build_report(tmp_path)[-1].read_text(encoding="utf-8")
    assert "one training seed: no standard error can be given" in summary
    assert "Nothing: every run that has a record was completed." in summary


def test_report_without_a_single_score(tmp_path: Path) -> None:
    write_all(tmp_path, [without_data(PEN, "mage", 0)])
    paths = build_report(tmp_path)
    assert not [path for path in paths if path.suffix in (".png", ".pdf")]
    summary = paths[-1].read_text(encoding="utf-8")
    assert "No run was timed." in summary
    assert "No run was completed." in summary


def test_building_twice_gives_the_same_bytes(out: Path) -> None:
    first = {path: path.read_bytes() for path in build_report(out)}
    assert {path: path.read_bytes() for path in build_report(out)} == first


def test_files_without_a_source_are_removed_and_others_kept(out: Path) -> None:
    build_report(out)
    report = out / "report"
    (report / "scores-kitchen.md").write_text("of an earlier run")
    (report / "notes.md").write_text("the user's own")
    build_report(out)
    assert not (report / "scores-kitchen.md").exists()
    assert (report / "report.html").exists()
    assert (report / "notes.md").exists()


def test_score_table_is_plain_text_for_every_benchmark(out: Path) -> None:
    records = [completed(UMAZE, "mage", 0, 50.0), completed(PEN, "mage", 0, 3.0)]
    text = printed_score_tables(collate(records))
    assert text.startswith("adroit: D4RL-normalised score")
    assert re.search(r"^\| maze2d-umaze +\| +50\.0 ± - \|$", text, re.MULTILINE)
    assert text.endswith("MAGE is the only agent with a score, so that nothing can be compared.")
    assert printed_score_tables(collate([])) == ""


def test_one_run_is_one_run(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, "mage", 0, 1.0)])
    summary = build_report(tmp_path)[-1].read_text(encoding="utf-8")
    assert "\n- **Runs:** 1, completed\n- **Seeds:** 1 (0)\n" in summary


def test_two_agents_never_have_the_same_column_head(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, agent, 0, 1.0) for agent in ("mage", "MAGE")])
    summary = build_report(tmp_path)[-1].read_text(encoding="utf-8")
    assert "| task         |    MAGE |   agent MAGE |" in summary


def test_folder_without_records(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist; name a folder given as --out"):
        build_report(tmp_path / "nowhere")
    (tmp_path / "runs").mkdir()
    with pytest.raises(UserError, match="holds no run record"):
        build_report(tmp_path)


def test_report_that_cannot_be_written(out: Path) -> None:
    (out / "report").write_text("in the way")
    with pytest.raises(UserError, match=r"cannot write the report to .*report .*may write to"):
        build_report(out)
    assert (out / "report").read_text() == "in the way"
