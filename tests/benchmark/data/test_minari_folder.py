"""A dataset is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark.data.minari_folder import atomic_dataset, folder_of, minari_root
from benchmark.errors import DatasetError
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
