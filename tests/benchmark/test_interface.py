"""The dataset's layout: episode borders, returns-to-go, windows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from benchmark.interface import Dataset, TaskInfo, build_config


def _dataset(ends: list[int], rewards: list[float]) -> Dataset:
    rows = np.arange(len(rewards))
    return Dataset(
        observations=np.zeros((len(rows), 1), np.float32),
        actions=np.zeros((len(rows), 1), np.float32),
        rewards=np.array(rewards, np.float32),
        terminals=np.zeros(len(rows), bool),
        timeouts=np.isin(rows, ends),
    )


def test_borders_of_episodes() -> None:
    dataset = _dataset([2, 3, 5], [0.0] * 6)
    assert dataset.starts.tolist() == [0, 3, 4]
    assert dataset.ends.tolist() == [3, 4, 6]
    assert dataset.last_rows.tolist() == [2, 2, 2, 3, 5, 5]


def test_returns_to_go_stop_at_the_end_of_the_episode() -> None:
    dataset = _dataset([2, 3, 5], [1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    assert dataset.returns_to_go(1.0).tolist() == [7, 6, 4, 8, 48, 32]
    assert dataset.returns_to_go(0.5).tolist() == [3, 4, 4, 8, 32, 32]
    assert dataset.returns_to_go(0.0).tolist() == [1, 2, 4, 8, 16, 32]
    assert dataset.episode_returns().tolist() == [7, 8, 48]


def test_windows_repeat_the_last_row_of_their_episode() -> None:
    dataset = _dataset([2, 5], [0.0] * 6)
    rows = dataset.window_rows(np.array([0, 2, 4]), np.array([0, 1, 4]))
    assert rows.tolist() == [[0, 1, 2], [2, 2, 2], [4, 5, 5]]


def test_data_of_another_size_is_refused(tiny_dataset: Dataset, tiny_task: TaskInfo) -> None:
    tiny_dataset.check_fits(tiny_task)
    with pytest.raises(ValueError, match="observations have size 4, those of tiny have 5"):
        tiny_dataset.check_fits(replace(tiny_task, observation_size=5))
    bounds = np.ones(3, np.float32)
    with pytest.raises(ValueError, match="actions have size 2, those of tiny have 3"):
        tiny_dataset.check_fits(replace(tiny_task, action_low=-bounds, action_high=bounds))


def test_arrays_are_frozen() -> None:
    dataset = _dataset([1], [0.0, 0.0])
    with pytest.raises(ValueError, match="read-only"):
        dataset.rewards[0] = 1.0


def test_lengths_that_differ_are_refused() -> None:
    dataset = _dataset([1], [0.0, 0.0])
    with pytest.raises(ValueError, match=r"one length above 0, got .*'rewards': 1"):
        replace(dataset, rewards=np.zeros(1, np.float32))


def test_an_open_episode_at_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="last row of a dataset must end an episode"):
        _dataset([0], [0.0, 0.0])


def test_unknown_settings_are_refused() -> None:
    @dataclass(frozen=True)
    class Config:
        rate: float = 1.0

    assert build_config(Config, {"rate": 2.0}) == Config(2.0)
    with pytest.raises(ValueError, match="unknown setting 'rat' for Config; known: rate"):
        build_config(Config, {"rat": 2.0})
