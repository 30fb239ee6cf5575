"""A dataset is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmark.data.minari_folder import (
    atomic_dataset,
    folder_of,
    installed,
    is_there,
    minari_root,
)
from benchmark.errors import DatasetError, UserError
from benchmark.records.lock import LockedError, locked


def test_a_finished_dataset_is_moved_into_place() -> None:
    with atomic_dataset("mine/data-v0"):
        (minari_root() / "mine/data-v0").mkdir(parents=True)
        (minari_root() / "mine" / "namespace_metadata.json").write_text("{}")
    assert folder_of("mine/data-v0").is_dir()
    assert sorted(path.name for path in (minari_root() / "mine").iterdir()) == [
        "data-v0",
        "namespace_metadata.json",
    ]


def test_the_dataset_of_a_process_that_was_faster_stays() -> None:
    target = minari_root() / "mine/data-v0"
    with atomic_dataset("mine/data-v0"):
        for folder, text in ((target, "theirs"), (minari_root() / "mine/data-v0", "ours")):
            folder.mkdir(parents=True)
            (folder / "data").write_text(text)
    assert (target / "data").read_text() == "theirs"
    assert [path.name for path in target.parent.iterdir()] == ["data-v0"]
    assert [path.name for path in minari_root().iterdir()] == ["mine"]


def test_minari_writes_below_a_hidden_folder_meanwhile() -> None:
    place = minari_root()
    with atomic_dataset("mine/data-v0"):
        assert minari_root().parent == place and minari_root().name.startswith(".partial-")
        (minari_root() / "mine/data-v0").mkdir(parents=True)
        assert not (place / "mine").exists()
        with pytest.raises(LockedError), locked(minari_root()):
            pass  # Others leave it alone.
    assert minari_root() == place
    assert [path.name for path in place.iterdir()] == ["mine"]


def test_the_sources_of_a_combined_dataset_come_with_it() -> None:
    place, names = minari_root(), ("one-v0", "deep/two-v0", "both-v0")
    (place / "mine/one-v0/data").mkdir(parents=True)  # It was there before, and stays as it is.
    with atomic_dataset("mine/both-v0"):
        for name in names:
            (minari_root() / "mine" / name / "data").mkdir(parents=True)
            (minari_root() / "mine" / name / "data" / "metadata.json").write_text("{}")
    there = sorted(path.relative_to(place / "mine").as_posix() for path in place.rglob("*.json"))
    assert there == ["both-v0/data/metadata.json", "deep/two-v0/data/metadata.json"]
    assert [path.name for path in place.iterdir()] == ["mine"]


def test_a_folder_that_was_not_named_is_not_named_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MINARI_DATASETS_PATH")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert minari_root() == tmp_path / ".minari" / "datasets"
    with atomic_dataset("data-v0"):
        (minari_root() / "data-v0").mkdir()
    assert "MINARI_DATASETS_PATH" not in os.environ
    assert (tmp_path / ".minari/datasets/data-v0").is_dir()


def test_what_a_namespace_says_of_itself_is_not_written_over() -> None:
    file = minari_root() / "mine" / "namespace_metadata.json"
    file.parent.mkdir(parents=True)
    file.write_text("old")
    with atomic_dataset("mine/data-v0"):
        (minari_root() / "mine/data-v0").mkdir(parents=True)
        (minari_root() / "mine" / "namespace_metadata.json").write_text("new")
    assert file.read_text() == "old"


def test_what_a_killed_process_left_is_removed_but_not_what_a_living_one_writes() -> None:
    dead, alive = minari_root() / ".partial-dead", minari_root() / ".partial-alive"
    for each in (dead, alive):
        each.mkdir(parents=True)
    with locked(alive):
        with pytest.raises(KeyboardInterrupt), atomic_dataset("mine/data-v0"):
            raise KeyboardInterrupt
        assert list(minari_root().iterdir()) == [alive]


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "file"))
    message = "mine/data-v0 cannot be written to .*file .*; set MINARI_DATASETS_PATH"
    with pytest.raises(DatasetError, match=message), atomic_dataset("mine/data-v0"):
        pass


def test_the_folder_may_be_named_from_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MINARI_DATASETS_PATH", "~/sets")
    assert minari_root() == tmp_path / "sets"
    monkeypatch.setenv("MINARI_DATASETS_PATH", "")
    assert minari_root() == tmp_path / ".minari" / "datasets"
    monkeypatch.setenv("MINARI_DATASETS_PATH", "~nobody-of-that-name/sets")
    with pytest.raises(UserError, match="Minari's folder ~nobody-of-that-name/sets cannot be foun"):
        minari_root()


@pytest.mark.parametrize(
    ("name", "reason"),
    [(300 * "x", "File name too long"), ("circle", "Too many levels of symbolic links")],
)
@pytest.mark.parametrize("look", [lambda: is_there("mine/data-v0"), installed])
def test_a_folder_that_cannot_be_looked_into(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    reason: str,
    look: Callable[[], object],
) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / name))
    with pytest.raises(UserError, match=rf"cannot be looked into \({reason}\); set MINARI"):
        look()


def test_a_folder_that_is_not_there_has_no_dataset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for name in ("missing", "file"):
        monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / name))
        assert not is_there("mine/data-v0") and installed() == []


def test_installed_datasets_are_found_through_links_and_hidden_ones_are_not(
    tmp_path: Path,
) -> None:
    for name in ("root-v0", "mine/data-v0", "mine/deep/data-v1", ".partial-x/mine/half-v0"):
        data = minari_root() / name / "data"
        data.mkdir(parents=True)
        (data / "metadata.json").touch()
    (tmp_path / "disk" / "far-v0" / "data").mkdir(parents=True)
    (tmp_path / "disk" / "far-v0" / "data" / "metadata.json").touch()
    (minari_root() / "linked").symlink_to(tmp_path / "disk")
    (minari_root() / "mine" / "back").symlink_to(minari_root())
    (minari_root() / "mine" / "empty").mkdir()
    assert installed() == ["linked/far-v0", "mine/data-v0", "mine/deep/data-v1", "root-v0"]


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another disk than the tests' own."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second disk: /dev/shm is none")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_dataset_has_each_name_that_it_can_be_loaded_by(tmp_path: Path) -> None:
    metadata = tmp_path / "disk" / "deep" / "data-v0" / "data" / "metadata.json"
    metadata.parent.mkdir(parents=True)
    metadata.touch()
    minari_root().mkdir()
    for name, target in {"all": "disk", "part": "disk/deep", "twice": "disk/deep"}.items():
        (minari_root() / name).symlink_to(tmp_path / target)
    assert installed() == ["all/deep/data-v0", "part/data-v0", "twice/data-v0"]


def test_a_namespace_may_be_a_link_to_another_disk(other_disk: Path) -> None:
    minari_root().mkdir()
    (minari_root() / "mine").symlink_to(other_disk)
    (other_disk / ".partial-dead").mkdir()
    for dataset_id in ("mine/data-v0", "mine/deeper/data-v0"):
        with atomic_dataset(dataset_id):
            (minari_root() / dataset_id).mkdir(parents=True)
        assert (minari_root() / dataset_id).is_dir()
    assert sorted(path.name for path in other_disk.iterdir()) == ["data-v0", "deeper"]
