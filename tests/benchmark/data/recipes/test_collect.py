"""Collecting: the same data however it is done, also after an interruption."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import minari
import numpy as np
import pytest

from benchmark.data.minari_folder import atomic_dataset
from benchmark.data.recipes import RECIPES, collect
from benchmark.data.recipes.point_wandering import PointMazePlayer, PointMazeRecipe
from benchmark.data.recipes.recipe import Recording
from benchmark.data.recipes.storage import CONTENT_HASH, read_part
from benchmark.errors import DatasetError
from benchmark.tasks import TASKS
from tests.commands import HANG

# The package has a function of the same name.
collecting: Any = importlib.import_module("benchmark.data.recipes.collect")

ID = "mage/maze2d/umaze-v0"
STEPS = 50


@dataclass(frozen=True)
class ShortRecipe(PointMazeRecipe):
    """Maze2D in episodes of a few steps."""

    def player(self) -> PointMazePlayer:
        return PointMazePlayer(TASKS[self.task], STEPS)


@dataclass(frozen=True)
class DeadlyRecipe(ShortRecipe):
    """Ends the process that records it."""

    def player(self) -> PointMazePlayer:
        os._exit(3)


@dataclass(frozen=True)
class EndlessRecipe(ShortRecipe):
    """Never ends an episode, and says that it plays one."""

    def player(self) -> Any:
        def play(rng: np.random.Generator) -> Recording:
            (Path(os.environ["MAGE_TEST_FOLDER"]) / f"plays-{os.getpid()}").touch()
            time.sleep(HANG)
            raise AssertionError("it was waited for")

        return SimpleNamespace(play=play)


RECIPE = ShortRecipe(ID, "maze2d-umaze", 5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "minari"


@pytest.fixture
def lines() -> list[str]:
    return []


def _content(root: Path) -> str:
    dataset = minari.load_dataset(ID)
    assert dataset.total_episodes == RECIPE.episodes
    assert not (root / ".collecting").exists(), "nothing is left behind"
    content: str = dataset.storage.metadata[CONTENT_HASH]
    return content


def _collect(root: Path, lines: list[str], seed: int = 0, workers: int = 1) -> str:
    """Collects anew and returns the hash of the content."""
    with contextlib.suppress(FileNotFoundError):
        minari.delete_dataset(ID)
    collect(RECIPE, root, atomic_dataset, lines.append, seed=seed, workers=workers)
    return _content(root)


@contextlib.contextmanager
def _interrupted_after(episodes: int) -> Iterator[None]:
    """Lets players be interrupted when they played so many episodes together."""
    play, played = PointMazePlayer.play, iter(range(episodes))

    def interrupted(player: PointMazePlayer, rng: np.random.Generator) -> Recording:
        if next(played, None) is None:
            raise KeyboardInterrupt
        return play(player, rng)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PointMazePlayer, "play", interrupted)
        yield


def test_the_same_seed_gives_the_same_data_whatever_the_number_of_processes(
    root: Path, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    alone = _collect(root, lines)
    assert list(tmp_path.glob("*.xml")) == [], "nothing is left in the temporary folder"
    assert _collect(root, lines, workers=2) == alone
    assert list(tmp_path.glob("*.xml")) == []
    assert lines[0] == f"{ID}: 5 episodes, 1 process"
    assert f"{ID}: 5 episodes, 2 processes" in lines
    assert lines[-2:] == [f"{ID}: 5 of 5 episodes, 0 s left", f"{ID}: writing the dataset"]
    assert _collect(root, lines, seed=1) != alone


def test_an_interrupted_collection_goes_on(root: Path, lines: list[str]) -> None:
    whole = _collect(root, lines)
    minari.delete_dataset(ID)
    with pytest.raises(KeyboardInterrupt), _interrupted_after(3):
        collect(RECIPE, root, atomic_dataset, lines.append)
    assert not (root / ID).exists()
    assert len(list(root.glob(f".collecting/{ID}/*/episode-*.npz"))) == 3
    assert minari.list_local_datasets() == {}
    with _interrupted_after(2):  # Records the missing two, and no more.
        collect(RECIPE, root, atomic_dataset, lines.append)
    assert f"{ID}: 5 episodes, 1 process; 3 are there from before" in lines
    assert _content(root) == whole


def test_episodes_of_another_seed_or_version_are_not_mixed_in(root: Path, lines: list[str]) -> None:
    whole = _collect(root, lines)
    minari.delete_dataset(ID)
    for recipe, seed in ((RECIPE, 1), (replace(RECIPE, version=1), 0)):
        with pytest.raises(KeyboardInterrupt), _interrupted_after(2):
            collect(recipe, root, atomic_dataset, lines.append, seed=seed)
    assert _collect(root, lines) == whole


def test_nothing_is_left_of_a_collection_that_did_not_begin(root: Path, lines: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt), _interrupted_after(0):
        collect(RECIPE, root, atomic_dataset, lines.append)
    assert not (root / ".collecting").exists()


def test_a_process_that_dies_is_told_and_nothing_hangs(root: Path, lines: list[str]) -> None:
    recipe = DeadlyRecipe(ID, "maze2d-umaze", 5)
    with pytest.raises(DatasetError, match=f"collecting {ID} died.*; collect again") as caught:
        collect(recipe, root, atomic_dataset, lines.append, workers=2)
    assert "goes on from there" in caught.value.remedy


def test_a_second_ctrl_c_does_not_wait_for_the_episodes_at_hand(
    root: Path, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGE_TEST_FOLDER", str(tmp_path))
    before, is_over = set(multiprocessing.active_children()), threading.Event()

    def press_twice() -> None:
        for pressed in range(2):
            # The first one when both play, the second one when the first was answered.
            while len(list(tmp_path.glob("plays-*"))) < 2 or len(lines) < 1 + pressed:
                if is_over.wait(0.01):
                    return
            os.kill(os.getpid(), signal.SIGINT)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    fingers = threading.Thread(target=press_twice)
    fingers.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            collect(
                EndlessRecipe(ID, "maze2d-umaze", 5), root, atomic_dataset, lines.append, workers=2
            )
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        is_over.set()
        fingers.join()
        signal.signal(signal.SIGINT, handler)
    assert lines[1] == f"{ID}: finishing the episodes at hand (Ctrl-C again: without them)"
    assert lines[2].startswith(f"{ID}: interrupted; collect again")
    assert set(multiprocessing.active_children()) <= before, "no process is left"


def test_two_at_once_wait_for_each_other(root: Path, lines: list[str]) -> None:
    waiting, others = threading.Event(), []

    def second() -> None:
        def report(line: str) -> None:
            others.append(line)
            waiting.set()

        collect(RECIPE, root, atomic_dataset, report)

    thread = threading.Thread(target=second)

    def report(line: str) -> None:
        if "writing" in line:
            thread.start()
            assert waiting.wait(HANG)

    collect(RECIPE, root, atomic_dataset, report)
    thread.join(HANG)
    assert others == [f"{ID}: another process is collecting it; waiting for its end"]
    assert _content(root)


def test_every_task_with_a_recipe_has_one() -> None:
    named = {recipe_id for task in TASKS.values() for recipe_id in task.recipes}
    assert named == set(RECIPES)
    for recipe_id, recipe in RECIPES.items():
        assert recipe.id == recipe_id
        assert recipe_id in TASKS[recipe.task].recipes
        if "ogbench" not in recipe.packages or find_spec("ogbench"):
            assert recipe.fingerprint(0) != recipe.fingerprint(1)


@pytest.mark.parametrize(
    ("there", "cores", "asked", "processes"),
    # Of 41 episodes, 8 are worth a process: 41 / 8 = 5.1, 25 / 8 = 3.1, 24 / 8 = 3.
    [(0, 64, None, 6), (16, 64, None, 4), (17, 64, None, 3), (0, 5, None, 5), (0, 64, 2, 2)],
)
def test_as_many_processes_as_are_worth_it(
    root: Path,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    there: int,
    cores: int,
    asked: int | None,
    processes: int,
) -> None:
    recipe, started = replace(RECIPE, episodes=41), []
    folder = root / recipe.fingerprint(3)
    folder.mkdir(parents=True)
    for index in range(there):
        (folder / f"episode-{index:05d}.npz").touch()
    monkeypatch.setattr(collecting, "usable_cores", lambda: cores)
    monkeypatch.setattr(collecting, "_record_side_by_side", lambda *given: started.append(given))
    parts = collecting._record_missing(recipe, root, lines.append, 3, asked)
    assert parts == [folder / f"episode-{index:05d}.npz" for index in range(41)]
    (given,) = started
    assert given[:5] == (recipe, 3, parts, list(range(there, 41)), processes)
    before = f"; {there} are there from before" if there else ""
    assert lines == [f"{ID}: 41 episodes, {processes} processes{before}"]


def test_each_episode_has_a_generator_of_the_seed_and_its_number(tmp_path: Path) -> None:
    def play(rng: np.random.Generator) -> Recording:
        return Recording(np.zeros((2, 1)), np.zeros((1, 1)), rng.random(1))

    player: Any = SimpleNamespace(play=play)
    collecting._record(player, 3, 7, tmp_path / "part.npz")
    expected = np.random.default_rng([3, 7]).random(1)
    assert np.array_equal(read_part(tmp_path / "part.npz").rewards, expected)


def test_progress_is_told_every_5_seconds_with_the_time_that_is_left(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(collecting, "time", SimpleNamespace(monotonic=lambda: now[0]))
    progress = collecting._CollectionProgress(replace(RECIPE, episodes=10), 4, lines.append)
    for second in (102.0, 104.9, 105.0, 109.9, 112.0, 112.5):
        now[0] = second
        progress.one_more()
    # Three in 5 s, and three are left; five in 12 s, and one is left; the last is always told.
    assert lines == [
        f"{ID}: 7 of 10 episodes, 5 s left",
        f"{ID}: 9 of 10 episodes, 2 s left",
        f"{ID}: 10 of 10 episodes, 0 s left",
    ]


def test_times_are_told_in_seconds_or_minutes() -> None:
    told = [collecting._duration(seconds) for seconds in (0.4, 89.4, 90, 600)]
    assert told == ["0 s", "89 s", "2 min", "10 min"]


def test_processes_use_one_thread_each_and_this_one_as_many_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    monkeypatch.setenv(names[0], "5")
    monkeypatch.delenv(names[1], raising=False)
    monkeypatch.delenv(names[2], raising=False)
    with collecting._one_thread_each():
        assert [os.environ[name] for name in names] == ["1", "1", "1"]
    assert [os.environ.get(name) for name in names] == ["5", None, None]
