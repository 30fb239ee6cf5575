from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.reporting.blocks import Section
from benchmark.reporting.build import build_report
from benchmark.reporting.formats import Table
from benchmark.reporting.page import page_section
from benchmark.reporting.published import (
    differences,
    published_frame,
    published_latency_table,
    published_table,
    reference_file,
)
from benchmark.statistics.costs import latency_frame
from benchmark.statistics.score_frames import run_frame, score_frame
from benchmark.tasks import TASKS
from benchmark.tasks.suites import SUITES
from tests.benchmark.synthetic_records import completed, failed, write_all

PEN, UMAZE = "adroit-pen-human", "maze2d-umaze"
CORL = "CORL README, offline, last scores"
HD = "Hierarchical Diffuser (ICLR 2024), table {}"
MAGE = "MAGE (ICLR 2026, arXiv 2602.23770), as summarised in a public paper note"
PUBLISHED_DATA = {"id": "D4RL/pen/human-v2", "kind": "published", "hash": "aaaa"}


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


# As they stand in the sources, read one by one.
PUBLISHED = [
    ("locomotion", "halfcheetah-medium", "bc10", 42.46, 0.7, CORL),
    ("locomotion", "walker2d-medium-expert", "td3bc", 110.03, 0.36, CORL),
    ("locomotion", "hopper-medium-replay", "tt", 91.5, None, HD.format(2)),
    ("maze2d", "maze2d-umaze", "cql", -8.9, 6.11, CORL),
    ("maze2d", "maze2d-umaze", "iql", 42.11, 0.58, CORL),
    ("maze2d", "maze2d-umaze", "iql", 47.4, None, HD.format(1)),
    ("maze2d", "maze2d-large", "hd", 155.8, None, HD.format(1)),
    ("maze2d", "mean", "mage", 153.3, None, MAGE),
    ("multi2d", "multi2d-large", "diffuser", 132.1, None, HD.format(1)),
    ("multi2d", "mean", "mage", 155.0, None, MAGE),
    ("multi2d", "mean", "hd", 149.9, None, MAGE),
    ("antmaze", "antmaze-umaze", "rebrac", 97.75, 1.48, CORL),
    ("antmaze", "antmaze-large-play", "iql", 42.0, 4.53, CORL),
    ("antmaze", "antmaze-umaze", "hd", 94.0, None, HD.format(1)),
    ("antmaze", "mean", "mage", 89.7, None, MAGE),
    ("antmaze", "mean", "adt", 78.1, None, MAGE),
    ("adroit", "pen-human", "bc", 71.03, 6.26, CORL),
    ("adroit", "pen-human", "sac_n", 6.86, 5.93, CORL),
    ("adroit", "door-expert", "bc", 105.35, 0.09, CORL),
    ("adroit", "relocate-expert", "dt", 104.28, 0.42, CORL),
    ("adroit", "pen-expert", "mage", 147.8, None, MAGE),
    ("adroit", "door-cloned", "mage", 20.5, None, MAGE),
    ("adroit", "hammer-cloned", "mage", 13.2, None, MAGE),
    ("adroit", "mean", "mage", 66.9, None, MAGE),
    ("adroit", "mean", "dt", 49.2, None, MAGE),
    ("adroit", "mean-without-expert", "mage", 38.3, None, MAGE),
    ("kitchen", "kitchen-partial", "hd", 73.3, None, HD.format(2)),
    ("kitchen", "kitchen-mixed", "bc", 47.5, None, HD.format(2)),
    ("kitchen", "mean", "mage", 88.8, None, MAGE),
    ("kitchen", "mean", "hd", 72.5, None, MAGE),
]


@pytest.mark.parametrize("expected", PUBLISHED, ids=lambda row: f"{row[1]}-{row[2]}")
def test_published_scores_are_those_of_their_sources(expected: tuple[object, ...]) -> None:
    frame = published_frame("scores.csv")
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    assert list(rows).count(expected) == 1


def test_every_published_number_is_there_as_it_was_read() -> None:
    # Totals of what was compared with the sources; whoever adds a number adds it here.
    scores = published_frame("scores.csv")
    totals = scores.groupby("source").agg(
        rows=("score", "size"), score=("score", "sum"), std=("std", "sum")
    )
    assert [(name, row["rows"], *row[1:].round(2)) for name, row in totals.iterrows()] == [
        (CORL, 300, 14755.78, 1497.16),
        (HD.format(1), 39, 3243.7, 0),
        (HD.format(2), 98, 6872.9, 0),
        (MAGE, 15, 1284.5, 0),
    ]


def test_published_latencies_are_those_of_the_paper() -> None:
    frame = published_frame("latency.csv")
    assert dict(zip(frame["agent"], frame["ms_per_step"], strict=True)) == {
        **{"mage": 27.3, "dt": 6.5, "tt": 12863, "adt": 7.8, "dd": 2339, "hd": 1480}
    }
    assert set(frame["source"]) == {f"{MAGE}; Adroit, authors' GPU"}


def test_published_agents_are_called_as_here() -> None:
    agents = set(published_frame("scores.csv")["agent"])
    assert {"td3bc", "bc10"} <= agents and not {"td3_bc", "bc-10"} & agents


def test_measured_stand_beside_published_with_their_source() -> None:
    found = table([completed(PEN, agent, 0, 70.0) for agent in ("mage", "bc")])
    assert found.header == ["agent", "from", PEN]
    assert [each[:2] for each in found.rows[:3]] == [
        ["MAGE", "measured (preset quick)"],
        ["BC", "measured (preset quick)"],
        ["BC", "published [1]"],
    ]
    assert row(found, "BC", "measured (preset quick)") == ["70.0 ± -"]
    assert found.runs == {(0, 2): f"{PEN}/mage", (1, 2): f"{PEN}/bc"}
    assert row(found, "BC", "published [1]") == ["71.0 ± 6.3"]
    assert row(found, "SAC-N", "published [1]") == ["6.9 ± 5.9"]
    assert "published [1]: CORL README, offline, last scores" in found.caption


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("kitchen-partial", {"BCQ": "18.9", "BEAR": "13.1", "RvS": "46.5", "Diffuser": "56.2"}),
        ("kitchen-mixed", {"HDMI": "69.2", "HD": "71.7", "CQL": "51.0"}),
        ("hopper-medium", {"MOReL": "95.4", "EDAC": "101.7 ± 0.3", "SAC-N": "40.8 ± 9.9"}),
        ("multi2d-medium", {"MPPI": "15.4", "IQL": "12.1"}),
        ("antmaze-umaze", {"TD3+BC": "70.8 ± 39.2", "BC 10 %": "65.8 ± 5.3"}),
        (
            "adroit-relocate-expert",
            {"BC": "107.6 ± 1.2", "DT": "104.3 ± 0.4", "TD3+BC": "-1.7 ± 1.0"},
        ),
    ],
)
def test_every_benchmark_has_its_published_numbers(task: str, names: dict[str, str]) -> None:
    found = table([completed(task, "mage", 0, 1.0, benchmark=TASKS[task].benchmark)])
    first: dict[str, str] = {}
    for agent, _, text in found.rows:
        first.setdefault(agent, text)
    assert {agent: first[agent] for agent in names} == names


def test_two_sources_of_one_agent_have_a_row_each() -> None:
    found = table([completed(UMAZE, "iql", 0, 40.0)])
    assert [each for each in found.rows if each[0] == "IQL"] == [
        ["IQL", "measured (different data, preset quick)", "40.0 ± -"],
        ["IQL", "published [1]", "42.1 ± 0.6"],
        ["IQL", "published [2]", "47.4"],
    ]
    assert found.caption.endswith(f"published [1]: {CORL}; published [2]: {HD.format(1)}.")


def test_a_published_average_stands_beside_one_over_the_same_tasks() -> None:
    records = [completed(task, "mage", 0, 100.0) for task in SUITES["maze2d"]]
    found = table(records)
    assert found.header[-1] == "average"
    assert row(found, "MAGE", "published [3]") == ["-", "-", "-", "153.3"]
    assert row(found, "HD", "published [3]") == ["-", "-", "-", "139.9"]
    # Columns are tasks, measured and published alike.
    assert row(found, "HD", "published [2]") == ["128.4", "135.6", "155.8", "-"]
    assert row(found, "MAGE", "measured (different data, preset quick)")[-1] == "100.0 ± -"
    links = {(0, column + 2): f"{task}/mage" for column, task in enumerate(SUITES["maze2d"])}
    assert found.runs == links  # None of an average.
    assert not any("153.3" in each for each in table(records[:2]).rows)


def test_what_differs_from_the_published_is_said_plainly() -> None:
    found = table([completed(UMAZE, "mage", 0, 1.0)])
    assert "Not to be compared as they stand where a row says in what it differs" in found.caption
    assert "preset quick has a much smaller budget" in found.caption
    assert "not learnt from the published data: " not in found.caption
    assert "other data or by another protocol: maze2d-umaze" in found.caption
    own = table(
        [completed(PEN, "mage", 0, 1.0, preset="paper", steps=10**7, dataset={"kind": "own data"})]
    )
    assert own.rows[0][1] == "measured (different data)"
    assert "not learnt from the published data: adroit-pen-human (own data)." in own.caption
    assert "budget" not in own.caption


def test_a_row_says_of_its_own_tasks_what_differs() -> None:
    other, mixed = "adroit-door-human", "measured (different data, preset quick)"
    records = [
        *(completed(PEN, agent, 0, 70.0) for agent in ("mage", "bc")),
        *(
            completed(other, agent, 0, 10.0, dataset={"kind": "altered"})
            for agent in ("mage", "bc")
        ),
    ]
    found = table(records)
    assert found.header[2:] == [PEN, other, "average"]
    assert row(found, "BC", "measured (preset quick)") == ["70.0 ± -", "-", "-"]
    # The average is as comparable as the least of its tasks.
    assert row(found, "BC", mixed) == ["-", "10.0 ± -", "40.0 ± -"]
    assert [each[1] for each in found.rows[2:5]] == [
        *("measured (preset quick)", mixed, "published [1]")
    ]
    assert {place: name for place, name in found.runs.items() if place[0] in (0, 1)} == {
        (0, 2): f"{PEN}/mage",
        (1, 3): f"{other}/mage",
    }


def test_the_published_data_at_the_published_size_compares() -> None:
    records = [
        completed(PEN, "mage", 0, 1.0, preset="paper", steps=10**7, dataset=PUBLISHED_DATA),
        failed(PEN, "mage", 1, preset="paper", steps=10**7, dataset={"kind": "collected here"}),
    ]
    assert differences(run_frame(records)) == []
    assert "Same data and published sizes" in table(records).caption


def test_a_benchmark_that_nobody_reports_has_no_table() -> None:
    runs = run_frame([completed("own-task", "mage", 0, 1.0)])
    assert published_table(score_frame(runs), runs) is None


def test_latency_of_both_kinds_is_kept_apart() -> None:
    timed = completed(PEN, "mage", 0, 1.0, latency_ms=[1.0, 2.0, 9.0])
    # Nothing is published of the mazes.
    elsewhere = [completed(UMAZE, agent, 0, 1.0, latency_ms=[7.0]) for agent in ("mage", "dt")]
    found = published_latency_table(latency_frame([timed, *elsewhere]))
    rows = {each[0]: each[2:] for each in found.rows}
    # The mean of what was measured, not the median.
    assert rows["MAGE"] == ["27.3", "4.00"]
    assert rows["TT"] == ["12863", "-"]
    assert rows["DT"] == ["6.5", "-"]
    assert "do not compare" in found.caption


def test_the_source_of_a_time_is_a_column_of_words() -> None:
    found = published_latency_table(latency_frame([]))
    words, numbers = found.header[: found.text_columns], found.header[found.text_columns :]
    assert (words, numbers) == (["agent", "source"], ["published", "measured"])
    html = page_section(Section("Latency", [found]), {}).html
    assert "summarised in a public paper note" in html
    assert 'class="number none"' not in html, "the colour of alarm"


def test_published_numbers_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.reporting.published._FOLDERS", (tmp_path / "a", tmp_path / "b"))
    assert reference_file("scores.csv") is None
    with pytest.raises(UserError, match="a/scores.csv, .*b/scores.csv; .* leave out --with-publ"):
        published_frame("scores.csv")


def test_an_installed_copy_has_a_place_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.reporting.published._FOLDERS", (tmp_path / "a", tmp_path))
    (tmp_path / "scores.csv").write_text("agent\nbc-10\n")
    assert list(published_frame("scores.csv")["agent"]) == ["bc10"]


@pytest.mark.usefixtures("undrawn")
def test_the_report_has_them_only_if_asked(tmp_path: Path) -> None:
    write_all(tmp_path, [completed(UMAZE, "iql", 0, 40.0)])
    assert r"published \[1\]" not in build_report(tmp_path)[-1].read_text()
    summary = build_report(tmp_path, with_published=True)[-1].read_text()
    assert r"published \[1\]" in summary and "12863" in summary
    assert "published" in (tmp_path / "report" / "scores-maze2d.tex").read_text()


def test_scores_of_ogbench_stand_beside_measured_ones_with_what_differs() -> None:
    medium, giant = (f"ogbench-pointmaze-{size}-navigate" for size in ("medium", "giant"))
    data = {"id": "mage/ogbench/pointmaze-medium-navigate-v0", "kind": "collected here"}
    records = [
        completed(task, "hiql", 0, 70.0, benchmark="ogbench-maze", scale="successes", dataset=data)
        for task in (medium, giant)
    ]
    found = table(records)
    episodes = len(records[0].scores)
    assert found.header[2:4] == [medium, giant]
    origin = f"measured (different data, preset quick, {episodes} of 250 episodes)"
    assert row(found, found.rows[0][0], origin)[:2] == ["70.0 ± -", "70.0 ± -"]
    published = {tuple(texts[2:4]) for texts in found.rows if texts[0] in ("HIQL", "hiql")}
    assert ("79.0 ± 5.0", "46.0 ± 9.0") in published
    assert "mean of the evaluations after 800,000" in found.caption


def test_the_published_scores_of_an_arms_task_are_those_of_its_single_task() -> None:
    task = "ogbench-cube-single-play-task2"
    found = table([completed(task, "iql", 0, 50.0, benchmark="ogbench-arm", scale="successes")])
    scores = {texts[2] for texts in found.rows if texts[0] == "IQL"}
    assert {"85.0 ± 8.0", "50.0 ± -"} <= scores
