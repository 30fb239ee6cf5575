"""What was brought is never written to, and yet known when it was altered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark.data.checks import CONTENT_HASH, HASHED_INFOS, ContentHash
from benchmark.data.seals import cache_folder, keep_seal, remove_seal, seal_file, sealed_hash
from benchmark.errors import BadDatasetError
from tests.benchmark.data.synthetic_datasets import (
    DOOR,
    DOOR_TASK,
    UMAZE,
    change_a_number,
    door_episode,
    load_task,
    prepare_task,
    write,
)


def test_what_was_brought_is_never_written_to_and_yet_known_again(tmp_path: Path) -> None:
    folder = write(DOOR, door_episode(0), door_episode(1))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    load_task(DOOR_TASK)
    assert sealed_hash(DOOR) is None, "loading keeps nothing"
    first = prepare_task(DOOR_TASK)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(str(sealed_hash(DOOR))) == 64
    assert load_task(DOOR_TASK).metadata == first.metadata
    change_a_number(folder)
    with pytest.raises(BadDatasetError) as caught:
        prepare_task(DOOR_TASK)
    assert f"dataset {DOOR}, for adroit-door-human, was altered: the hash" in caught.value.reason
    seal = seal_file(DOOR)
    remedy = f"put back what it was, or, if it was altered on purpose, delete {seal}"
    assert caught.value.remedy == remedy
    assert seal is not None and seal.is_relative_to(tmp_path / "cache")
    seal.unlink()
    assert prepare_task(DOOR_TASK).metadata["hash"] != first.metadata["hash"]


def test_a_cache_that_takes_nothing_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MAGE_BENCH_CACHE", str(tmp_path / "file"))
    folder = write(DOOR, door_episode(0))
    first = prepare_task(DOOR_TASK)
    change_a_number(folder, "episode_0")
    assert prepare_task(DOOR_TASK).metadata["hash"] != first.metadata["hash"]


def test_a_hash_of_the_datasets_own_counts(own_umaze: Path) -> None:
    assert prepare_task(UMAZE, "local").metadata["kind"] == "collected here"
    assert sealed_hash("mage/maze2d/umaze-v0") is None


def test_what_relabelling_needs_is_part_of_the_hash_where_the_dataset_says_so() -> None:
    episodes = [
        replace(door_episode(index), infos={"qpos": np.full((7, 2), index), "time": np.arange(7)})
        for index in range(2)
    ]
    content = ContentHash(["qpos"])
    for episode in episodes:
        content.add(episode)
    own = {CONTENT_HASH: content.hexdigest(), HASHED_INFOS: ["qpos"]}
    folder = write(DOOR, *episodes, **own)
    assert load_task(DOOR_TASK).metadata["recorded_steps"] == 12
    with h5py.File(folder / "data" / "main_data.hdf5", "r+") as file:
        file["episode_1/infos/time"][3] += 1
    load_task(DOOR_TASK)
    with h5py.File(folder / "data" / "main_data.hdf5", "r+") as file:
        file["episode_1/infos/qpos"][3] += 1
    with pytest.raises(BadDatasetError, match="was altered: the hash of its content"):
        load_task(DOOR_TASK)


def test_a_seal_is_of_one_dataset_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_seal(DOOR, "abc")
    assert (sealed_hash(DOOR), sealed_hash("my/door-v0")) == ("abc", None)
    (tmp_path / "minari").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "link"))
    assert sealed_hash(DOOR) == "abc"
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "other"))
    assert sealed_hash(DOOR) is None
    remove_seal(DOOR)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    assert sealed_hash(DOOR) == "abc"
    remove_seal(DOOR)
    assert sealed_hash(DOOR) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "3"])
def test_a_damaged_seal_is_none(text: str) -> None:
    keep_seal(DOOR, "abc")
    seal = seal_file(DOOR)
    assert seal is not None
    seal.write_text(text)
    assert sealed_hash(DOOR) is None


def test_seals_lie_where_caches_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAGE_BENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert str(seal_file(DOOR)).startswith(f"{tmp_path}/xdg/mage-bench/seals/")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "~/caches")
    assert str(seal_file(DOOR)).startswith(f"{tmp_path}/home/caches/mage-bench/seals/")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert str(seal_file(DOOR)).startswith(f"{tmp_path}/home/.cache/mage-bench/seals/")

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert seal_file(DOOR) is None
    keep_seal(DOOR, "abc")
    remove_seal(DOOR)
    assert sealed_hash(DOOR) is None


def test_what_is_remembered_lies_where_the_user_says_or_in_the_folder_for_caches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAGE_BENCH_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("MAGE_BENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches" / "mage-bench"
