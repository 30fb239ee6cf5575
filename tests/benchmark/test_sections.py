from __future__ import annotations

import pytest

from benchmark import plots
from benchmark.collate import collate
from benchmark.record import Record
from benchmark.sections import Section, sections
from tests.benchmark.made_up import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
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
        *("maze2d", "All tasks together", "Latency", "Cost of training", "Missing or failed"),
        "Provenance",
    ]


def test_pictures_of_a_benchmark_and_of_all_tasks(found: dict[str, Section]) -> None:
    names = [picture.name for section in found.values() for picture in section.pictures]
    assert names == [
        *("scores-maze2d", "curves-maze2d", "codebook-maze2d-mage", "codebook-maze2d-dt"),
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
        *("maze2d", "Latency", "Cost of training", "Missing or failed", "Provenance"),
    ]
