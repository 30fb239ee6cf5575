"""What a dataset says of itself, and what is said of one that says something odd."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.stored import about_stored, check_version, read_metadata, reference_scores
from benchmark.tasks import TASKS
from tests.benchmark.data.synthetic_datasets import DOOR, door_episode, write

DOOR_TASK = TASKS["adroit-door-human"]
FORM = {"minari_version": "0.5.0", "data_format": "hdf5"}
SIZES = {"total_episodes": 3, "total_steps": 17}


def test_a_dataset_in_its_own_words() -> None:
    write("my/door-v0", door_episode(0, 4), author=["me", "you"], description=" A\n hand ")
    assert about_stored(DOOR_TASK, "my/door-v0", read_metadata("my/door-v0")) == {
        **{"id": "my/door-v0", "kind": "own data", "author": "me, you", "description": "A hand"},
        **{"recorded_episodes": 1, "recorded_steps": 4},
    }


def test_long_words_are_cut() -> None:
    about = about_stored(
        DOOR_TASK, DOOR, {**SIZES, "description": "word " * 500, "author": "a" * 500}
    )
    assert (len(about["description"]), len(about["author"])) == (400, 100)
    assert about["description"].endswith("...") and about["kind"] == "altered"


@pytest.mark.parametrize("odd", [7, {"a": 1}, ["x", 3], None, True])
def test_words_of_any_type_become_text(odd: Any) -> None:
    about = about_stored(DOOR_TASK, DOOR, {**SIZES, "description": odd, "author": odd})
    assert isinstance(about["author"], str) and isinstance(about["description"], str)


@pytest.mark.parametrize("count", [None, "12", [3], True, 2.5, float("nan"), float("inf"), {}])
def test_sizes_have_to_be_numbers(count: Any) -> None:
    with pytest.raises(BadDataError, match="is damaged .its total_steps is .* and no number"):
        about_stored(DOOR_TASK, DOOR, {"total_episodes": 1, "total_steps": count})


def test_metadata_has_to_be_a_table() -> None:
    folder = write(DOOR, door_episode(0))
    (folder / "data" / "metadata.json").write_text("[1, 2]")
    with pytest.raises(BadDataError, match=r"has metadata that is no table: '\[1, 2\]'"):
        read_metadata(DOOR)


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        (
            {"minari_version": "9.9.9"},
            "was written by Minari 9.9.9; the installed .* is too old for",
        ),
        ({"minari_version": "0.10.0"}, "is too old for it: it reads what 0.4.0 to 0.5"),
        ({"minari_version": "0.6.0.dev1"}, "is too old for it"),
        (
            {"minari_version": "0.3.1"},
            "was written by Minari 0.3.1; the installed .* is too new for",
        ),
        (
            {"minari_version": "mine"},
            "was written by Minari mine; the installed .* is too old for",
        ),
        (
            {"data_format": "zarr"},
            "is stored as 'zarr', .* does not know: it reads arrow, hdf5, par",
        ),
        # What else has changed is not looked at where the version is unknown.
        ({"minari_version": "9.9.9", "data_format": 3}, "is too old for it"),
    ],
)
def test_what_cannot_be_read_here_has_another_way_out_than_deleting(
    metadata: dict[str, Any], problem: str
) -> None:
    with pytest.raises(BadDataError, match=problem) as caught:
        check_version(FORM | metadata)
    way_out = str(caught.value.remedy)
    assert way_out.endswith("have the data written anew by a version that it reads")
    assert way_out.startswith("update MAGE-bench and Minari (pip") == ("too new" not in problem)
    assert "delete" not in f"{caught.value} {caught.value.remedy}"


@pytest.mark.parametrize("stored", ["hdf5", "arrow", "parquet"])
@pytest.mark.parametrize("written", ["0.4.0", "0.5.0"])
def test_what_the_installed_minari_reads(written: str, stored: str) -> None:
    check_version({"minari_version": written, "data_format": stored})


@pytest.mark.parametrize("odd", [None, ["0.5.0"], 0.5, {}])
def test_a_dataset_says_how_it_was_written(odd: Any) -> None:
    with pytest.raises(BadDataError, match="damaged .it does not say which Minari wrote it"):
        check_version(FORM | {"minari_version": odd})
    with pytest.raises(BadDataError, match="damaged .it does not say how it is stored"):
        check_version(FORM | {"data_format": odd})


def test_a_dataset_may_have_reference_scores() -> None:
    assert reference_scores({}) is None
    assert reference_scores({"ref_min_score": 1, "ref_max_score": None}) is None
    assert reference_scores({"ref_max_score": 1}) is None
    assert reference_scores({"ref_min_score": -3, "ref_max_score": 5.5}) == (-3, 5.5)


@pytest.mark.parametrize(
    "scores",
    [
        (5, 5),
        (5, -1),
        (0, float("nan")),
        (-float("inf"), 1),
        (0, float("inf")),
        ("0", 1),
        ([0], 1),
        ({}, 1),
    ],
)
def test_reference_scores_that_cannot_be_used(scores: tuple[Any, Any]) -> None:
    metadata = {"ref_min_score": scores[0], "ref_max_score": scores[1]}
    with pytest.raises(BadDataError, match="has reference scores .* expected"):
        reference_scores(metadata)
