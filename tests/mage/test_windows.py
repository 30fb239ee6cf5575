"""Windows stay inside their episode, and normalising can be undone."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.windows import Normaliser, Windows


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
    made.normalise(Normaliser(1), Normaliser(1))
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
    windows = _windows()
    first = windows.cut(torch.tensor([0]))[0, 0]
    assert torch.equal(first, torch.cat([windows.returns_N1[0], windows.observations_NS[0]]))
    condition = windows.condition(torch.tensor([0]))[0]
    assert torch.equal(condition, torch.cat([windows.observations_NS[0], windows.returns_N1[0]]))


def test_normaliser_has_mean_0_deviation_1_and_an_inverse() -> None:
    values = torch.tensor([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]])
    normaliser = Normaliser(2)
    normaliser.fit(values)
    normalised = normaliser(values)
    assert normalised[:, 0].tolist() == [-1, 0, 1]
    assert normalised[:, 1].tolist() == [0, 0, 0], "a constant column is only shifted"
    assert torch.equal(normaliser.inverse(normalised), values)
