"""Windows stay inside their episode, and hold what they should: known answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.windows import Windows

# Discounted by a half, from each of the rows to the end of its episode.
RETURNS = [1.25, 0.5, 1.0, 2.0, 4.0, 8.25, 0.5, 1.0, 2.0]
DEVIATION = 7.5**0.5  # Of the numbers 0 to 8: 2 (16 + 9 + 4 + 1) / (9 - 1).


def _counting_dataset() -> Dataset:
    """Episodes of 5 and 4 steps whose observation is the row number."""
    rows = np.arange(9, dtype=np.float32)
    return Dataset(
        observations=rows[:, None],
        actions=10 * rows[:, None],
        rewards=np.array([1, 0, 0, 0, 4, 8, 0, 0, 2], np.float32),
        terminals=rows == 4,
        timeouts=rows == 8,
    )


def _planner_and_windows(**settings: object) -> tuple[Planner, Windows]:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2), **settings)  # type: ignore[arg-type]
    planner = Planner(config, 1, 1)
    windows = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    windows.normalise(planner)
    return planner, windows


def _windows(**settings: object) -> Windows:
    return _planner_and_windows(**settings)[1]


def test_windows_repeat_the_last_step_and_never_cross_an_episode() -> None:
    cut = _windows(sequence=("action",)).cut(torch.arange(9))[..., 0] / 10
    assert cut.tolist() == [
        *([0, 2, 4, 4], [1, 3, 4, 4], [2, 4, 4, 4], [3, 4, 4, 4], [4, 4, 4, 4]),
        *([5, 7, 8, 8], [6, 8, 8, 8], [7, 8, 8, 8], [8, 8, 8, 8]),
    ]


def test_before_they_are_normalised_returns_are_those_of_the_task() -> None:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2))
    windows = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    assert len(windows) == 9
    assert windows.returns_N1.tolist() == [[value] for value in RETURNS]
    assert windows.observations_NS.tolist() == [[row] for row in range(9)]
    assert windows.actions_NA.tolist() == [[10 * row] for row in range(9)]


def test_observations_and_returns_are_normalised_and_actions_are_not() -> None:
    planner, windows = _planner_and_windows()
    observations = [(row - 4) / DEVIATION for row in range(9)]
    assert windows.observations_NS[:, 0].tolist() == pytest.approx(observations)
    returns = (np.array(RETURNS) - np.mean(RETURNS)) / np.std(RETURNS, ddof=1)
    assert windows.returns_N1[:, 0].tolist() == pytest.approx(returns.tolist(), abs=1e-6)
    assert windows.actions_NA[3] == 30
    assert planner.returns.largest.item() == pytest.approx(returns[5])
    assert windows.advantages_N1.tolist() == [[0.0]] * 9


def test_a_step_holds_return_observation_and_action_in_this_order() -> None:
    windows = _windows(relative=False, sequence=("action", "observation", "return"))
    cut = windows.cut(torch.tensor([5, 1]))
    assert cut.shape == (2, 4, 3)
    for place, row in enumerate([1, 3, 4, 4]):
        expected = [windows.returns_N1[row].item(), (row - 4) / DEVIATION, 10.0 * row]
        assert cut[1, place].tolist() == pytest.approx(expected)
    assert windows.cut(torch.tensor([5]))[0, 0, 2] == 50


def test_a_condition_is_what_the_window_starts_from() -> None:
    windows = _windows()
    windows.advantages_N1 = torch.arange(9.0)[:, None] / 10
    condition = windows.condition(torch.tensor([6, 0]))
    assert torch.equal(condition.observation_BS, windows.observations_NS[[6, 0]])
    assert torch.equal(condition.return_B1, windows.returns_N1[[6, 0]])
    assert condition.advantage_B1.flatten().tolist() == pytest.approx([0.6, 0.0])


def test_relative_windows_tell_how_far_they_get_in_deviations_of_all() -> None:
    planner, windows = _planner_and_windows()
    # All windows get so far, in rows: 0 2 4 4, 0 2 3 3, 0 2 2 2, 0 1 1 1, 0 0 0 0 and 0 2 3 3,
    # 0 2 2 2, 0 1 1 1, 0 0 0 0: 44 in 36 numbers, whose squares are 110.
    mean, deviation = 44 / 36, ((110 - 44**2 / 36) / 35) ** 0.5
    cut = windows.cut(torch.tensor([0, 6]))
    expected = [[(far - mean) / deviation for far in row] for row in ([0, 2, 4, 4], [0, 2, 2, 2])]
    np.testing.assert_allclose(cut[..., 1], expected, rtol=1e-4)
    assert torch.equal(cut[0, :, 0], windows.returns_N1[[0, 2, 4, 4], 0]), "returns are not"
    assert planner.difference_normaliser.mean.item() == pytest.approx(mean / DEVIATION)
    assert torch.equal(windows.cut(torch.tensor([0, 6])), cut), "cutting changes nothing"


def test_of_many_windows_some_from_everywhere_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mage.windows._WINDOWS_MEASURED", 3)
    planner, _ = _planner_and_windows()
    # Those of rows 0, 4 and 8: 0 2 4 4, and twice 0 0 0 0.
    assert planner.difference_normaliser.mean.item() == pytest.approx(10 / 12 / DEVIATION)


def test_each_observed_column_is_measured_for_itself(planner: Planner, windows: Windows) -> None:
    assert len(windows) == 120
    assert len(planner.difference_normaliser.mean.unique()) == 4
    assert len(planner.difference_normaliser.deviation.unique()) == 4


@pytest.mark.parametrize(
    "settings", [{"relative": False}, {"sequence": ("return", "action")}], ids=str
)
def test_where_no_differences_are_held_none_are_measured(settings: dict[str, object]) -> None:
    planner, windows = _planner_and_windows(**settings)
    assert planner.difference_normaliser.mean.item() == 0
    assert windows.cut(torch.tensor([0])).shape == (1, 4, 2)


def test_relative_windows_of_equal_moves_are_equal() -> None:
    cut = _windows(sequence=("observation",)).cut(torch.tensor([0, 1, 5, 6]))[..., 0]
    torch.testing.assert_close(cut[0, :2], cut[2, :2])  # Both move on by two rows.
    assert not torch.allclose(cut[0], cut[1])  # One step earlier its episode ends.


def test_the_advantage_comes_from_the_return_model() -> None:
    planner, windows = _planner_and_windows()
    with torch.no_grad():
        planner.returns.network[-1].bias.copy_(torch.tensor([0.0, 3.0]))  # No end is reached.
    windows.compute_advantages(planner)
    expected = planner.returns.advantage(windows.observations_NS, windows.returns_N1)
    torch.testing.assert_close(windows.advantages_N1, expected)
    assert not windows.advantages_N1.requires_grad
    assert len(windows.advantages_N1.unique()) > 3
