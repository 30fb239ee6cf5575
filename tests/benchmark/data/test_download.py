"""Minari's own download from a remote that is a folder, and each way in which it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import minari
import pytest

from benchmark.data.download import _no_network, download
from benchmark.errors import DatasetError
from tests.benchmark.data.synthetic_datasets import (
    DOOR,
    door_episode,
    publish,
    remote,
    remote_folder,
)

__all__ = ["remote_folder"]


def _reason(dataset_id: str) -> str:
    with pytest.raises(DatasetError) as caught:
        download(dataset_id)
    assert f"minari download {dataset_id}; then copy the folder to" in caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value.reason


def test_a_dataset_comes_whole_and_can_be_listed(remote_folder: Path) -> None:
    publish(remote_folder)
    download(DOOR)
    assert minari.load_dataset(DOOR).total_episodes == 2
    assert list(minari.list_local_datasets()) == [DOOR]


def test_a_missing_id(remote_folder: Path) -> None:
    publish(remote_folder)
    assert "Couldn't find any version for dataset D4RL/pen/human" in _reason("D4RL/pen/human-v2")


def test_a_version_that_is_too_new(remote_folder: Path) -> None:
    publish(remote_folder)
    reason = _reason("D4RL/door/human-v9")
    assert "The dataset version, D4RL/door/human-v9, doesn't exist" in reason


def test_data_of_a_newer_minari(remote_folder: Path) -> None:
    publish(remote_folder, minari_version="9.9.9")
    with pytest.raises(DatasetError) as caught:
        download(DOOR)
    assert "Couldn't find any compatible version of dataset D4RL/door/human" in caught.value.reason
    assert caught.value.remedy == "update MAGE-bench and Minari (pip install --upgrade minari)"


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINARI_REMOTE", raising=False)
    assert _reason(DOOR) == f"{DOOR} cannot be downloaded: no network: HF_HUB_OFFLINE is set"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, float]]]:
    """What is asked of the network, which answers unless it is told to fail."""
    asked: list[tuple[str, float]] = []
    session = SimpleNamespace(head=lambda place, timeout: asked.append((place, timeout)))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "get_session", lambda: session)
    _no_network.cache_clear()
    yield asked
    _no_network.cache_clear()


def test_the_network_is_asked_once_with_patience(asked: list[tuple[str, float]]) -> None:
    assert _no_network("folder://made-up") is None
    assert asked == [], "a remote of one's own may need no network"
    assert _no_network(None) is None
    assert _no_network(None) is None
    assert asked == [(huggingface_hub.constants.ENDPOINT, 10.0)]


def test_a_network_that_does_not_answer(
    asked: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def head(place: str, timeout: float) -> None:
        raise ConnectionError("no\nroute")

    monkeypatch.delenv("MINARI_REMOTE", raising=False)
    monkeypatch.setattr(huggingface_hub, "get_session", lambda: SimpleNamespace(head=head))
    place = huggingface_hub.constants.ENDPOINT
    assert _reason(DOOR).endswith(f"no network: {place} cannot be reached (no route)")


def test_an_interrupted_download_leaves_nothing(
    remote_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(remote_folder, *(door_episode(index) for index in range(3)))
    storage = remote(remote_folder)

    def half(self: object, dataset_id: str, path: Path) -> None:
        shutil.copytree(remote_folder / dataset_id, path / dataset_id)
        (path / dataset_id / "data" / "main_data.hdf5").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(storage, "download_dataset", half)
    monkeypatch.setitem(minari.storage.remotes._registry, "folder", lambda: storage)
    with pytest.raises(KeyboardInterrupt):
        download(DOOR)
    assert list((tmp_path / "minari").iterdir()) == []


def test_an_error_half_way_is_one_line_and_leaves_nothing(
    remote_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(remote_folder)
    storage = remote(remote_folder)

    def broken(self: object, dataset_id: str, path: Path) -> None:
        (path / dataset_id).mkdir(parents=True)
        raise ConnectionResetError("connection\nreset")

    monkeypatch.setattr(storage, "download_dataset", broken)
    monkeypatch.setitem(minari.storage.remotes._registry, "folder", lambda: storage)
    assert "ConnectionResetError: connection reset" in _reason(DOOR)
    assert list((tmp_path / "minari").iterdir()) == []
