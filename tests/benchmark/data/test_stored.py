"""What a dataset says of itself, and what is said of one that says something odd."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.loading import check_described
from benchmark.data.minari_folder import folder_of
from benchmark.data.stored import (
    about_stored,
    check_opens,
    check_spaces_readable,
    check_version,
    open_stored,
    read_metadata,
    reference_scores,
)
from benchmark.errors import BadDatasetError
from benchmark.tasks import TASKS
from tests.benchmark.data.synthetic_datasets import (
    ACTION,
    DOOR,
    OBSERVATION,
    alter_metadata,
    door_episode,
    load_task,
    write,
)

DOOR_TASK = TASKS["adroit-door-human"]
FORM = {"minari_version": "0.5.0", "data_format": "hdf5"}
ENVIRONMENT = {"id": "AdroitHandDoor-v1", "entry_point": "nobody:Door"}
ENVIRONMENT |= {"kwargs": {}, "additional_wrappers": [], "vector_entry_point": None}
SIZES = {"total_episodes": 3, "total_steps": 17}


def test_a_dataset_in_its_own_words() -> None:
    write("my/door-v0", door_episode(0, 4), author=["me", "you"], description=" A\n hand ")
    assert about_stored(DOOR_TASK, "my/door-v0", read_metadata("my/door-v0")) == {
        **{"id": "my/door-v0", "kind": "own data", "author": "me, you", "description": "A hand"},
        **{"recorded_episodes": 1, "recorded_steps": 4},
    }


def test_a_file_that_is_cut_short_does_not_open() -> None:
    check_opens("my/none-v0")  # Other formats have no such file.
    write("my/door-v0", door_episode(0, 4))
    check_opens("my/door-v0")
    check_described(DOOR_TASK, "my/door-v0", "auto")
    file = folder_of("my/door-v0") / "data" / "main_data.hdf5"
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(OSError, match="truncated file"):
        check_opens("my/door-v0")
    with pytest.raises(BadDatasetError, match="my/door-v0, for adroit-door-human, is damaged"):
        check_described(DOOR_TASK, "my/door-v0", "auto")


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


@pytest.mark.parametrize("field", ["env_spec", "eval_env_spec"])
@pytest.mark.parametrize(
    "written",
    [
        json.dumps(ENVIRONMENT | {"of_a_later_gymnasium": 1}),
        json.dumps(ENVIRONMENT | {"id": "No name for this Gymnasium!"}),
        "no JSON",
        7,
        None,
    ],
)
def test_what_environment_data_is_for_need_not_be_readable(field: str, written: Any) -> None:
    folder = write(DOOR, door_episode(0))
    before = load_task(DOOR_TASK).metadata
    alter_metadata(folder, **{field: written})
    assert load_task(DOOR_TASK).metadata["hash"] == before["hash"]


def without_spaces(env_spec: Any) -> dict[str, Any]:
    """Metadata of a stored dataset that leaves its spaces to an environment."""
    file = write(DOOR, door_episode(0)) / "data" / "metadata.json"
    metadata = json.loads(file.read_text()) | {"env_spec": env_spec}
    del metadata["observation_space"], metadata["action_space"]
    file.write_text(json.dumps(metadata))
    return metadata


def test_spaces_may_be_left_to_the_environment() -> None:
    entry = "gymnasium_robotics.envs.adroit_hand.adroit_door:AdroitHandDoorEnv"
    stored = open_stored(DOOR, without_spaces(json.dumps(ENVIRONMENT | {"entry_point": entry})))
    assert stored.observation_space.shape == (OBSERVATION,)
    assert stored.action_space.shape == (ACTION,)


@pytest.mark.parametrize("more", [{}, {"of_a_later_gymnasium": 1}])
def test_an_environment_that_cannot_be_made_is_no_damage(more: dict[str, Any]) -> None:
    metadata = without_spaces(json.dumps(ENVIRONMENT | more))
    with pytest.raises(BadDataError, match="leaves its spaces to an environment") as caught:
        open_stored(DOOR, metadata)
    assert str(caught.value.remedy).startswith("install that environment, update MAGE-bench")


def test_no_space_and_no_environment_is_damage() -> None:
    without_spaces("no JSON")
    with pytest.raises(BadDatasetError, match="is damaged"):
        load_task(DOOR_TASK)


def test_a_kind_of_space_that_is_not_known_is_no_damage() -> None:
    check_spaces_readable({})
    space = '{"type": "Dict", "subspaces": {"type": {"type": "OneOf"}}}'
    with pytest.raises(BadDataError, match="an action_space of a kind .* know: OneOf$") as caught:
        check_spaces_readable({"action_space": space})
    assert str(caught.value.remedy).startswith("update MAGE-bench and Minari")


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
