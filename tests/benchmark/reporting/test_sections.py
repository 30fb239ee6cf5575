from __future__ import annotations

import pytest

from benchmark import plots
from benchmark.records.record import Record
from benchmark.reporting.blocks import Picture, Section
from benchmark.reporting.sections import sections
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
SCORES = {"mage": 9.0, "mage.k1": 4.0, "bc": 1.0}
CODEBOOK = {"step": 50, "codebook_use_1": 0.5, "codebook_perplexity_1": 4.0}


def made_of(records: list[Record]) -> dict[str, Section]:
    return {section.title: section for section in sections(collate(records))}


@pytest.fixture
def found() -> dict[str, Section]:
    """A report of two tasks; an agent has failed on one of them."""
    records = [
        completed(task, agent, seed, 10.0 * seed, curve=[CODEBOOK, {"step": 100, "score": 2.0}])
        for task in (UMAZE, MEDIUM)
        for agent in ("mage", "dt")
        for seed in (0, 1)
    ]
    return made_of([*records, completed(UMAZE, "bc", 0, 1.0), failed(UMAZE, "bc", 1)])


def test_sections_come_in_reading_order(found: dict[str, Section]) -> None:
    assert list(found) == [
        *("maze2d", "Differences between agents", "All tasks together", "Latency"),
        *("Cost of training", "Missing, failed or capped", "Provenance"),
    ]


def test_pictures_of_a_benchmark_and_of_all_tasks(found: dict[str, Section]) -> None:
    names = [picture.name for section in found.values() for picture in section.pictures]
    assert names == [
        *("scores-maze2d", "curves-maze2d", "codebook-maze2d-mage"),
        *("intervals", "improvement", "profiles", "score-latency"),
    ]


def test_every_picture_can_be_drawn(found: dict[str, Section]) -> None:
    for section in found.values():
        for picture in section.pictures:
            assert picture.title and picture.caption.endswith(".")
            drawn = [plots.figure_bytes(picture.figure, kind)[:4] for kind in ("png", "pdf")]
            assert drawn == [b"\x89PNG", b"%PDF"]


def test_agents_that_were_timed_on_other_hardware_are_named_under_the_picture() -> None:
    other = {"processor": "Chip 2", "device": "cpu"}
    records = [completed(UMAZE, agent, 0, 1.0) for agent in ("mage", "bc")]

    def caption(more: list[Record]) -> str:
        pictures = made_of([*records, *more])["All tasks together"].pictures
        return next(each.caption for each in pictures if each.name == "score-latency")

    assert "Not timed there" not in caption([])
    assert caption([completed(UMAZE, "dt", 0, 1.0, machine=other)]).endswith(
        "allows. Not timed there: DT."
    )


def test_what_no_aggregate_is_taken_over_is_listed(found: dict[str, Section]) -> None:
    table, left_out, *_ = found["All tasks together"].blocks
    assert left_out == [
        "maze2d: agent BC is left out: no complete score on maze2d-umaze, " + MEDIUM + "."
    ]
    assert {row[1] for row in table.rows} == {"MAGE", "DT"}


def test_without_a_score_there_is_nothing_to_aggregate() -> None:
    assert list(made_of([failed(UMAZE, "mage", 0)])) == [
        *("maze2d", "Latency", "Cost of training", "Missing, failed or capped", "Provenance"),
    ]


def test_tables_and_files_of_a_section_hold_its_own_numbers() -> None:
    solved = [True, False, False, False]
    records = [
        completed(
            UMAZE, "mage", 0, 10.0, successes=solved, latency_ms=[7.0], seconds={"fit": 90.0}
        ),
        completed("adroit-pen-human", "mage", 0, 30.0, successes=[], latency_ms=[]),
    ]
    found = made_of(records)
    maze, adroit = found["maze2d"], found["adroit"]
    assert [table.rows for table in maze.tables] == [[[UMAZE, "10.0 ± -"]], [[UMAZE, "25.0 ± -"]]]
    assert maze.data[["task", "score", "success_rate"]].to_numpy().tolist() == [[UMAZE, 10.0, 25.0]]
    # Where a task defines no success, there is no table of it.
    assert [table.rows for table in adroit.tables] == [[["adroit-pen-human", "30.0 ± -"]]]
    iqm = found["All tasks together"].data.set_index("group")["iqm"].to_dict()
    assert iqm == {"adroit": 30.0, "maze2d": 10.0, "all tasks": 20.0}
    latency = found["Latency"].data[["average", "samples", "preset"]]
    assert latency.to_numpy().tolist() == [[7.0, 1, "quick"]]
    assert found["Cost of training"].data["seconds"].tolist()[1] == 90.0
    assert found["Provenance"].data["task"].tolist() == ["adroit-pen-human", UMAZE]


def test_bars_leave_the_average_out_and_curves_have_their_numbers_beside_them(
    found: dict[str, Section],
) -> None:
    bars, curves, codebook = found["maze2d"].pictures
    assert [ax.get_title() for ax in bars.figure.axes] == [UMAZE, MEDIUM]
    assert set(curves.data["score"]) == {1.0, 2.0}
    assert codebook.data[["agent", "use", "perplexity"]].to_numpy().tolist() == [
        ["mage", 50.0, 4.0],
        ["mage", 50.0, 4.0],
    ]


def test_variants_are_compared_in_a_section_of_their_own() -> None:
    records = [completed(UMAZE, agent, 0, score) for agent, score in SCORES.items()]
    found = made_of(records)
    ablation = found["Ablations"]
    assert ablation.data[["agent", "mean"]].to_numpy().tolist() == [["mage", 9.0], ["mage.k1", 4.0]]
    assert {row[1] for row in found["All tasks together"].tables[0].rows} == {"MAGE", "BC"}
    # What they cost and how fast they act is told beside all others.
    for title in ("Latency", "Cost of training"):
        assert set(found[title].data["agent"]) == set(SCORES)


def test_published_numbers_stand_in_their_sections_if_asked_for() -> None:
    frames = collate([completed(UMAZE, "iql", 0, 1.0), completed("own-task", "iql", 0, 1.0)])
    made = {section.title: section for section in sections(frames, with_published=True)}
    assert [table.name for table in made["maze2d"].tables][-1] == "published-maze2d"
    assert made["own"].blocks[2] == "Nothing is published of these tasks."
    assert [table.name for table in made["Latency"].tables] == ["latency", "published-latency"]


def test_runs_that_differ_are_told_as_not_the_same() -> None:
    records = [completed(UMAZE, "mage", seed, 1.0, episodes=2 + seed) for seed in (0, 1)]
    (notes,) = made_of(records)["Not the same everywhere"].blocks
    assert notes == [f"{UMAZE}: scored over different numbers of episodes: 2, 3"]


def test_groups_of_tasks_are_called_by_what_their_data_is() -> None:
    data = {"kitchen-complete": "re-creation", UMAZE: "collected here", "own-task": "published"}
    records = [
        completed(task, agent, seed, 1.0, dataset={"id": "some/data-v0", "kind": kind})
        for task, kind in data.items()
        for agent in ("mage", "bc")
        for seed in (0, 1)
    ]
    found = made_of(records)
    titles = ["kitchen (re-creation)", "maze2d (collected here)", "own"]
    titles.append("all tasks (re-creation, collected here, published data)")
    (table,) = found["All tasks together"].tables
    assert list(dict.fromkeys(row[0] for row in table.rows)) == titles
    assert set(found["All tasks together"].data["group"]) == set(titles)
    intervals = found["All tasks together"].pictures[0]
    assert isinstance(intervals, Picture)
    drawn = [ax.get_title().replace("\n", " ") for ax in intervals.figure.axes]
    assert drawn == titles
    pairs = found["Differences between agents"].data
    assert set(pairs["kind"]) == set(data.values())
