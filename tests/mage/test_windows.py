"""Windows stay inside their episode, and normalising can be undone."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.planner import Planner
from mage.windows import Windows


def _counting_dataset() -> Dataset:
    """Episodes of 5 and 4 steps whose observation is the row number."""
    rows = np.arange(9, dtype=np.float32)
    return Dataset(
        observations=rows[:, None],
        actions=10 * rows[:, None],
        rewards=np.ones(9, np.float32),
        terminals=rows == 4,
        timeouts=rows == 8,
    )


def _windows(**settings: object) -> Windows:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2), **settings)  # type: ignore[arg-type]
    made = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    made.normalise(Planner(config, 1, 1))
    return made


def test_windows_repeat_the_last_step_and_never_cross_an_episode() -> None:
    windows = _windows(sequence=("action",))
    cut = windows.cut(torch.arange(9))[..., 0] / 10
    assert cut[0].tolist() == [0, 2, 4, 4]
    assert cut[3].tolist() == [3, 4, 4, 4]
    assert cut[5].tolist() == [5, 7, 8, 8]
    first_episode, second_episode = cut[:5], cut[5:]
    assert first_episode.max() == 4 and second_episode.min() == 5


def test_pairs_hold_return_then_observation() -> None:
    windows = _windows(relative=False)
    first = windows.cut(torch.tensor([0]))[0, 0]
    assert torch.equal(first, torch.cat([windows.returns_N1[0], windows.observations_NS[0]]))
    condition = windows.condition(torch.tensor([0]))
    assert torch.equal(condition.observation_BS[0], windows.observations_NS[0])
    assert torch.equal(condition.return_B1[0], windows.returns_N1[0])


def test_relative_windows_of_equal_moves_are_equal() -> None:
    windows = _windows(sequence=("observation",))
    cut = windows.cut(torch.tensor([0, 1, 5, 6]))[..., 0]
    torch.testing.assert_close(cut[0, :2], cut[2, :2])  # Both move on by two rows.
    assert not torch.allclose(cut[0], cut[1])  # One step earlier its episode ends.


def test_the_advantage_comes_from_the_return_model() -> None:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2))
    planner, windows = Planner(config, 1, 1), _windows()
    assert not windows.advantages_N1.any()
    windows.judge(planner)
    expected = planner.returns.advantage(windows.observations_NS, windows.returns_N1)
    torch.testing.assert_close(windows.advantages_N1, expected)
