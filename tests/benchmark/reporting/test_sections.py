from __future__ import annotations

import pytest

from benchmark import plots
from benchmark.records.record import Record
from benchmark.reporting.blocks import Block, Fold, Picture, Section
from benchmark.reporting.sections import appendix, sections
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
SCORES = {"mage": 9.0, "mage.k1": 4.0, "bc": 1.0}
CODEBOOK = {"step": 50, "codebook_use_1": 0.5, "codebook_perplexity_1": 4.0}


def made_of(records: list[Record]) -> dict[str, Section]:
    frames = collate(records)
    return {section.title: section for section in [*sections(frames), *appendix(frames)]}


@pytest.fixture(scope="module")
def found() -> dict[str, Section]:
    """A report of two tasks; an agent has failed on one of them."""
    records = [
        completed(task, agent, seed, 10.0 * seed, curve=[CODEBOOK, {"step": 100, "score": 2.0}])
        for task in (UMAZE, MEDIUM)
        for agent in ("mage", "dt")
        for seed in (0, 1, 2)
    ]
    return made_of([*records, completed(UMAZE, "bc", 0, 1.0), failed(UMAZE, "bc", 1)])


def test_sections_come_in_reading_order(found: dict[str, Section]) -> None:
    assert list(found) == [
        *("maze2d", "Differences between agents", "All tasks together", "Latency"),
        *("Cost of training", "Missing, failed or capped", "Provenance", "Appendix"),
    ]


def test_pictures_of_a_benchmark_and_of_all_tasks(found: dict[str, Section]) -> None:
    names = [picture.name for section in found.values() for picture in section.pictures]
    assert names == [
        *("scores-maze2d", "curves-maze2d"),
        *("intervals", "improvement", "profiles", "score-latency", "codebook-maze2d-mage"),
    ]


def test_every_picture_can_be_drawn(found: dict[str, Section]) -> None:
    for section in found.values():
        for picture in section.pictures:
            assert picture.title and picture.caption.endswith(".")
            drawn = [plots.figure_bytes(picture.figure, kind)[:4] for kind in ("png", "pdf")]
            assert drawn == [b"\x89PNG", b"%PDF"]


def test_times_are_drawn_by_benchmark_and_hardware_where_they_were_measured() -> None:
    agents, pen = ("mage", "bc"), "adroit-pen-human"
    records = [completed(task, agent, 0, 1.0) for task in (UMAZE, pen) for agent in agents]

    def drawn(more: list[Record]) -> tuple[str, list[str]]:
        pictures = made_of([*records, *more])["All tasks together"].pictures
        (picture,) = (each for each in pictures if each.name == "score-latency")
        assert isinstance(picture, Picture)
        return picture.caption, [ax.get_title() for ax in picture.figure.axes]

    caption, titles = drawn([])
    assert "one action there on Chip 1; an agent" in caption
    assert titles == ["adroit", "maze2d"]
    other = {"processor": "Chip 2", "device": "cpu"}
    caption, titles = drawn([completed(pen, agent, 1, 1.0, machine=other) for agent in agents])
    assert "there, a panel for each hardware;" in caption
    assert titles == ["adroit\nChip 1", "adroit\nChip 2", "maze2d\nChip 1"]
    assert caption.endswith("Hardware: Chip 1 is Chip 1, cpu; Chip 2 is Chip 2, cpu.")


def test_many_commits_are_counted_and_folded_and_two_are_not() -> None:
    def shown(commits: int) -> list[Block]:
        records = [
            completed(UMAZE, "mage", seed, 1.0, commit=f"c{seed}") for seed in range(commits)
        ]
        return made_of(records)["Not the same everywhere"].blocks

    assert shown(3) == [[], Fold("quick: run from different commits (3)", "c0, c1, c2")]
    assert shown(2) == [["quick: run from different commits: c0, c1"]]


def test_profiles_need_two_tasks_and_three_seeds() -> None:
    def has_profiles(tasks: tuple[str, ...], seeds: int) -> bool:
        records = [completed(task, "mage", seed, 1.0) for task in tasks for seed in range(seeds)]
        pictures = made_of(records)["All tasks together"].pictures
        return "profiles" in {picture.name for picture in pictures}

    assert has_profiles((UMAZE, MEDIUM), 3)
    assert not has_profiles((UMAZE, MEDIUM), 2)
    assert not has_profiles((UMAZE,), 3)


def test_many_agents_are_told_apart_in_several_panels() -> None:
    def captions(agents: int) -> dict[str, str]:
        found = made_of(
            [
                completed(task, f"agent-{n}", seed, 1.0)
                for task in (UMAZE, MEDIUM)
                for n in range(agents)
                for seed in range(3)
            ]
        )
        return {p.name: p.caption for section in found.values() for p in section.pictures}

    few, many = captions(8), captions(9)
    assert "all others in grey" in many["curves-maze2d"]
    assert "all others in grey" not in few["curves-maze2d"]
    assert few["profiles"].endswith("above a threshold, with 95 % bands.")
    assert many["profiles"].endswith("above a threshold.")


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


def test_where_scores_are_successes_there_is_one_table_of_both() -> None:
    task = "ogbench-pointmaze-medium-navigate"
    told = {"scale": "successes", "benchmark": "ogbench-maze"}
    record = completed(task, "mage", 0, 50.0, successes=[True, False], **told)
    made = made_of([record])["ogbench-maze"]
    assert [table.rows for table in made.tables] == [[[task, "50.0 ± -"]]]
    (picture, *_) = made.pictures
    assert "expert" not in picture.caption


def test_scores_leave_the_average_out_and_curves_have_their_numbers_beside_them(
    found: dict[str, Section],
) -> None:
    (scores, curves), (codebook,) = found["maze2d"].pictures, found["Appendix"].pictures
    assert [ax.get_title() for ax in scores.figure.axes] == [UMAZE, MEDIUM]
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
    assert drawn == [titles[-1], *titles[:-1]], "all tasks first"
    pairs = found["Differences between agents"].data
    assert set(pairs["kind"]) == set(data.values())
