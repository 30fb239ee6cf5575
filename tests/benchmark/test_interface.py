"""The dataset's layout: episode borders, returns-to-go, windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, TaskInfo


def _dataset(ends: list[int], rewards: list[float]) -> Dataset:
    rows = np.arange(len(rewards))
    return Dataset(
        observations=np.zeros((len(rows), 1), np.float32),
        actions=np.zeros((len(rows), 1), np.float32),
        rewards=np.array(rewards, np.float32),
        terminals=np.zeros(len(rows), bool),
        timeouts=np.isin(rows, ends),
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"terminals": np.zeros(4, np.uint8)}, "terminals .* 1 dimensions of type uint8; .* bool"),
        ({"timeouts": np.ones(4, np.int64)}, "the timeouts of .* type int64; expected 1 of bool"),
        ({"observations": np.zeros(4, np.float32)}, "observations .* 1 dimensions .* expected 2"),
        ({"actions": np.zeros((4, 1))}, "actions .* type float64; expected 2 of float32"),
        ({"rewards": np.zeros((4, 1), np.float32)}, "rewards .* 2 dimensions .* expected 1 of"),
        (
            {"rewards": [0.0] * 4},
            r"rewards .* of type list; .*: np.asarray\(rewards, np.float32",
        ),
        ({"rewards": torch.zeros(4)}, "rewards of a dataset have 1 dimensions of type Tensor"),
        ({"rewards": np.zeros(3, np.float32)}, "need one length above 0"),
        ({"timeouts": np.zeros(4, bool)}, "the last row of a dataset must end an episode"),
    ],
)
def test_a_dataset_is_what_it_promises(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(_dataset([3], [0.0] * 4), **changes)


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


def test_an_episode_ends_with_a_terminal_or_a_timeout() -> None:
    dataset = replace(
        _dataset([1, 5], [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]),
        terminals=np.array([0, 0, 1, 0, 0, 0], bool),
    )
    assert dataset.starts.tolist() == [0, 2, 3]
    assert dataset.ends.tolist() == [2, 3, 6]
    assert dataset.returns_to_go(0.5).tolist() == [2, 2, 4, 24, 32, 32]
    assert dataset.episode_returns().tolist() == [3, 4, 56]
    assert dataset.returns_to_go(0.5).dtype == np.float32
    assert len(dataset) == 6


def test_one_long_and_many_short_episodes() -> None:
    dataset = _dataset([0, 1, 6], [1.0] * 7)
    assert dataset.returns_to_go(1.0).tolist() == [1, 1, 5, 4, 3, 2, 1]
    assert _dataset([0], [3.0]).returns_to_go(0.9).tolist() == [3]
    assert _dataset([0, 1], [3.0, 5.0]).returns_to_go(0.9).tolist() == [3, 5]


def test_small_rewards_are_not_lost_in_a_long_sum() -> None:
    # A thousandth is lost next to 2**24 in float32.
    dataset = _dataset([2000], [0.001] * 2000 + [2.0**24])
    assert dataset.returns_to_go(1.0)[0] == 2**24 + 2
    # 1 is lost there, too, and so is each quarter of it.
    first = _dataset([4], [2.0**24, 0.25, 0.25, 0.25, 0.25])
    assert first.episode_returns().tolist() == [2**24 + 1]


def test_what_a_task_says_where_nobody_says_otherwise() -> None:
    info = TaskInfo("t", 5, -np.ones(3, np.float32), np.ones(3, np.float32), 7)
    assert (info.action_size, info.observation_size, info.max_steps) == (3, 5, 7)
    assert (info.discount, info.return_scale, info.target_return) == (0.99, 1.0, 1.0)
    assert (info.position_columns, info.goal_columns, info.hindsight) == ((), (), None)


def test_windows_repeat_the_last_row_of_their_episode() -> None:
    dataset = _dataset([2, 5], [0.0] * 6)
    rows = dataset.window_rows(np.array([0, 2, 4]), np.array([0, 1, 4]))
    assert rows.tolist() == [[0, 1, 2], [2, 2, 2], [4, 5, 5]]
    apart = dataset.window_rows(np.array([0, 3, 1]), np.array([0, 2]))
    assert apart.tolist() == [[0, 2], [3, 5], [1, 2]]


def test_data_of_another_size_is_refused(tiny_dataset: Dataset, tiny_task: TaskInfo) -> None:
    tiny_dataset.check_fits(tiny_task)
    with pytest.raises(ValueError, match="observations have size 4, those of tiny have 5"):
        tiny_dataset.check_fits(replace(tiny_task, observation_size=5))
    bounds = np.ones(3, np.float32)
    with pytest.raises(ValueError, match="actions have size 2, those of tiny have 3"):
        tiny_dataset.check_fits(replace(tiny_task, action_low=-bounds, action_high=bounds))


def test_arrays_are_frozen() -> None:
    dataset = _dataset([1], [0.0, 0.0])
    for name in ("observations", "actions", "rewards", "terminals", "timeouts"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(dataset, name)[0] = 1.0


def test_lengths_that_differ_are_refused() -> None:
    dataset = _dataset([1], [0.0, 0.0])
    with pytest.raises(ValueError, match=r"one length above 0, got .*'rewards': 1"):
        replace(dataset, rewards=np.zeros(1, np.float32))


def test_no_rows_are_no_dataset() -> None:
    with pytest.raises(ValueError, match="one length above 0, got .*'rewards': 0"):
        _dataset([], [])


def test_an_open_episode_at_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="last row of a dataset must end an episode"):
        _dataset([0], [0.0, 0.0])
