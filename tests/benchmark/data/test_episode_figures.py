"""Returns and lengths of recorded episodes, which are read once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.episode_figures import EpisodeFigures, episode_figures
from benchmark.data.seals import cache_folder
from benchmark.data.stored import open_stored, read_metadata
from tests.benchmark.data.reach_world import write_reach
from tests.benchmark.data.synthetic_datasets import door_episode, write

STEPS = 6


def figures(dataset_id: str) -> EpisodeFigures:
    return episode_figures(dataset_id, open_stored(dataset_id, read_metadata(dataset_id)))


def test_returns_and_lengths_are_those_of_the_episodes() -> None:
    rewards = [np.full(STEPS, value) for value in (-2.0, 0.5)]
    write("my/door-v0", *(door_episode(i, rewards=r) for i, r in enumerate(rewards)))
    assert figures("my/door-v0") == EpisodeFigures(-12.0, 3.0, STEPS)


def test_a_format_of_minari_makes_no_difference() -> None:
    pytest.importorskip("pyarrow", reason="Minari's format arrow needs the package pyarrow")
    write_reach("my/hdf5-v0")
    write_reach("my/arrow-v0", data_format="arrow")
    assert figures("my/arrow-v0") == figures("my/hdf5-v0")
    assert figures("my/arrow-v0").longest == 8


def test_they_are_read_once_as_long_as_the_files_are_the_same() -> None:
    folder = write("my/door-v0", door_episode(0, rewards=np.ones(STEPS)))
    first = figures("my/door-v0")
    assert episode_figures("my/door-v0", stored=None) == first, "nothing is opened"
    file = folder / "data" / "main_data.hdf5"
    os.utime(file, ns=(1, 1))
    with pytest.raises(AttributeError):
        episode_figures("my/door-v0", stored=None)


def test_without_a_folder_for_caches_they_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    write("my/door-v0", door_episode(0, rewards=np.ones(STEPS)))
    cache = cache_folder()
    assert cache is not None
    blocked = Path(os.environ["MINARI_DATASETS_PATH"]).parent / "a file"
    blocked.write_text("")
    monkeypatch.setenv("MAGE_BENCH_CACHE", str(blocked))
    assert figures("my/door-v0").most_return == figures("my/door-v0").least_return == STEPS


def test_rewards_that_are_none_are_refused() -> None:
    write("my/door-v0", door_episode(0, rewards=np.full(STEPS, np.nan)))
    with pytest.raises(BadDataError, match="has rewards that are not finite"):
        figures("my/door-v0")
