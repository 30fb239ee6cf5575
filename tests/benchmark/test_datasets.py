"""Where data comes from, and what is said when it cannot be had or trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets import check_fit, content_hash, dataset_state, load, prepare
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Dataset, TaskInfo
from benchmark.recipes import RECIPES
from benchmark.recipes.point_maze import PointMazePlayer
from benchmark.tasks import TASKS

UMAZE = TASKS["maze2d-umaze"]


@pytest.mark.parametrize(
    ("data", "name", "state", "dataset_id"),
    [
        ("auto", "maze2d-umaze", "download", "D4RL/pointmaze/umaze-v2"),
        ("minari", "maze2d-umaze", "download", "D4RL/pointmaze/umaze-v2"),
        ("local", "maze2d-umaze", "collect", "mage/maze2d/umaze-v0"),
        ("local", "adroit-door-human", "missing", "D4RL/door/human-v2"),
    ],
)
def test_state_of_what_is_not_there(data: str, name: str, state: str, dataset_id: str) -> None:
    found = dataset_state(TASKS[name], data)
    assert (found.state, found.id) == (state, dataset_id)


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
        prepare(UMAZE, "local", print)
    assert (tmp_path / "seen").exists()
    assert list((tmp_path / "minari").iterdir()) == []


def _offline(dataset_id: str) -> None:
    raise ConnectionError("no route to host")


def test_without_network_a_recipe_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import minari

    monkeypatch.setattr(minari, "download_dataset", _offline)
    _shorten_recipe(monkeypatch)
    lines: list[str] = []
    prepare(UMAZE, "auto", lines.append)
    assert "cannot be downloaded (no route to host); collecting mage/maze2d/umaze-v0" in lines[1]
    assert lines[2] == "mage/maze2d/umaze-v0: 2 episodes, 1 process"
    assert load(UMAZE, "auto").about["source"] == "local recipe"


def test_without_network_and_recipe_there_is_a_reason_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import minari

    monkeypatch.setattr(minari, "download_dataset", _offline)
    with pytest.raises(DatasetError) as caught:
        prepare(TASKS["adroit-door-human"], "auto", print)
    assert caught.value.reason == "D4RL/door/human-v2 cannot be downloaded (no route to host)"
    assert "minari download D4RL/door/human-v2; then copy the folder to" in caught.value.remedy


def test_a_recorded_dataset_is_described(small_umaze: Path) -> None:
    loaded = load(UMAZE, "local")
    assert loaded.about["id"] == "mage/maze2d/umaze-v0"
    assert (loaded.about["episodes"], loaded.about["steps"]) == (5, 5000)
    assert loaded.about["hash"] == content_hash(loaded.dataset)
    assert loaded.dataset.observations.shape == (5000, 4)


def test_the_hash_tells_one_changed_number(tiny_dataset: Dataset) -> None:
    rewards = tiny_dataset.rewards.copy()
    rewards[7] += 1
    assert content_hash(replace(tiny_dataset, rewards=rewards)) != content_hash(tiny_dataset)


def test_a_truncated_file_is_refused(
    small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    root = tmp_path / "damaged"
    shutil.copytree(small_umaze, root)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(root))
    file = root / "mage/maze2d/umaze-v0/data/main_data.hdf5"
    file.write_bytes(file.read_bytes()[:10_000])
    with pytest.raises(
        UserError, match=r"mage/maze2d/umaze-v0 in .* is damaged .* delete the folder"
    ):
        prepare(UMAZE, "local", print)


def test_data_that_does_not_fit_is_refused(tiny_dataset: Dataset, tiny_task: TaskInfo) -> None:
    check_fit(tiny_dataset, tiny_task, "mine/data-v0")
    with pytest.raises(UserError, match="observations of size 4, not 5, so it does not fit tiny"):
        check_fit(tiny_dataset, replace(tiny_task, observation_size=5), "mine/data-v0")
    wild = replace(tiny_dataset, actions=3 * tiny_dataset.actions)
    with pytest.raises(UserError, match="mine/data-v0 has actions outside the action space"):
        check_fit(wild, tiny_task, "mine/data-v0")
    rewards = tiny_dataset.rewards.copy()
    rewards[0] = np.nan
    with pytest.raises(UserError, match="values that are not finite"):
        check_fit(replace(tiny_dataset, rewards=rewards), tiny_task, "mine/data-v0")
