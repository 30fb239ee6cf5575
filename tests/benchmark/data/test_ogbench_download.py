"""OGBench's published files: taken, checked and converted, and each way in which that fails."""

from __future__ import annotations

import errno
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import minari
import numpy as np
import pytest

from benchmark.data import ogbench_download
from benchmark.data.checks import HASHED_INFOS
from benchmark.data.download import download
from benchmark.data.ogbench_download import SOURCE_HASH, _no_network, _patient, file_hash
from benchmark.data.stored import read_metadata
from benchmark.errors import DatasetError
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes

pytest.importorskip("ogbench", reason="needs the package ogbench")

MAZE, SCENE = "ogbench/pointmaze-medium-navigate-v0", "ogbench/scene-play-v0"
EPISODES, STEPS = 3, 4


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's own folder, and datasets of three short episodes as published ones."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in (MAZE, SCENE):
        monkeypatch.setitem(PUBLISHED_SETS, name, Sizes(EPISODES, EPISODES * STEPS))
    folder = tmp_path / "home" / ".ogbench" / "data"
    folder.mkdir(parents=True)
    return folder


def _rows(size: int = 2, episodes: int = EPISODES, steps: int = STEPS) -> dict[str, Any]:
    rows, rng = episodes * (steps + 1), np.random.default_rng(0)
    return {
        "observations": rng.standard_normal((rows, size)).astype(np.float32),
        "actions": rng.uniform(-1, 1, (rows, 2)).astype(np.float32),
        "terminals": np.arange(1, rows + 1) % (steps + 1) == 0,
        "qpos": rng.standard_normal((rows, 5)).astype(np.float32),
        "button_states": rng.integers(0, 2, (rows, 3)),
    }


def _put(folder: Path, dataset_id: str, rows: dict[str, Any]) -> Path:
    file = folder / f"{dataset_id.partition('/')[2]}.npz"
    for path in (file, file.with_name(f"{file.stem}-val.npz")):
        np.savez_compressed(path, **rows)
    return file


def test_a_file_becomes_a_dataset_with_its_hash(folder: Path) -> None:
    rows = _rows()
    file = _put(folder, MAZE, rows)
    download(MAZE)
    dataset = minari.load_dataset(MAZE)
    about = dataset.storage.metadata
    assert (dataset.total_episodes, dataset.total_steps) == (EPISODES, EPISODES * STEPS)
    assert about[SOURCE_HASH] == file_hash(file) and len(about[SOURCE_HASH]) == 64
    assert "pointmaze-medium-navigate-v0.npz, as downloaded from https" in about["description"]
    for index, episode in enumerate(dataset.iterate_episodes()):
        first = index * (STEPS + 1)
        # The last row's action leads nowhere.
        assert np.array_equal(episode.observations, rows["observations"][first : first + STEPS + 1])
        assert np.array_equal(episode.actions, rows["actions"][first : first + STEPS])
        assert not episode.rewards.any() and not episode.terminations.any()
        assert episode.truncations.tolist() == [False] * (STEPS - 1) + [True]
        assert not episode.infos, "the state of a maze is the observation"


def test_the_state_of_the_arm_is_kept(folder: Path) -> None:
    rows = _rows(size=40)
    _put(folder, SCENE, rows)
    download(SCENE)
    episode = minari.load_dataset(SCENE)[1]
    for name in ("qpos", "button_states"):
        assert np.array_equal(episode.infos[name], rows[name][STEPS + 1 : 2 * (STEPS + 1)])
    assert read_metadata(SCENE)[HASHED_INFOS] == ["qpos", "button_states"], "a seal holds it too"


def _fails(dataset_id: str = MAZE) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        download(dataset_id)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_dataset_that_is_not_known_is_refused_before_anything_is_downloaded() -> None:
    message = r"ogbench/cube-triple-play-v0 is none of .* known here; valid: ogbench/.*, ogbench/"
    with pytest.raises(DatasetError, match=message):
        download("ogbench/cube-triple-play-v0")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (_rows(episodes=2), "has 2 episodes in 10 rows; published: 3 episodes of 5 rows"),
        (_rows(steps=5), "has 3 episodes in 18 rows; published"),
        ({**_rows(), "terminals": np.zeros(15, bool)}, "has 0 episodes in 15 rows"),
        (
            {**_rows(), "observations": np.full((15, 2), np.nan)},
            "has observations that are not fin",
        ),
        ({**_rows(), "actions": np.full((15, 2), 1.5)}, "has actions beyond -1 to 1"),
        ({"observations": np.zeros(3)}, "cannot be read (KeyError"),
    ],
)
def test_what_was_not_published_is_refused(
    folder: Path, tmp_path: Path, rows: dict[str, Any], problem: str
) -> None:
    file = _put(folder, MAZE, rows)
    error = _fails()
    assert error.reason.startswith(f"{file} {problem}")
    assert error.remedy == "delete it, and it is downloaded again"
    assert not (tmp_path / "minari" / MAZE).exists()


def test_half_a_file_is_refused(folder: Path) -> None:
    file = _put(folder, MAZE, _rows())
    file.write_bytes(file.read_bytes()[:100])
    assert "cannot be read (BadZipFile" in _fails().reason


def test_a_full_disk_is_not_the_files_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(folder, MAZE, _rows())

    def full(*given: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(minari, "create_dataset_from_buffers", full)
    assert "cannot be written to" in _fails().reason


def test_without_network_the_way_to_copy_it_is_told(folder: Path) -> None:
    _no_network.cache_clear()
    error = _fails()
    assert error.reason == f"{MAZE} cannot be downloaded: no network: HF_HUB_OFFLINE is set"
    assert "ogbench.download_datasets(['pointmaze-medium-navigate-v0'])" in error.remedy
    assert error.remedy.endswith(f"copy both files to {folder}")


def test_without_the_package_the_way_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ogbench_download, "find_spec", lambda name: None)
    assert _fails().remedy == "pip install -c constraints.txt -e '.[ogbench]'"


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], list[float]]:
    """Lets the server answer, or fail with an error; gives how long it was waited for."""

    def answer(error: Exception | None) -> list[float]:
        waited: list[float] = []

        def urlopen(request: Any, timeout: float) -> Any:
            waited.append(timeout)
            if error is not None:
                raise error
            return socket.socket()

        monkeypatch.setattr(urllib.request, "urlopen", urlopen)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        _no_network.cache_clear()
        return waited

    return answer


def test_the_server_is_asked_once(online: Callable[[Exception | None], list[float]]) -> None:
    waited = online(None)
    assert _no_network() is None and _no_network() is None
    assert waited == [10.0]
    online(urllib.error.HTTPError("", 403, "forbidden", {}, None))  # type: ignore[arg-type]
    assert _no_network() is None, "it answers"
    online(urllib.error.URLError("no\nroute"))
    assert "ogbench cannot be reached (<urlopen error no route>)" in str(_no_network())
    _no_network.cache_clear()


def test_the_packages_own_download_is_taken(
    folder: Path,
    online: Callable[[Exception | None], list[float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    online(None)
    asked: list[tuple[list[str], str, float | None]] = []

    def own(names: list[str], place: str) -> None:
        asked.append((names, place, socket.getdefaulttimeout()))
        print("Downloading dataset from: https://...")
        _put(Path(place), MAZE, _rows())

    monkeypatch.setattr("ogbench.utils.download_datasets", own)
    download(MAZE)
    assert asked == [(["pointmaze-medium-navigate-v0"], str(folder), 10.0)]
    assert capsys.readouterr().out == "", "what commands print is for their results"
    assert minari.load_dataset(MAZE).total_episodes == EPISODES


def test_a_download_that_breaks_off_is_told_and_leaves_no_dataset(
    tmp_path: Path,
    online: Callable[[Exception | None], list[float]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    online(None)

    def broken(names: list[str], place: str) -> None:
        raise ConnectionResetError("connection\nreset")

    monkeypatch.setattr("ogbench.utils.download_datasets", broken)
    assert "cannot be downloaded: ConnectionResetError: connection reset" in _fails().reason
    assert not (tmp_path / "minari").exists()
    _no_network.cache_clear()


def test_patience_ends() -> None:
    before = socket.getdefaulttimeout()
    with pytest.raises(KeyboardInterrupt), _patient():
        raise KeyboardInterrupt
    assert socket.getdefaulttimeout() == before
