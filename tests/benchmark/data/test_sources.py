"""Where data comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.data import DatasetState, dataset_state, fetch, small_source, stored_id
from benchmark.data.minari_folder import atomic_dataset, folder_of, minari_root
from benchmark.data.recipes import RECIPES
from benchmark.data.recipes.point_wandering import PointMazePlayer
from benchmark.errors import DatasetError
from benchmark.tasks import TASKS
from tests.benchmark.data.synthetic_datasets import (
    DOOR,
    door_episode,
    publish,
    remote_folder,
    write,
)

__all__ = ["remote_folder"]

UMAZE, DOOR_TASK = TASKS["maze2d-umaze"], TASKS["adroit-door-human"]
COLLECTED = "mage/maze2d/umaze-v0"
RECORDED = "people or trained experts recorded it"


@pytest.mark.parametrize(
    ("data", "name", "state", "dataset_id", "detail"),
    [
        ("auto", "adroit-door-human", "download", DOOR, f"to be downloaded, since {RECORDED}"),
        (
            "auto",
            "maze2d-umaze",
            "download",
            "D4RL/pointmaze/umaze-v2",
            "to be downloaded, or else collected as mage/maze2d/umaze-v0",
        ),
        ("minari", "maze2d-umaze", "download", "D4RL/pointmaze/umaze-v2", "to be downloaded"),
        ("local", "maze2d-umaze", "collect", COLLECTED, "to be collected on this machine"),
        (
            "local",
            "adroit-door-human",
            "missing",
            DOOR,
            f"no local recipe, since {RECORDED}; use --data auto or minari",
        ),
    ],
)
def test_state_of_what_is_not_there(
    data: str, name: str, state: str, dataset_id: str, detail: str
) -> None:
    found = dataset_state(TASKS[name], data)
    assert (found.id, found.state, found.detail) == (dataset_id, state, detail)


def test_published_data_goes_before_collected_data_and_is_left_alone() -> None:
    for dataset_id in (COLLECTED, UMAZE.dataset):
        folder_of(dataset_id).mkdir(parents=True)
        lines: list[str] = []
        fetch(UMAZE, "auto", lines.append)
        assert lines == []
        assert dataset_state(UMAZE, "auto").id == dataset_id
    assert dataset_state(UMAZE, "minari").id == UMAZE.dataset
    assert dataset_state(UMAZE, "local") == DatasetState(COLLECTED, "cached", f"in {minari_root()}")


def test_what_a_users_task_is_learned_from_is_local(small_umaze: Path) -> None:
    assert dataset_state(UMAZE, "local").id == UMAZE.recipe
    own = replace(UMAZE, name="own", dataset=str(UMAZE.recipe), recipe=None)
    assert dataset_state(own, "local").state == "cached"


def test_what_was_collected_is_used_even_where_it_could_be_downloaded(small_umaze: Path) -> None:
    for data in ("auto", "local"):
        assert dataset_state(UMAZE, data).state == "cached"
    assert dataset_state(UMAZE, "minari").state == "download"


def _shorten_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPES["mage/maze2d/umaze-v0"]
    monkeypatch.setitem(RECIPES, recipe.id, replace(recipe, episodes=2))


def test_collected_data_is_whole_or_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(player: PointMazePlayer, rng: np.random.Generator) -> None:
        (tmp_path / "seen").write_text("started")
        raise KeyboardInterrupt

    monkeypatch.setattr(PointMazePlayer, "play", interrupted)
    _shorten_recipe(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        fetch(UMAZE, "local", print)
    assert (tmp_path / "seen").exists()
    assert list((tmp_path / "minari").iterdir()) == []


def test_what_is_published_is_downloaded(remote_folder: Path) -> None:
    publish(remote_folder)
    lines: list[str] = []
    fetch(DOOR_TASK, "auto", lines.append)
    assert lines == [f"adroit-door-human: downloading {DOOR}"]
    assert dataset_state(DOOR_TASK, "minari").state == "cached"


def test_what_is_only_collected_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[tuple[object, ...]] = []
    monkeypatch.setattr("benchmark.data.recipes.collect", lambda *given: collected.append(given))
    lines: list[str] = []
    report = lines.append
    fetch(UMAZE, "local", report)
    assert lines == ["maze2d-umaze: collecting mage/maze2d/umaze-v0"]
    assert collected == [(RECIPES[COLLECTED], minari_root(), atomic_dataset, report)]


def test_a_recipe_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(DatasetError, match="there is no recipe for my/recipe-v0") as refused:
        fetch(replace(UMAZE, recipe="my/recipe-v0"), "local", print)
    assert "mage/maze2d/umaze-v0" in refused.value.remedy


def test_without_network_a_recipe_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _shorten_recipe(monkeypatch)
    lines: list[str] = []
    fetch(UMAZE, "auto", lines.append)
    assert "cannot be downloaded: no network" in lines[1]
    assert lines[1].endswith("; collecting mage/maze2d/umaze-v0 instead")
    assert lines[2] == "mage/maze2d/umaze-v0: 2 episodes, 1 process"
    assert "maze2d-umaze: collecting mage/maze2d/umaze-v0" not in lines
    assert dataset_state(UMAZE, "auto").id == "mage/maze2d/umaze-v0"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("adroit-door-human", "auto", f"{DOOR} cannot be downloaded: no network"),
        ("maze2d-umaze", "minari", "D4RL/pointmaze/umaze-v2 cannot be downloaded: no network"),
        ("adroit-door-human", "local", "adroit-door-human has no local recipe"),
    ],
)
def test_what_cannot_be_had_has_a_reason_and_a_remedy(name: str, data: str, reason: str) -> None:
    with pytest.raises(DatasetError) as caught:
        fetch(TASKS[name], data, print)
    assert caught.value.reason.startswith(reason)
    assert "on a machine with network" in caught.value.remedy


def test_a_folder_that_takes_nothing_is_no_place_to_collect(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match="cannot be written to .* set MINARI_DATASETS_PATH"):
        fetch(UMAZE, "local", print)


REBUILT = "rebuilt/door/human-v0"


def test_a_recreation_comes_after_a_download_and_is_told() -> None:
    write(REBUILT, door_episode(0))
    assert dataset_state(DOOR_TASK, "auto") == DatasetState(
        DOOR,
        "download",
        f"to be downloaded, or else {REBUILT}, in {minari_root()}: re-creation, 1 episode; "
        "published set: 25 episodes",
        REBUILT,
    )
    assert dataset_state(DOOR_TASK, "local").id == REBUILT
    assert stored_id(DOOR_TASK, "auto") == stored_id(DOOR_TASK, "local") == REBUILT
    assert stored_id(DOOR_TASK, "minari") is None
    lines: list[str] = []
    fetch(DOOR_TASK, "auto", lines.append)  # There is no network.
    assert lines[1].startswith(f"adroit-door-human: {DOOR} cannot be downloaded: no network")
    assert lines[1].endswith(f"; taking {REBUILT} instead")
    with pytest.raises(DatasetError, match="cannot be downloaded"):
        fetch(DOOR_TASK, "minari", print)


def test_what_is_published_goes_before_a_recreation(remote_folder: Path) -> None:
    write(REBUILT, door_episode(0))
    publish(remote_folder)
    fetch(DOOR_TASK, "auto", print)
    assert stored_id(DOOR_TASK, "auto") == DOOR


def test_what_was_collected_goes_before_a_recreation_and_that_before_collecting() -> None:
    write("rebuilt/pointmaze/umaze-v3", door_episode(0))
    for data in ("auto", "local"):
        assert stored_id(UMAZE, data) == "rebuilt/pointmaze/umaze-v3"
    fetch(UMAZE, "local", print)
    assert not folder_of(COLLECTED).exists()
    assert dataset_state(UMAZE, COLLECTED).state == "collect"
    folder_of(COLLECTED).mkdir(parents=True)
    for data in ("auto", "local"):
        assert stored_id(UMAZE, data) == COLLECTED


def test_the_newest_recreation_of_the_same_path_is_taken() -> None:
    for name in ("door/human-v9", "door/human-v10", "door/human-dense-v11", "pen/human-v12"):
        write(f"rebuilt/{name}", door_episode(0))
    write("mine/rebuilt/door/human-v13", door_episode(0))
    assert stored_id(DOOR_TASK, "auto") == "rebuilt/door/human-v10"
    assert stored_id(TASKS["adroit-hammer-human"], "auto") is None


def test_a_dataset_that_the_user_chose() -> None:
    assert dataset_state(DOOR_TASK, "my/door-v0").state == "missing"
    with pytest.raises(DatasetError, match="dataset my/door-v0 is not in .*choose another"):
        fetch(DOOR_TASK, "my/door-v0", print)
    write("my/door-v0", door_episode(0), door_episode(1))
    planned = dataset_state(DOOR_TASK, "my/door-v0")
    words = "own data, 2 episodes; published set: 25 episodes"
    assert planned == DatasetState("my/door-v0", "cached", f"in {minari_root()}: {words}")
    fetch(DOOR_TASK, "my/door-v0", print)


def test_metadata_that_nobody_can_read_is_left_to_whoever_loads_it() -> None:
    file = write(DOOR, door_episode(0)) / "data" / "metadata.json"
    for text in (100_000 * "[", '"\\ud800"', "", "7"):
        file.write_text(text)
        assert dataset_state(TASKS["adroit-door-human"], "auto").detail == f"in {minari_root()}"


SMALL = replace(UMAZE, small_recipe="mage/small/umaze-v0")


def test_a_smaller_dataset_is_taken_where_data_may_be_collected() -> None:
    for data, source in {
        "auto": SMALL.small_recipe,
        "local": SMALL.small_recipe,
        "minari": "minari",
        "my/own-v0": "my/own-v0",
    }.items():
        assert small_source(SMALL, data) == source
        assert small_source(UMAZE, data) == data, "it has none"


def test_a_smaller_dataset_is_collected_and_known_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SMALL.recipes == (COLLECTED, "mage/small/umaze-v0")
    small = replace(RECIPES[COLLECTED], id="mage/small/umaze-v0", episodes=2)
    monkeypatch.setitem(RECIPES, small.id, small)
    assert dataset_state(SMALL, small.id).state == "collect"
    assert dataset_state(UMAZE, small.id).state == "missing"
    fetch(SMALL, small.id, print)
    words = "collected here, 2 episodes; published set: 13,210 episodes"
    assert dataset_state(SMALL, small.id).detail == f"in {minari_root()}: {words}"
    # It is not what the whole recipe would have collected.
    assert dataset_state(SMALL, "local").state == "collect"


def test_ogbenchs_data_is_downloaded_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("benchmark.data.download.download_ogbench", asked.append)
    own = replace(UMAZE, dataset="ogbench/pointmaze-medium-navigate-v0", recipe=None)
    fetch(own, "auto", print)
    assert asked == ["ogbench/pointmaze-medium-navigate-v0"]
